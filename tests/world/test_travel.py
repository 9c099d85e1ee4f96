from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data import FactTree
from sim.world.travel import (
    Mode,
    distance_km,
    mode_time_min,
    no_travel,
    torus_km,
    travel_table,
    travel_time_min,
)

from .conftest import REGION, facts_of

TEN = 10 * 60.0
coordinates = st.floats(0.0, 1.0)


@pytest.fixture
def travel(facts: FactTree) -> np.void:
    return travel_table(facts)[0]


def test_door_to_door_times_agree_with_the_facts(facts: FactTree, travel: np.void) -> None:
    # E-bike 15 km/h [T019]; metro 35 km/h and 18 min [T020]; 28 min (18-45) for 4.5 km between orders [T021].
    riding = mode_time_min(travel, Mode.EBIKE, 15.0, 10) - mode_time_min(travel, Mode.EBIKE, 0.0, 10)
    assert riding == pytest.approx(60.0)
    assert mode_time_min(travel, Mode.TRANSIT, 35.0, 10) == pytest.approx(60.0 + 18.0)
    share = facts.number("workers.ebike_share")
    mean = share * travel_time_min(travel, 4.5, TEN, 1) + (1 - share) * travel_time_min(travel, 4.5, TEN, 0)
    assert mean == pytest.approx(28.0, abs=3.0)


def test_a_mean_trip_of_ten_km_by_all_modes_takes_about_forty_minutes(travel: np.void) -> None:
    # Non-commute trips in Beijing: 10 km, 40 min (Beijing Transport Institute 2021) [T014].
    assert travel_time_min(travel, 10.0, TEN, 0) == pytest.approx(40.0, abs=8.0)


def test_the_quickest_mode_is_taken(travel: np.void) -> None:
    assert travel_time_min(travel, 0.2, TEN, 0) == mode_time_min(travel, Mode.WALK, 0.2, 10)
    assert travel_time_min(travel, 2.0, TEN, 1) == mode_time_min(travel, Mode.EBIKE, 2.0, 10)
    assert travel_time_min(travel, 20.0, TEN, 1) == mode_time_min(travel, Mode.TRANSIT, 20.0, 10)


def test_no_train_runs_at_night(travel: np.void) -> None:
    assert mode_time_min(travel, Mode.TRANSIT, 20.0, 2) == math.inf
    assert travel_time_min(travel, 20.0, 2 * 60.0, 0) == mode_time_min(travel, Mode.WALK, 20.0, 2)


def test_the_rush_hour_is_slower(travel: np.void) -> None:
    assert travel_time_min(travel, 3.0, 8 * 60.0, 1) > travel_time_min(travel, 3.0, TEN, 1)


@given(km=st.floats(0.0, 80.0), more=st.floats(0.0, 20.0), minute=st.floats(0.0, 1e6))
@settings(max_examples=200, deadline=None)
def test_times_grow_with_distance_repeat_daily_and_never_suffer_from_an_ebike(
    km: float, more: float, minute: float
) -> None:
    travel = travel_table(facts_of(REGION))[0]
    time = travel_time_min(travel, km, minute, 0)
    assert 0.0 < time <= travel_time_min(travel, km + more, minute, 0)
    assert travel_time_min(travel, km, minute, 1) <= time
    assert travel_time_min(travel, km, minute % 1440.0, 0) == time


def test_a_laboratory_has_no_trips() -> None:
    assert travel_time_min(no_travel()[0], 40.0, TEN, 0) == 0.0


@settings(deadline=None)
@given(a=st.tuples(coordinates, coordinates), b=st.tuples(coordinates, coordinates), shift=st.floats(-3, 3))
def test_the_patch_has_no_edge(a: tuple[float, float], b: tuple[float, float], shift: float) -> None:
    side = 2.5
    (x_a, y_a), (x_b, y_b) = (tuple(side * u for u in point) for point in (a, b))
    plain = torus_km(side, x_a, y_a, x_b, y_b)
    images = [math.dist((x_a, y_a), (x_b + i * side, y_b + j * side)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    assert plain == pytest.approx(min(images), abs=1e-9)
    assert plain <= side / math.sqrt(2.0) + 1e-9
    moved = torus_km(side, (x_a + shift) % side, y_a, (x_b + shift) % side, y_b)
    assert moved == pytest.approx(plain, abs=1e-6)


def test_between_districts_the_full_map_counts() -> None:
    same = distance_km(2.0, 1.3, 0, 0.1, 0.1, 0.0, 0.0, 0, 1.9, 0.1, 30.0, 40.0)
    other = distance_km(2.0, 1.3, 0, 0.1, 0.1, 0.0, 0.0, 1, 1.9, 0.1, 30.0, 40.0)
    assert same == pytest.approx(1.3 * 0.2)
    assert other == pytest.approx(1.3 * 50.0)
