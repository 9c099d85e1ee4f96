"""Little's law in the full market, with the numbers counted at clock times and the stays measured on the orders."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from scipy import stats

from sim.scenario import load_scenario
from sim.vocabulary import OrderState
from tests.theory.cases import SCENARIOS
from tests.theory.little import (
    Observation,
    Stays,
    arrivals_times_stay,
    mean_present,
    observe_market,
    sampling_sd,
)
from tests.theory.statistics import bonferroni, counts_before

STAGES = ("waiting", "in_service")
FAMILY_FALSE_ALARM = 1e-3
MARKETS = {"a small market": ("0.0005", 40), "a larger market": ("0.002", 90)}
SLOW = pytest.mark.slow
markets = pytest.mark.parametrize("market", ["a small market", pytest.param("a larger market", marks=SLOW)])


@lru_cache(maxsize=2)
def observed(market: str) -> Observation:
    scale, days = MARKETS[market]
    given = (f"scale={scale}", f"period.days={days}", "period.warm_up_days=7")
    return observe_market(load_scenario(SCENARIOS / "baseline.yaml", given))


def groups(seen: Observation) -> list[tuple[str, int | None]]:
    """Return the stages of all orders and, by service, those that some order reached."""
    services = [None, *np.unique(seen.orders["service"]).tolist()]
    found = [(stage, service) for stage in STAGES for service in services]
    return [group for group in found if len(seen.stays(*group).begin_min)]


def counted_mean(seen: Observation, stage: str, service: int | None) -> float:
    counts = seen.counted(stage)
    return float((counts.sum(axis=1) if service is None else counts[:, service]).mean())


def broken(seen: Observation) -> list[tuple[str, int | None]]:
    """Return the groups for which counting and L = lambda W differ by more than the chance of the minutes."""
    window = (seen.begin_min, seen.end_min)
    quantile = float(stats.norm.isf(bonferroni(FAMILY_FALSE_ALARM, len(groups(seen))) / 2.0))
    found = []
    for group in groups(seen):
        stays = seen.stays(*group)
        from_orders = sum(arrivals_times_stay(stays, *window))
        if not abs(counted_mean(seen, *group) - from_orders) <= quantile * sampling_sd(stays, *window) + 1e-9:
            found.append(group)
    return found


@markets
def test_counting_finds_arrival_rate_times_mean_stay(market: str) -> None:
    assert broken(observed(market)) == []


@markets
def test_every_single_count_is_what_the_orders_say_of_that_minute(market: str) -> None:
    seen = observed(market)
    for stage, service in groups(seen):
        counts = getattr(seen, stage)
        here = counts.sum(axis=1) if service is None else counts[:, service]
        assert here.tolist() == counts_before(*seen.stays(stage, service), seen.minutes).tolist()


@pytest.mark.parametrize(
    ("market", "precision"), [("a small market", 0.04), pytest.param("a larger market", 0.015, marks=SLOW)]
)
def test_the_chance_of_the_minutes_is_small(market: str, precision: float) -> None:
    seen = observed(market)
    window = (seen.begin_min, seen.end_min)
    for stage in STAGES:
        stays = seen.stays(stage)
        assert stats.norm.isf(0.0005) * sampling_sd(stays, *window) < precision * mean_present(stays, *window)


def test_arrivals_and_edges_make_up_the_number_present() -> None:
    seen = observed("a small market")
    window = (seen.begin_min, seen.end_min)
    for group in groups(seen):
        stays = seen.stays(*group)
        assert sum(arrivals_times_stay(stays, *window)) == pytest.approx(
            mean_present(stays, *window), abs=1e-9
        )


def test_edges_by_hand() -> None:
    # In a window of 10 minutes: one stays its first 4, one comes at 8 and stays until 15, one comes and goes within.
    stays = Stays(np.array([6.0, 18.0, 12.0]), np.array([14.0, 25.0, 13.0]))
    assert mean_present(stays, 10.0, 20.0) == pytest.approx((4.0 + 2.0 + 1.0) / 10.0)
    flow, edges = arrivals_times_stay(stays, 10.0, 20.0)
    assert flow == pytest.approx(2.0 / 10.0 * (7.0 + 1.0) / 2.0)
    assert edges == pytest.approx((4.0 - 5.0) / 10.0)


def test_the_chance_of_the_minutes_by_hand() -> None:
    # Present for the first quarter of the first of two hours: variances 3/16 and 0.
    stays = Stays(np.array([0.0]), np.array([15.0]))
    assert sampling_sd(stays, 0.0, 120.0) == pytest.approx(np.sqrt(3.0 / 16.0) / 2.0)


def test_lost_orders_are_found() -> None:
    seen = observed("a small market")
    assert broken(seen.with_orders(seen.orders[np.arange(len(seen.orders)) % 20 > 0]))


def test_waits_that_are_measured_too_short_are_found() -> None:
    seen = observed("a small market")
    orders = seen.orders.copy()
    orders["placed_min"] += 0.05 * np.maximum(orders["start_min"] - orders["placed_min"], 0.0)
    assert ("waiting", None) in broken(seen.with_orders(orders))


def test_services_that_are_measured_too_long_are_found() -> None:
    seen = observed("a small market")
    orders = seen.orders.copy()
    done = orders["state"] == OrderState.COMPLETED
    orders["ended_min"][done] += 0.05 * (orders["ended_min"] - orders["start_min"])[done]
    assert ("in_service", None) in broken(seen.with_orders(orders))
