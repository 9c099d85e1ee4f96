"""Running moments: one by one, in parts and at once they are the same, and those of SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.experiments.statistics import Moments, SampleError

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


def assert_equal_moments(found: Moments, wanted: Moments, size: float) -> None:
    """Fail when two moments differ by more than rounding of values of a given size."""
    assert found.count == wanted.count
    rounding = 1e-12 * (1.0 + found.count)
    subnormal = 1e-300  # below it a float has too few digits left for a relative bound
    np.testing.assert_allclose(found.mean, wanted.mean, atol=rounding * size + subnormal)
    np.testing.assert_allclose(found.second, wanted.second, rtol=1e-9, atol=rounding * size**2 + subnormal)
    np.testing.assert_allclose(found.third, wanted.third, rtol=1e-9, atol=rounding * size**3 + subnormal)


@given(VALUES, VALUES)
def test_merged_parts_are_the_whole(first: list[float], second: list[float]) -> None:
    size = max(map(abs, first + second))
    assert_equal_moments(Moments.of(first).merge(Moments.of(second)), Moments.of(first + second), size)


@given(VALUES)
def test_one_by_one_is_the_whole(values: list[float]) -> None:
    running = Moments.empty()
    for value in values:
        running = running.add(value)
    assert_equal_moments(running, Moments.of(values), max(map(abs, values)))


@given(VALUES, VALUES, VALUES)
def test_the_grouping_of_parts_does_not_matter(a: list[float], b: list[float], c: list[float]) -> None:
    x, y, z = map(Moments.of, (a, b, c))
    assert_equal_moments(x.merge(y).merge(z), x.merge(y.merge(z)), max(map(abs, a + b + c)))


def test_they_are_those_of_scipy() -> None:
    values = np.random.default_rng(1).gamma(2.0, 3.0, (50, 4))
    found = Moments.of(values)
    np.testing.assert_allclose(found.variance, np.var(values, axis=0, ddof=1))
    np.testing.assert_allclose(found.standard_error, stats.sem(values, axis=0))
    np.testing.assert_allclose(found.skewness, stats.skew(values, axis=0))


def test_a_small_spread_on_a_large_number_is_kept() -> None:
    # The textbook sum of squares gives 0 or less here; the variance of 0, 1 and 2 is 1 wherever they lie.
    running = Moments.empty()
    for value in (1e9, 1e9 + 1.0, 1e9 + 2.0):
        running = running.add(value)
    assert float(running.variance) == pytest.approx(1.0)
    assert float(Moments.of([1e9, 1e9 + 1.0, 1e9 + 2.0]).variance) == pytest.approx(1.0)


def test_values_that_are_all_equal_have_neither_spread_nor_skewness() -> None:
    found = Moments.of([0.1] * 30)
    assert (float(found.mean), float(found.variance), float(found.skewness)) == (0.1, 0.0, 0.0)


def test_nothing_is_neutral_and_one_value_has_no_spread() -> None:
    one = Moments.of([3.0])
    assert one.merge(Moments.empty()) is one
    assert Moments.empty().merge(one) is one
    assert math.isnan(float(one.variance))


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [1.0, float("inf")], 3.0])
def test_no_moments_of_nothing_or_of_what_is_missing(values: object) -> None:
    with pytest.raises(SampleError):
        Moments.of(values)  # type: ignore[arg-type]
