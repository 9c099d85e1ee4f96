"""The yardsticks of `make bench` do what they claim: a fair textbook market and a calendar of the stated depth."""

from __future__ import annotations

import math

import pytest

from benchmarks import simpy_bare
from benchmarks.profile import ROOT, by_module, module_of, profiled
from benchmarks.textbook import Household, Market, Size, orders_per_second

SMALL = Size(households=400, workers=40, orders_per_day=60.0, workers_per_km2=4.0)


def test_every_order_of_the_textbook_market_is_served_unserved_or_open() -> None:
    market = Market(SMALL)
    market.run_for(20)
    open_orders = market.requested - market.completed - market.unserved
    assert market.requested == pytest.approx(20 * 60.0, abs=4 * math.sqrt(20 * 60.0))
    assert market.completed > 0.9 * market.requested
    assert 0 <= open_orders <= 3 * 60.0


def test_the_textbook_market_finds_the_nearest_who_can_come() -> None:
    market = Market(SMALL)
    household = next(iter(market.agents_by_type[Household]))
    candidates = [worker for worker in market.workers if 2 in worker.skills]
    km = {
        worker: math.hypot(worker.x_km - household.x_km, worker.y_km - household.y_km)
        for worker in candidates
    }
    ranked = sorted(candidates, key=lambda worker: km[worker])
    assert market.nearest(household, 2, end=120.0) is ranked[0]
    ranked[0].free = False
    assert market.nearest(household, 2, end=120.0) is ranked[1]
    assert market.nearest(household, 2, end=0.9 * km[ranked[1]] / SMALL.speed_km_per_min) is None


def test_workers_who_live_in_take_no_orders() -> None:
    size = Size(households=400, workers=40, orders_per_day=60.0, workers_per_km2=4.0, placed_workers=40)
    market = Market(size)
    market.run_for(3)
    assert (market.completed, market.unserved > 0) == (0, True)


def test_the_rate_counts_the_orders_after_the_first_day() -> None:
    market = Market(SMALL)
    rate, completed = orders_per_second(market, 2)
    assert rate > 0
    assert market.steps == 3
    assert 0 < completed < market.completed


def test_the_bare_loop_keeps_its_calendar_at_the_stated_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    depths: set[int] = set()
    step = simpy_bare.simpy.Environment.step

    def watched(env: simpy_bare.simpy.Environment) -> None:
        depths.add(len(env._queue))
        step(env)

    monkeypatch.setattr(simpy_bare.simpy.Environment, "step", watched)
    assert simpy_bare.orders_per_second(orders=50, depth=30) > 0
    assert depths == {31}


def test_a_profile_tells_modules_apart() -> None:
    assert module_of(str(ROOT / "sim" / "market" / "visits.py")) == "sim/market/visits.py"
    assert module_of("/somewhere/site-packages/simpy/core.py") == "simpy"
    assert module_of("~") == "built in and standard library"


def test_a_profile_of_a_day_finds_the_visit_desk() -> None:
    seconds, calls = by_module(profiled(0.0005, 2))
    assert calls["sim/market/visits.py"] > 100
    assert sum(seconds.values()) > 0.0
