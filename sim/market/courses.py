"""The training desk: bases run cohort after cohort, and who passes and takes the job arrives as a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.clock import MINUTES_PER_DAY, Kind
from sim.rng import decision, derive, uniform
from sim.vocabulary import MoneyKind, Sector

if TYPE_CHECKING:
    from sim.agents.training_base import TrainingBase
    from sim.market.labour import LabourDesk
    from sim.market.market import Market

_SLOTS = 4096
_FIRST = decision("base.first_cohort")


class TrainingDesk:
    """Carries cohorts from their start to the graduates' first day.

    Args:
        market: The shared working memory.
        labour: Takes the graduates in.
        bases: The training bases as agents, by row.
        pause_days: Days between two cohorts of a base.
    """

    def __init__(
        self, market: Market, labour: LabourDesk, bases: list[TrainingBase], pause_days: float
    ) -> None:
        self.market = market
        self.labour = labour
        self.bases = bases
        self.pause_days = pause_days
        market.clock.handle(Kind.GRADUATE, self.on_graduate)
        market.clock.handle(Kind.ENTER, self.on_enter)

    def begin(self) -> None:
        """Find every base somewhere in its cycle of course and pause."""
        rows = self.market.table("bases").used
        for base in range(len(rows)):
            cycle = float(rows["course_days"][base]) + self.pause_days
            share = uniform(self.market.seed, _FIRST, rows["key"][base], np.uint64(0))
            self.market.clock.at(self.market.now_min + share * cycle * MINUTES_PER_DAY, Kind.GRADUATE, base)

    def on_graduate(self, base: int, _stamp: int) -> None:
        """End a cohort: some pass, some of them take the job and travel; then the next cohort is enrolled."""
        market = self.market
        row = market.rows("bases")[base]
        cohort = int(row["cohort"])
        enrolled = int(row["seats"])
        ready = self.bases[base].graduates(cohort, enrolled, market.seed)
        row["enrolled"] += enrolled
        row["passed"] += len(ready.passed)
        market.ledger.transfer(
            market.world.tables, (Sector.REST_OF_WORLD, 0), (Sector.BASE, base), MoneyKind.TRAINING_FEE,
            enrolled * int(row["fee_fen"]),
        )  # fmt: skip
        arrive = market.now_min + float(row["travel_lag_days"]) * MINUTES_PER_DAY
        for seat in ready.taking_the_job:
            market.clock.at(arrive, Kind.ENTER, base, cohort * _SLOTS + seat)
        row["cohort"] += 1
        cycle = float(row["course_days"]) + self.pause_days
        market.clock.at(market.now_min + cycle * MINUTES_PER_DAY, Kind.GRADUATE, base)

    def on_enter(self, base: int, stamp: int) -> None:
        """Take a graduate in as a worker, keyed by base, cohort and seat."""
        row = self.market.rows("bases")[base]
        key = derive(derive(row["key"], np.uint64(stamp // _SLOTS)), np.uint64(stamp % _SLOTS))
        self.labour.enter(key, int(row["trade"]), int(row["origin"]), base, certified=True)
        row["placed"] += 1
