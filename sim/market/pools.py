"""The pool desk: how many newcomers each origin sends, and how many are left there who would come.

People come to where their kin and fellow villagers work, the more of them the more is earned there against home, and as
long as there are any: the expected entries of an origin in a year are

    rate x workers when time started x (workers now / then)**a x (pay gap now / usual gap)**e x available / persons

with the gap of pay remembered by the origin's workers in the region over what a month brings at home. With a usual gap
and a full pool that is the rate of the facts. What is usual is the mean of the first twelve months: the level of pay,
and a festival in it, are no reason to come that was not there before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import MONTHS_PER_YEAR
from sim.vocabulary import Destination, WorkerStatus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.market.market import Market


@dataclass(frozen=True)
class EntryRules:
    """How many come (facts ``labour.*``).

    Attributes:
        network_entry_rate_per_year: Newcomers a year by their own network, per worker of the origin.
        network_strength: Exponent of the number of workers from there (a).
        entry_pay_elasticity: Exponent of the pay gap (e).
    """

    network_entry_rate_per_year: float
    network_strength: float
    entry_pay_elasticity: float


class PoolDesk:
    """Keeps the pools of the origins.

    Args:
        market: The shared working memory.
        rules: How many come.
    """

    def __init__(self, market: Market, rules: EntryRules) -> None:
        self.market = market
        self.rules = rules

    def open_month(self) -> None:
        """Set how many are expected to come from each origin, for the month that begins."""
        pools, rules = self.market.table("pools").used, self.rules
        workers, gap = self._workers(), self._gap()
        self._learn_what_is_usual(gap)
        network = np.divide(
            workers, pools["workers_began"], out=np.ones(len(pools)), where=pools["workers_began"] > 0
        )
        pull = np.divide(
            gap, pools["usual_gap"], out=np.ones(len(pools)), where=(gap > 0) & (pools["usual_gap"] > 0)
        )
        left = np.divide(
            pools["available"], pools["persons"], out=np.zeros(len(pools)), where=pools["persons"] > 0
        )
        for row in range(len(pools)):  # powers of Python's floats, which are the same on every processor
            factor = (
                float(network[row]) ** rules.network_strength * float(pull[row]) ** rules.entry_pay_elasticity
            )
            expected = rules.network_entry_rate_per_year * float(pools["workers_began"][row])
            pools["entries_per_year"][row] = expected * factor * float(left[row])

    def _learn_what_is_usual(self, gap: NDArray[np.float64]) -> None:
        pools = self.market.table("pools").used
        new = (gap > 0.0) & (pools["months_usual"] < MONTHS_PER_YEAR)
        pools["months_usual"] += new
        pools["usual_gap"] += np.where(
            new, (gap - pools["usual_gap"]) / np.maximum(pools["months_usual"], 1), 0.0
        )

    def has_somebody(self, origin: int) -> bool:
        """Return whether a whole person is left in a pool."""
        return bool(self.market.rows("pools")["available"][origin] >= 1.0)

    def take(self, origin: int, *, trained: bool = False) -> None:
        """Count a newcomer out of the pool."""
        row = self.market.rows("pools")[origin]
        row["available"] = max(0.0, float(row["available"]) - 1.0)
        row["trained" if trained else "entered"] += 1

    def give_back(self, origin: int, destination: int) -> None:
        """Count a worker who has gone home for good into the pool again."""
        if destination == Destination.HOME:
            row = self.market.rows("pools")[origin]
            row["available"] += 1.0
            row["came_back"] += 1

    def _workers(self) -> NDArray[np.float64]:
        """Return the workers in the region by origin."""
        workers = self.market.table("workers").used
        here = workers["origin"][workers["status"] != WorkerStatus.LEFT]
        return np.bincount(here, minlength=self.market.table("pools").size).astype(np.float64)

    def _gap(self) -> NDArray[np.float64]:
        """Return remembered pay in the region over pay at home, by origin; 0 where nobody remembers a month."""
        workers, pools = self.market.table("workers").used, self.market.table("pools").used
        remembers = (workers["status"] != WorkerStatus.LEFT) & (workers["months_seen"] > 0)
        origin, pay = workers["origin"][remembers], workers["income_memory_fen"][remembers].astype(np.float64)
        count = np.bincount(origin, minlength=len(pools))
        # Whole fen add exactly in any order of the rows.
        total = np.bincount(origin, weights=np.floor(pay), minlength=len(pools))
        mean = np.divide(total, count, out=np.zeros(len(pools)), where=count > 0)
        return np.divide(
            mean, pools["home_fen_per_month"], out=np.zeros(len(pools)), where=pools["home_fen_per_month"] > 0
        )
