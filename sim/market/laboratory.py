"""The demand of a textbook queue: a Poisson stream through the same engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.clock import Kind
from sim.market.booking import Booking
from sim.rng import decision, exponential
from sim.vocabulary import NO_ROW

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.market.visits import VisitDesk

_GAP = decision("laboratory.gap")
_PATIENCE = decision("laboratory.patience")
_STREAM = np.uint64(0)


class PoissonStream:
    """A textbook queue's demand: customers in a Poisson stream, each with a finite or infinite patience.

    Args:
        market: The shared working memory of a laboratory.
        visits: The visit desk.
        gap_mean_min: Mean time between two customers.
        patience: Law of patience, ``none``, ``fixed`` or ``exponential``.
        patience_mean_min: Its mean.
    """

    def __init__(
        self, market: Market, visits: VisitDesk, gap_mean_min: float, patience: str, patience_mean_min: float
    ) -> None:
        self.market = market
        self.visits = visits
        self.gap_mean_min = gap_mean_min
        self.patience = patience
        self.patience_mean_min = patience_mean_min
        market.clock.handle(Kind.ARRIVAL, self.on_arrival)

    def begin(self) -> None:
        """Enter the first customer."""
        self._enter(0)

    def on_arrival(self, number: int, _stamp: int) -> None:
        """Let customer ``number`` order, and enter the next one."""
        self._enter(number + 1)
        now = self.market.now_min
        mean = float(self.market.rows("services")["duration_mean_min"][0])
        self.visits.place(
            Booking(
                key=np.uint64(number + 1),
                household=0,
                company=0,
                service=0,
                placement=NO_ROW,
                wanted_min=now,
                earliest_min=now,
                latest_min=now + self._patience_of(number),
                duration_min=mean,
                days_patient=0,
            )
        )

    def _enter(self, number: int) -> None:
        market = self.market
        gap = exponential(self.gap_mean_min, market.seed, _GAP, _STREAM, np.uint64(number))
        market.clock.at(market.now_min + gap, Kind.ARRIVAL, number)

    def _patience_of(self, number: int) -> float:
        if self.patience == "none":
            return float("inf")
        if self.patience == "fixed" or self.patience_mean_min == 0.0:
            return self.patience_mean_min
        seed = self.market.seed
        return exponential(self.patience_mean_min, seed, _PATIENCE, _STREAM, np.uint64(number))
