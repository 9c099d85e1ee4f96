from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.records.cube import FIXED_POINT, Cube
from sim.records.flows import PLACEMENT_MEASURES, add_orders, add_placements, order_cube, placement_cube
from sim.vocabulary import PlacementState
from tests.records.synthetic import PERIOD, make_orders, make_placements, make_world

SEEDS = st.integers(0, 2**32 - 1)


def test_sums_by_day_and_group_of_a_case_done_by_hand() -> None:
    cube = Cube(3, {"side": ("left", "right")}, {"count": 1, "minutes": FIXED_POINT})
    day = np.array([0, 0, 2, 2, 2])
    codes = {"side": np.array([0, 1, 1, 1, 0])}
    cube.add(day, codes, {"count": np.ones(5, np.int64), "minutes": np.array([1.5, 2.0, 0.25, 0.5, 3.0])})
    assert cube.of("side", "count").tolist() == [[1, 1], [0, 0], [1, 2]]
    assert cube.of("side", "minutes").tolist() == [[1.5, 2.0], [0, 0], [3.0, 0.75]]


def test_rows_of_other_days_are_not_counted() -> None:
    cube = Cube(2, {"all": ("all",)}, {"count": 1})
    cube.add(np.array([-1, 0, 2]), {"all": np.zeros(3, int)}, {"count": np.ones(3, np.int64)})
    assert cube.of("all", "count").sum() == 1


@given(SEEDS, st.lists(st.integers(0, 300), max_size=4))
def test_any_order_and_any_chunks_give_the_same_cube(seed: int, cuts: list[int]) -> None:
    world, rows = make_world(), make_orders(seed, 300)
    whole, parts = order_cube(PERIOD, world), order_cube(PERIOD, world)
    add_orders(whole, PERIOD, rows, world)
    shuffled = np.random.default_rng(seed).permutation(rows)
    for chunk in np.split(shuffled, sorted(cuts)):
        add_orders(parts, PERIOD, chunk, world)
    for dimension, sums in whole.sums.items():
        assert np.array_equal(sums, parts.sums[dimension])


@given(SEEDS, st.integers(0, 100))
def test_placements_are_additive_too(seed: int, cut: int) -> None:
    world, rows = make_world(), make_placements(seed, 100)
    whole, first, second = (placement_cube(PERIOD, world) for _ in range(3))
    add_placements(whole, PERIOD, rows, world)
    add_placements(first, PERIOD, rows[cut:], world)
    add_placements(second, PERIOD, rows[:cut], world)
    first.merge(second)
    for dimension, sums in whole.sums.items():
        assert np.array_equal(sums, first.sums[dimension])


def test_placements_with_which_a_run_begins_are_not_counted() -> None:
    world, rows = make_world(), make_placements(3, 50)
    begun, cube = placement_cube(PERIOD, world), placement_cube(PERIOD, world)
    rows["requested_min"][:10] = rows["start_min"][:10] = 0.0
    add_placements(begun, PERIOD, rows, world)
    add_placements(cube, PERIOD, rows[10:], world)
    for name in PLACEMENT_MEASURES:
        if name not in {"ended", "went_private"}:
            assert np.array_equal(begun.of("city", name), cube.of("city", name)), name
    assert begun.of("city", "ended").sum() == np.count_nonzero(rows["state"] == PlacementState.ENDED)


def test_what_goes_on_without_the_firm_is_no_new_request_and_no_start() -> None:
    world, rows = make_world(), make_placements(3, 50)
    went_on, cube = placement_cube(PERIOD, world), placement_cube(PERIOD, world)
    rows["went_on"][:10] = 1
    add_placements(went_on, PERIOD, rows, world)
    add_placements(cube, PERIOD, rows[10:], world)
    for name in ("requested", "found", "started", "contracts_requested", "contracts_started"):
        assert np.array_equal(went_on.of("city", name), cube.of("city", name)), name
    assert went_on.of("city", "ended").sum() > cube.of("city", "ended").sum()


@given(SEEDS)
def test_every_dimension_adds_up_to_the_city(seed: int) -> None:
    world = make_world()
    cube = order_cube(PERIOD, world)
    add_orders(cube, PERIOD, make_orders(seed, 200), world)
    add_orders(cube, PERIOD, make_orders(seed + 1, 20, ended=False), world)
    city = cube.sums["city"].sum(axis=2)
    for sums in cube.sums.values():
        assert np.array_equal(sums.sum(axis=2), city)


@given(SEEDS)
def test_requested_is_completed_cancelled_unserved_and_open_on_every_day(seed: int) -> None:
    world = make_world()
    cube = order_cube(PERIOD, world)
    add_orders(cube, PERIOD, make_orders(seed, 200), world)
    add_orders(cube, PERIOD, make_orders(seed + 1, 20, ended=False), world)
    ends = sum(cube.of("district", name) for name in ("completed", "cancelled", "unserved", "open"))
    assert np.array_equal(cube.of("district", "requested"), ends)
    assert cube.of("city", "open").sum() == 20


def test_a_year_of_the_longest_waits_does_not_overflow() -> None:
    cube = Cube(1, {"all": ("all",)}, {"wait_min2": 16})
    month = 30.0 * 1440.0
    rows = np.full(1_000_000, month * month)
    cube.add(np.zeros(len(rows), int), {"all": np.zeros(len(rows), int)}, {"wait_min2": rows})
    assert cube.of("all", "wait_min2")[0, 0] == pytest.approx(1e6 * month * month, rel=1e-12)
