"""Little's law in a whole market: how many wait or are served at once, against how many come and how long they stay.

The numbers are read off the model's tables at one random minute of every hour, as somebody would who walks in and
counts. The stays are taken from the orders' own time stamps. Over a window, the mean number present is the rate of
arrivals times the mean stay, plus what those who were there before stay on, less what is stayed after the end (Little
1961, "A proof for the queuing formula L = lambda W", Operations Research 9; the edges are exact, so no steady state is
needed). What remains between the two is the chance of the minutes at which was counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.clock import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR
from sim.model import MarketModel
from sim.rng import decision, uniform
from sim.scenario import Scenario
from sim.state import Rows
from sim.vocabulary import OrderState
from tests.theory import statistics
from tests.theory.laboratory import OrderCollector
from tests.theory.statistics import Floats

Counts = NDArray[np.int64]
COLUMNS = ["service", "state", "placed_min", "start_min", "ended_min"]
_MINUTE = decision("test.minute_of_snapshot")


class Stays(NamedTuple):
    """When each of some orders entered and left a stage; who has not left, leaves at the end of the run."""

    begin_min: Floats
    end_min: Floats


@dataclass(frozen=True, eq=False)
class Observation:
    """A run of a market as counted from outside and as stamped on the orders.

    Attributes:
        minutes: When was counted: one minute in every hour of the run.
        waiting: Orders placed and not begun, by minute and service.
        in_service: Orders being served, by minute and service.
        orders: All orders of the run (columns ``COLUMNS``).
        begin_min: Where the window begins.
        end_min: Where window and run end.
    """

    minutes: Floats
    waiting: Counts
    in_service: Counts
    orders: Rows
    begin_min: float
    end_min: float

    def counted(self, stage: str) -> Counts:
        """Return a stage's counts within the window, by minute and service."""
        counts: Counts = getattr(self, stage)[self.minutes >= self.begin_min]
        return counts

    def stays(self, stage: str, service: int | None = None) -> Stays:
        """Return the stays of all orders, or of one service's, in a stage."""
        orders = self.orders if service is None else self.orders[self.orders["service"] == service]
        begun = (orders["state"] == OrderState.IN_SERVICE) | (orders["state"] == OrderState.COMPLETED)
        ended = np.where(orders["state"] >= OrderState.COMPLETED, orders["ended_min"], self.end_min)
        if stage == "in_service":
            return Stays(orders["start_min"][begun], ended[begun])
        return Stays(orders["placed_min"], np.where(begun, orders["start_min"], ended))

    def with_orders(self, orders: Rows) -> Observation:
        """Return the same counts with other orders."""
        return replace(self, orders=orders)


def observe_market(scenario: Scenario) -> Observation:
    """Run a scenario and count its orders at a keyed random minute of every hour."""
    collector = OrderCollector(COLUMNS)
    model = MarketModel(scenario, collector)
    services = model.tables["services"].size
    period = scenario.settings.period
    hours = period.days * HOURS_PER_DAY
    minutes = np.array([_minute_in(hour, model.market.seed) for hour in range(hours)])
    counts = np.zeros((2, hours, services), np.int64)
    for hour, minute in enumerate(minutes):
        model.advance_to(float(minute))
        counts[:, hour] = _count(model, services)
    model.run_days(1)
    model.close()
    model.release()
    return Observation(
        minutes, counts[0], counts[1], np.concatenate(collector.parts),
        period.warm_up_days * MINUTES_PER_DAY, period.days * MINUTES_PER_DAY,
    )  # fmt: skip


def _minute_in(hour: int, seed: np.uint64) -> float:
    return MINUTES_PER_HOUR * (hour + uniform(seed, _MINUTE, np.uint64(hour), np.uint64(0)))


def _count(model: MarketModel, services: int) -> Counts:
    rows = model.tables["orders"].used
    present = rows[(rows["state"] > OrderState.NONE) & (rows["state"] < OrderState.COMPLETED)]
    served = (present["state"] == OrderState.IN_SERVICE) & (present["start_min"] < model.now_min)
    return np.array(
        [np.bincount(present["service"][which], minlength=services) for which in (~served, served)]
    )


def mean_present(stays: Stays, begin_min: float, end_min: float) -> float:
    """Return the mean number present in a window, from the part of each stay that lies in it."""
    within = np.minimum(stays.end_min, end_min) - np.maximum(stays.begin_min, begin_min)
    return float(np.maximum(within, 0.0).sum() / (end_min - begin_min))


def arrivals_times_stay(stays: Stays, begin_min: float, end_min: float) -> tuple[float, float]:
    """Return lambda times W of those who come in a window, and what its edges add to the mean number present."""
    length = end_min - begin_min
    came = (stays.begin_min >= begin_min) & (stays.begin_min < end_min)
    earlier = stays.begin_min < begin_min
    still_there = np.maximum(np.minimum(stays.end_min, end_min)[earlier] - begin_min, 0.0).sum()
    after_the_end = np.maximum(stays.end_min[came] - end_min, 0.0).sum()
    rate, mean_stay = came.sum() / length, (stays.end_min - stays.begin_min)[came].sum() / max(came.sum(), 1)
    return float(rate * mean_stay), float((still_there - after_the_end) / length)


def sampling_sd(stays: Stays, begin_min: float, end_min: float) -> float:
    """Return the standard deviation of a mean over one random minute in every hour (stratified sampling)."""
    edges = np.arange(begin_min, end_min + 1.0, MINUTES_PER_HOUR)
    path = statistics.count_path(*stays)
    highest = int(path.counts.max())
    shares = statistics.time_by_count(path, edges, highest) / MINUTES_PER_HOUR
    count = np.arange(highest + 2)
    variances = shares @ count**2 - (shares @ count) ** 2
    return float(np.sqrt(np.maximum(variances, 0.0).sum()) / len(variances))
