"""Intervals that hold all at once: known critical values, and their place between alone and Bonferroni."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.experiments.statistics import SampleError, mean_intervals, simultaneous_intervals
from sim.experiments.statistics.draws import normals
from sim.experiments.statistics.simultaneous import bonferroni_confidence, max_t_confidence

TABLES = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).gamma(2.0, 1.0, (4 + seed % 17, 1 + seed % 6))
)


def correlated(count: int, outcomes: int, correlation: float) -> np.ndarray:
    """Return a table whose sample correlations are exactly the given one."""
    drawn = np.random.default_rng(1).standard_normal((count, outcomes))
    white, _ = np.linalg.qr(drawn - drawn.mean(axis=0))
    matrix = np.full((outcomes, outcomes), correlation) + (1.0 - correlation) * np.eye(outcomes)
    table: np.ndarray = white @ np.linalg.cholesky(matrix).T
    return table


def critical_value(table: np.ndarray) -> float:
    """Return the normal quantile that belongs to the confidence of each interval."""
    each = max_t_confidence(table, 0.95, seed=2, draws=200_000)
    return float(stats.norm.ppf(0.5 + each / 2.0))


@pytest.mark.parametrize(("outcomes", "wanted"), [(2, 2.21), (3, 2.35), (4, 2.44), (5, 2.51)])
def test_critical_values_by_the_book(outcomes: int, wanted: float) -> None:
    # Dunnett 1964, "New tables for multiple comparisons with a control", Biometrics 20: two-sided 5 %, infinitely many
    # degrees of freedom, correlation 0.5.
    assert critical_value(correlated(30, outcomes, 0.5)) == pytest.approx(wanted, abs=0.012)


@pytest.mark.parametrize("outcomes", [2, 8])
def test_independent_outcomes_have_sidaks_intervals(outcomes: int) -> None:
    sidak = stats.norm.ppf(0.5 + 0.95 ** (1.0 / outcomes) / 2.0)
    assert critical_value(correlated(30, outcomes, 0.0)) == pytest.approx(sidak, abs=0.012)


def test_one_outcome_under_many_names_has_its_own_interval() -> None:
    one = np.random.default_rng(3).standard_normal(20)
    table = np.column_stack([one, -2.0 * one, one + 5.0])
    together = simultaneous_intervals(table, draws=100_000)
    alone = mean_intervals(table)
    for wide, narrow in zip(together, alone, strict=True):
        assert wide.half_width == pytest.approx(narrow.half_width, rel=0.01)


@settings(max_examples=40)
@given(TABLES)
def test_they_lie_between_those_alone_and_bonferronis(table: np.ndarray) -> None:
    sets = (
        mean_intervals(table),
        simultaneous_intervals(table, draws=500),
        simultaneous_intervals(table, together="bonferroni"),
    )
    for alone, together, bonferroni in zip(*sets, strict=True):
        assert bonferroni.low <= together.low <= alone.low
        assert alone.high <= together.high <= bonferroni.high
        assert together.confidence == 0.95


@settings(max_examples=20)
@given(TABLES, st.floats(0.1, 100.0))
def test_units_and_order_of_outcomes_do_not_matter(table: np.ndarray, scale: float) -> None:
    there = simultaneous_intervals(table, draws=500)
    back = simultaneous_intervals(scale * table[:, ::-1], draws=500)[::-1]
    assert [i.low for i in back] == pytest.approx([scale * i.low for i in there], rel=1e-6)


def test_outcomes_that_never_vary_cost_nothing() -> None:
    table = np.random.default_rng(4).standard_normal((20, 2))
    with_constants = np.column_stack([table, np.full((20, 3), 0.1)])
    found = simultaneous_intervals(with_constants, draws=500)
    assert found[:2] == simultaneous_intervals(table, draws=500)
    assert (found[4].low, found[4].high) == pytest.approx((0.1, 0.1))


def test_the_seed_is_the_key() -> None:
    table = correlated(20, 4, 0.6)
    one, same, other = (simultaneous_intervals(table, seed=seed, draws=500) for seed in (1, 1, 2))
    assert one == same != other


def test_multipliers_are_standard_normal_and_keyed() -> None:
    drawn = normals(1, "test", 400, 30)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 1e-6
    np.testing.assert_array_equal(normals(1, "test", 10, 20), drawn[:10, :20])


def test_bonferroni_shares_the_miss() -> None:
    assert bonferroni_confidence(0.95, 5) == pytest.approx(0.99)


@pytest.mark.parametrize("values", [[1.0, 2.0], [[1.0, 2.0]], [[], []]])
def test_a_table_is_needed(values: list[object]) -> None:
    with pytest.raises(SampleError, match="needed"):
        simultaneous_intervals(values)  # type: ignore[arg-type]
