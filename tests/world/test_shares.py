from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.world.shares import apportion, fitted, systematic

weights = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-3)


@given(st.integers(0, 10**6), weights)
def test_parts_are_quotas_rounded_and_add_up(total: int, parts: list[float]) -> None:
    numbers = apportion(total, parts)
    assert sum(numbers) == total
    whole = math.fsum(parts)
    for number, part in zip(numbers, parts, strict=True):
        assert abs(number - total * part / whole) < 1.0 + 1e-6


@given(st.integers(0, 10**5), weights, st.integers(0, 3))
def test_nobody_gets_less_than_the_floor(total: int, parts: list[float], floor: int) -> None:
    total += floor * len(parts)
    numbers = apportion(total, parts, at_least=floor)
    assert sum(numbers) == total
    assert min(numbers) >= floor


def test_equal_remainders_go_to_the_first() -> None:
    assert apportion(2, [1.0, 1.0, 1.0]) == [1, 1, 0]
    assert apportion(0, [0.0, 0.0]) == [0, 0]


def test_impossible_splits_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot give each of 3"):
        apportion(2, [1, 1, 1], at_least=1)
    with pytest.raises(ValueError, match="all weights are 0"):
        apportion(2, [0.0, 0.0])


def test_fitted_meets_both_margins_and_keeps_zeros() -> None:
    table = fitted([60.0, 40.0], [30.0, 50.0, 20.0], [[True, True, True], [True, True, False]])
    assert [sum(line) for line in table] == pytest.approx([60.0, 40.0])
    assert [sum(line[k] for line in table) for k in range(3)] == pytest.approx([30.0, 50.0, 20.0])
    assert table[1][2] == 0.0


def test_fitted_without_zeros_is_the_independence_table() -> None:
    table = fitted([60.0, 40.0], [30.0, 70.0], [[True, True], [True, True]])
    assert table == [pytest.approx([18.0, 42.0]), pytest.approx([12.0, 28.0])]


@given(st.integers(1, 500), st.data())
def test_a_systematic_sample_is_spread_without_repetition(count: int, data: st.DataObject) -> None:
    chosen = data.draw(st.integers(0, count))
    start = data.draw(st.floats(0.0, 1.0, exclude_max=True))
    sample = systematic(count, chosen, start)
    assert len(set(sample)) == chosen
    assert all(0 <= position < count for position in sample)
    if chosen > 1:
        gaps = [later - earlier for earlier, later in itertools.pairwise(sample)]
        assert max(gaps) - min(gaps) <= 1
