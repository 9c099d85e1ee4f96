"""From the order log of a queue to the intervals that are held against theory.

States and waits are estimated with control variates that rest on what goes into the queue alone, never on what the
engine makes of it: how many more orders arrive while ``k`` customers are present than a Poisson stream sends in that
time, and how much longer the services that begin in state ``k`` take than the mean (for the lognormal law, also their
squares). Both have expectation zero in whatever way the queue is worked off, as long as the inputs have their laws;
that they have is checked by batch means without controls.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.theory import statistics
from tests.theory.formulas import Theory
from tests.theory.laboratory import OrderLog
from tests.theory.statistics import Floats, Interval

_NO_WAIT_MIN = 1e-9
STATE = "state_"
PLAIN = ("arrivals_per_min", "service_mean_min", "service_square_min2", "utilisation")
RATIOS = ("wait_mean_min", "wait_probability", "abandonment_probability")


def expected(theory: Theory, least_probability: float) -> dict[str, float]:
    """Return the outcomes that theory speaks of: inputs, main results, and states with at least a probability."""
    named = {name: float(getattr(theory, name)) for name in PLAIN + RATIOS}
    states = {f"{STATE}{k}": float(p) for k, p in enumerate(theory.states) if p > least_probability}
    return {name: value for name, value in (named | states).items() if value > 0.0}


def intervals(
    log: OrderLog, servers: int, theory: Theory, outcomes: tuple[str, ...], batches: int, false_alarm: float
) -> dict[str, Interval]:
    """Return each outcome's interval.

    Args:
        log: What the engine did.
        servers: Number of servers.
        theory: Only its inputs are used: arrival rate, moments of the service time, which states are frequent.
        outcomes: Names as :func:`expected` gives them.
        batches: Number of batches of equal time.
        false_alarm: Rate for each interval.
    """
    states = np.array([int(name.removeprefix(STATE)) for name in outcomes if name.startswith(STATE)])
    sample = Batches(log, servers, states, batches)
    controls = sample.controls(theory)
    found = {}
    for name in outcomes:
        values = sample.values(name)
        if name not in PLAIN:
            values = statistics.without_controls(values, controls)
        found[name] = statistics.mean_interval(values, false_alarm)
    return found


class Batches:
    """A log cut into batches of equal time.

    Args:
        log: What the engine did.
        servers: Number of servers.
        states: The frequent states, rising by one.
        count: Number of batches.
    """

    def __init__(self, log: OrderLog, servers: int, states: NDArray[np.int64], count: int) -> None:
        self.log = log
        self.servers = servers
        self.states = states
        self.edges = np.linspace(log.begin_min, log.end_min, count + 1)
        self.length_min = self.edges[1] - self.edges[0]
        self.arrivals = self._sums(log.placed_min, np.ones(len(log.placed_min)))
        present = statistics.count_path(log.placed_min, log.ended_min[np.isfinite(log.ended_min)])
        self.spent = statistics.time_by_count(present, self.edges, int(states.max()))
        done = log.served & np.isfinite(log.ended_min)
        self.begun_min = log.start_min[done]
        self.service_min = log.ended_min[done] - log.start_min[done]

    def values(self, outcome: str) -> Floats:
        """Return an outcome's batch values."""
        if outcome.startswith(STATE):
            values: Floats = self.spent[:, int(outcome.removeprefix(STATE))] / self.length_min
        else:
            values = getattr(self, f"_{outcome}")()
        return values

    def controls(self, theory: Theory) -> Floats:
        """Return the controls, shape (batches, controls): by state, all states below and above the list in one each."""
        log = self.log
        met = statistics.counts_before(log.placed_min, log.ended_min, log.placed_min)
        surplus = self._sums_by_class(log.placed_min, np.ones(len(met)), self._class_of(met))
        surplus -= theory.arrivals_per_min * self._time_by_class()
        found = statistics.counts_before(log.placed_min, log.ended_min, self.begun_min)
        which = self._class_of(found)
        excesses = [self.service_min - theory.service_mean_min]
        if theory.service_law == "lognormal":
            excesses.append(self.service_min**2 - theory.service_square_min2)
        longer = [self._sums_by_class(self.begun_min, excess, which) for excess in excesses]
        return np.column_stack([surplus, *longer])

    def _time_by_class(self) -> Floats:
        by_class = np.zeros((len(self.edges) - 1, len(self.states) + 2))
        for count, which in enumerate(self._class_of(np.arange(self.spent.shape[1]))):
            by_class[:, which] += self.spent[:, count]
        return by_class

    def _class_of(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return 0 below the frequent states and their number plus one above them."""
        below = self.states[0] - 1
        which: NDArray[np.int64] = np.clip(counts, below, self.states[-1] + 1) - below
        return which

    def _sums(self, instants: Floats, values: Floats) -> Floats:
        batch, inside = statistics.batch_of(instants, self.edges)
        sums = np.bincount(batch[inside], weights=values[inside], minlength=len(self.edges) - 1)
        return sums.astype(np.float64)

    def _sums_by_class(self, instants: Floats, values: Floats, which: NDArray[np.int64]) -> Floats:
        classes = len(self.states) + 2
        batch, inside = statistics.batch_of(instants, self.edges)
        cell = batch[inside] * classes + which[inside]
        sums = np.bincount(cell, weights=values[inside], minlength=(len(self.edges) - 1) * classes)
        return sums.astype(np.float64).reshape(-1, classes)

    def _arrivals_per_min(self) -> Floats:
        rates: Floats = self.arrivals / self.length_min
        return rates

    def _service_mean_min(self) -> Floats:
        return self._per_service(self.service_min)

    def _service_square_min2(self) -> Floats:
        return self._per_service(self.service_min**2)

    def _per_service(self, values: Floats) -> Floats:
        begun = self._sums(self.begun_min, np.ones(len(self.begun_min)))
        return statistics.ratio_batches(self._sums(self.begun_min, values), begun)

    def _utilisation(self) -> Floats:
        log = self.log
        ended = log.ended_min[log.served & np.isfinite(log.ended_min)]
        busy = statistics.count_path(log.start_min[log.served], ended)
        spent = statistics.time_by_count(busy, self.edges, self.servers)
        shares: Floats = spent @ np.arange(self.servers + 2) / (self.servers * self.length_min)
        return shares

    def _wait_mean_min(self) -> Floats:
        return self._per_arrival(self.log.wait_min)

    def _wait_probability(self) -> Floats:
        at_once = self.log.served & (self.log.wait_min <= _NO_WAIT_MIN)
        return self._per_arrival(~at_once)

    def _abandonment_probability(self) -> Floats:
        return self._per_arrival(self.log.given_up)

    def _per_arrival(self, values: Floats | NDArray[np.bool_]) -> Floats:
        sums = self._sums(self.log.placed_min, values.astype(np.float64))
        return statistics.ratio_batches(sums, self.arrivals)
