"""Intervals of one outcome: published examples, SciPy's results, and what must hold for any numbers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.signal import lfilter

from sim.experiments.statistics import (
    Interval,
    Moments,
    SampleError,
    batch_means,
    bootstrap_interval,
    mean_interval,
    mean_intervals,
)
from sim.experiments.statistics import bootstrap as bootstrap_module
from sim.experiments.statistics.draws import resamples
from sim.experiments.statistics.mean import arms

FALSE_ALARM = 1e-6
# Values on a grid, so that sums and spreads are not lost in rounding.
VALUES = st.lists(st.integers(-1000, 1000).map(float), min_size=3, max_size=30)
CONFIDENCES = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


def assert_hits(hits: int, trials: int, probability: float) -> None:
    """Fail when so many hits in independent trials have a probability below one in a million."""
    assert stats.binomtest(hits, trials, probability).pvalue > FALSE_ALARM


def ends(interval: Interval) -> tuple[float, float, float]:
    return interval.low, interval.estimate, interval.high


def test_a_t_interval_by_the_book() -> None:
    # Law 2015, section 4.5: mean 1.34, 90 % interval 1.34 -+ 0.24.
    found = mean_interval([1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09], 0.90, "t")
    assert found.estimate == pytest.approx(1.343)
    assert found.half_width == pytest.approx(0.24, abs=0.005)


@given(VALUES, CONFIDENCES)
def test_the_t_interval_is_that_of_scipy(values: list[float], confidence: float) -> None:
    found = mean_interval(values, confidence, "t")
    error = float(stats.sem(values))
    if error == 0.0:
        assert found.low == found.high == values[0]
    else:
        wanted = stats.t.interval(confidence, len(values) - 1, np.mean(values), error)
        assert (found.low, found.high) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@given(VALUES, CONFIDENCES)
def test_the_guarded_interval_holds_the_t_interval(values: list[float], confidence: float) -> None:
    guarded, plain = mean_interval(values, confidence), mean_interval(values, confidence, "t")
    assert guarded.low <= plain.low <= plain.high <= guarded.high


@given(VALUES, st.floats(0.001, 1000.0), st.integers(-1000, 1000), st.sampled_from(["t", "guarded"]))
def test_intervals_follow_scale_and_shift(values: list[float], scale: float, shift: int, method: str) -> None:
    first = mean_interval(values, method=method)  # type: ignore[arg-type]
    second = mean_interval([scale * (v + shift) for v in values], method=method)  # type: ignore[arg-type]
    size = scale * (max(map(abs, values)) + abs(shift) + first.high - first.low + 1.0)
    assert ends(second) == pytest.approx([scale * (end + shift) for end in ends(first)], abs=1e-7 * size)


@given(VALUES)
def test_the_mirrored_sample_has_the_mirrored_interval(values: list[float]) -> None:
    low, estimate, high = ends(mean_interval(values))
    mirrored = ends(mean_interval([-v for v in values]))
    assert mirrored == pytest.approx((-high, -estimate, -low), abs=1e-9 * (1.0 + high - low))


@given(VALUES)
def test_more_confidence_reaches_farther(values: list[float]) -> None:
    narrow, wide = mean_interval(values, 0.9), mean_interval(values, 0.99)
    assert wide.low <= narrow.low <= narrow.high <= wide.high


def test_the_guard_is_halls_transformation_of_t() -> None:
    values = np.random.default_rng(2).exponential(1.0, 25)
    moments = Moments.of(values)
    above = float(arms(moments, 0.95)[1])
    lean = stats.skew(values) / np.sqrt(25)
    t = -above / stats.sem(values)
    # Hall 1992, equation (2.1): the cubic transformation, which is to equal minus the quantile at the far end.
    transformed = t + lean * t**2 / 3 + lean**2 * t**3 / 27 + lean / 6
    assert transformed == pytest.approx(-stats.t.ppf(0.975, 24))
    assert float(arms(moments, 0.95)[0]) == pytest.approx(stats.t.ppf(0.975, 24) * stats.sem(values))


@pytest.mark.parametrize("count", [10, 20, 40])
def test_the_guard_repairs_the_interval_of_skewed_values(count: int) -> None:
    draws = np.random.default_rng(3).exponential(1.0, (count, 4000))
    plain, guarded = (
        sum(i.covers(1.0) for i in mean_intervals(draws, 0.95, method)) for method in ("t", "guarded")
    )
    assert plain < 0.94 * 4000
    assert guarded > 0.935 * 4000


def test_the_interval_of_normal_values_holds_the_truth_as_often_as_it_says() -> None:
    draws = np.random.default_rng(4).standard_normal((12, 4000))
    assert_hits(sum(i.covers(0.0) for i in mean_intervals(draws, 0.9, "t")), 4000, 0.9)


def test_reach_and_half_width_of_an_interval_that_is_not_symmetric() -> None:
    interval = Interval(estimate=1.0, low=0.5, high=3.0, confidence=0.95)
    assert (interval.reach, interval.half_width) == (2.0, 1.25)
    assert interval.covers(3.0)
    assert not interval.covers(3.1)
    assert interval.within(3.0)
    assert not interval.within(2.9)
    assert not Interval(0.0, -3.0, 0.5, 0.95).within(2.9)


# Efron and Tibshirani 1993, "An Introduction to the Bootstrap", table 14.1: spatial test, task A.
SPATIAL = [
    48,
    36,
    20,
    29,
    42,
    42,
    20,
    42,
    22,
    41,
    45,
    14,
    6,
    0,
    33,
    28,
    34,
    4,
    32,
    24,
    47,
    41,
    24,
    26,
    30,
    41,
]


def variance(samples: np.ndarray) -> np.ndarray:
    return samples.var(axis=1)  # type: ignore[no-any-return]


def test_bootstrap_intervals_by_the_book() -> None:
    # Efron and Tibshirani 1993, table 14.2, 90 %: percentile (100.8, 233.9), BCa (115.8, 259.6), estimate 171.5.
    bca = bootstrap_interval(SPATIAL, variance, 0.9, draws=20_000)
    percentile = bootstrap_interval(SPATIAL, variance, 0.9, "percentile", draws=20_000)
    assert bca.estimate == pytest.approx(171.5, abs=0.05)
    assert (bca.low, bca.high) == pytest.approx((115.8, 259.6), abs=4.0)
    assert (percentile.low, percentile.high) == pytest.approx((100.8, 233.9), abs=4.0)


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_bootstrap_intervals_are_those_of_scipy_for_the_same_draws(method: str) -> None:
    values = np.random.default_rng(5).gamma(2.0, 1.0, 18)
    drawn = values[resamples(7, bootstrap_module.DRAW, 2000, 18)].mean(axis=1)
    given_draws = type("Draws", (), {"bootstrap_distribution": drawn})()
    wanted = stats.bootstrap((values,), np.mean, n_resamples=0, method=method, bootstrap_result=given_draws)
    found = bootstrap_interval(values, method=method, seed=7, draws=2000)  # type: ignore[arg-type]
    assert (found.low, found.high) == pytest.approx(tuple(wanted.confidence_interval), rel=1e-12)


def test_rows_are_drawn_whole() -> None:
    first = np.random.default_rng(6).standard_normal(20)
    table = np.column_stack([first, first + 1.0])
    found = bootstrap_interval(table, lambda s: (s[:, :, 1] - s[:, :, 0]).mean(axis=1), draws=500)
    assert ends(found) == pytest.approx((1.0, 1.0, 1.0))


def test_a_seed_gives_one_bootstrap_interval_and_another_seed_another() -> None:
    values = np.random.default_rng(8).standard_normal(15)
    one, same, other = (bootstrap_interval(values, seed=seed, draws=500) for seed in (1, 1, 2))
    assert one == same != other


def test_resamples_draw_every_row_equally_often() -> None:
    drawn = resamples(3, "test", 2000, 10)
    assert (drawn.min(), drawn.max()) == (0, 9)
    assert stats.chisquare(np.bincount(drawn.ravel())).pvalue > FALSE_ALARM


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_the_bootstrap_of_equal_values_is_a_point(method: str) -> None:
    found = bootstrap_interval([2.0] * 5, method=method, draws=100)  # type: ignore[arg-type]
    assert ends(found) == (2.0, 2.0, 2.0)


def autoregressive(runs: int, length: int, memory: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((runs, length))
    values: np.ndarray = lfilter([1.0], [1.0, -memory], noise, axis=1)
    return values


def test_batch_means_cover_the_mean_of_a_process_with_memory() -> None:
    runs = autoregressive(400, 10_000, 0.9, 1)
    found = [batch_means(run, confidence=0.9) for run in runs]
    assert_hits(sum(batches.interval.covers(0.0) for batches in found), 400, 0.9)
    assert sum(batches.long_enough for batches in found) > 0.9 * 400


def test_batches_that_are_too_short_are_seen() -> None:
    runs = autoregressive(200, 400, 0.95, 2)
    found = [batch_means(run, batches=100, confidence=0.9) for run in runs]
    assert sum(batches.interval.covers(0.0) for batches in found) < 0.6 * 200
    assert sum(batches.long_enough for batches in found) < 0.02 * 200


def test_batches_by_hand_leave_out_the_beginning() -> None:
    found = batch_means([100.0, 1.0, 3.0, 5.0, 7.0], batches=2)
    assert found.means.tolist() == [2.0, 6.0]
    assert found.interval.estimate == 4.0
    assert found.correlation == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("values", "confidence", "words"),
    [
        ([1.0], 0.95, "1 replications; at least 2 are needed"),
        ([], 0.95, "0 replications"),
        ([1.0, float("nan")], 0.95, "replication 2 has a value that is missing"),
        ([1.0, 2.0], 1.0, "confidence 1.0; a number between 0 and 1"),
        ([1.0, 2.0], 95.0, "such as 0.95"),
        ([[1.0, 2.0], [1.0, 2.0]], 0.95, "one number a replication"),
    ],
)
def test_what_has_no_interval_is_said(values: list[float], confidence: float, words: str) -> None:
    with pytest.raises(SampleError, match=words):
        mean_interval(values, confidence)


@pytest.mark.parametrize("batches", [1, 6])
def test_too_few_batches_or_values_are_said(batches: int) -> None:
    with pytest.raises(SampleError, match="needed"):
        batch_means([1.0, 2.0, 3.0], batches=batches)


def test_the_package_is_imported_without_scipy_and_numba() -> None:
    code = "import sys, sim.experiments.statistics; sys.exit(any(name in sys.modules for name in ('scipy', 'numba')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
