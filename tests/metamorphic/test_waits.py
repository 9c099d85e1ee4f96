"""More workers never lengthen waits: with the same requests, one pool, and unserved orders as censored waits.

Theory promises it to a pool that is served in the order of arrival. Without abandonment it holds customer by customer
(Kiefer and Wolfowitz 1955: the ordered workloads of c + 1 servers lie below those of c). With abandonment it holds in
distribution only, since who is served now instead of leaving may hold up somebody later; and only if who leaves counts
as a censored wait: the mean wait of those who are served may well rise, because fewer of the patient ones leave.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY
from sim.state import Rows, World
from sim.vocabulary import OrderState
from tests.core.small import Town, run
from tests.market.watch import LIVE, Collector
from tests.theory.statistics import mean_interval

Floats = NDArray[np.float64]
DAYS = 4
SEEDS = range(1, 10)
TIMES_MIN = (5.0, 20.0, 60.0)
FALSE_ALARM = 1e-4
"""Of each comparison; there are three, each of 9 paired differences (t distribution)."""
SERVED = (OrderState.IN_SERVICE, OrderState.COMPLETED)


class Waiting(Collector):
    """Keeps all orders, those that have not ended when the run does included."""

    def run_closed(self, end_min: float, world: World) -> None:
        rows = world.tables["orders"].used
        self.ended.append(rows[np.isin(rows["state"], LIVE)].copy())


@cache
def waits(town: Town, servers: int, *overrides: str) -> tuple[Floats, Floats, Rows]:
    """Return when each order was placed, how long it was observed to wait, and whether it was served then."""
    scenario = town.queue(f"period.days={DAYS}", f"laboratory.servers={servers}", *overrides)
    sink = Waiting()
    run(scenario, sink=sink).close()
    rows = np.sort(sink.orders(), order="placed_min")
    served = np.isin(rows["state"], SERVED)
    given_up = np.isin(rows["state"], (OrderState.UNSERVED, OrderState.CANCELLED))
    left = np.where(given_up, rows["ended_min"], DAYS * MINUTES_PER_DAY)
    return rows["placed_min"], np.where(served, rows["start_min"], left) - rows["placed_min"], served


def surviving(waited: Floats, served: Rows, time_min: float) -> float:
    """Return the share that would wait longer than a time: Kaplan and Meier (1958), who leave being censored."""
    share = 1.0
    for end in np.unique(waited[served & (waited <= time_min)]).tolist():
        at_risk = np.count_nonzero(waited >= end)
        share *= 1.0 - np.count_nonzero(served & (waited == end)) / at_risk
    return share


@given(
    servers=st.integers(1, 6),
    load=st.floats(0.3, 1.3),
    law=st.sampled_from(["exponential", "fixed"]),
    seed=st.integers(0, 2**40),
)
@settings(max_examples=6, deadline=None)
def test_nobody_who_stays_waits_longer_for_one_more_worker(
    servers: int, load: float, law: str, seed: int, town: Town
) -> None:
    """Order by order; an order that is still waiting at the end has waited at least that long."""
    overrides = (
        f"laboratory.arrivals_per_hour={servers * load}",
        f"laboratory.service_time={{law: {law}, mean_min: 60}}",
        "laboratory.patience={law: none}",
        f"seed={seed}",
    )
    placed, before, _ = waits(town, servers, *overrides)
    again, after, _ = waits(town, servers + 1, *overrides)
    assert np.array_equal(placed, again), "the requests must be the same"
    assert (after <= before + 1e-6).all()


@pytest.mark.parametrize("time_min", TIMES_MIN)
def test_censored_waits_are_shorter_for_one_more_worker_where_customers_leave(
    time_min: float, town: Town
) -> None:
    shorter = np.array(
        [
            np.subtract(
                *(surviving(*waits(town, servers, RUSH, f"seed={seed}")[1:], time_min) for servers in (3, 4))
            )
            for seed in SEEDS
        ]
    )
    found = mean_interval(shorter, FALSE_ALARM)
    assert found.mean - found.half_width > 0.0


RUSH = "laboratory.arrivals_per_hour=4"


def test_the_waits_of_those_who_are_served_do_not_tell(town: Town) -> None:
    """Why unserved orders must count: short patience makes the served ones look quick whatever the workers."""
    impatient = (RUSH, "laboratory.patience={law: exponential, mean_min: 10}", "seed=1")
    _, waited, served = waits(town, 3, *impatient)
    assert waited[served].mean() < 10.0
    assert surviving(waited, served, 20.0) > 2.0 * np.mean(waited[served] > 20.0)
