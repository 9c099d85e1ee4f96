"""Differences of paired worlds, what pairing saves, equivalence, and the verdict in words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from sim.experiments.statistics import (
    Interval,
    SampleError,
    Verdict,
    difference_table,
    equivalence_test,
    mean_interval,
    paired_difference,
    variance_ratio,
    verdict,
)

CHINESE = re.compile(r"[\u4e00-\u9fff]")
VALUES = st.lists(st.integers(-1000, 1000).map(float), min_size=3, max_size=30)


def pairs(count: int, correlation: float, seed: int, experiments: int = 1) -> np.ndarray:
    """Return normal pairs of variances 1 and 4, shape (2, experiments, count)."""
    covariance = [[1.0, 2.0 * correlation], [2.0 * correlation, 4.0]]
    drawn = np.random.default_rng(seed).multivariate_normal([5.0, 6.0], covariance, (experiments, count))
    return np.moveaxis(drawn, 2, 0)


def test_a_paired_difference_by_the_book() -> None:
    # Law 2015, section 10.2.1, two inventory policies: 90 % interval [1.65, 8.31], mean 4.98.
    first = [118.21, 120.22, 122.45, 122.68, 119.40]
    second = [126.97, 124.31, 126.68, 122.66, 127.23]
    found = paired_difference(first, second, 0.90, "t")
    assert found.difference.estimate == pytest.approx(4.98, abs=0.005)
    assert (found.difference.low, found.difference.high) == pytest.approx((1.65, 8.31), abs=0.006)
    assert (found.replications, found.baseline) == (5, pytest.approx(np.mean(first)))
    assert found.policy == pytest.approx(np.mean(second))


def test_the_test_by_the_paired_interval_is_that_of_scipy() -> None:
    baseline, policy = pairs(12, 0.7, 1)[:, 0]
    p_value = float(stats.ttest_rel(policy, baseline).pvalue)
    at_p = paired_difference(baseline, policy, 1.0 - p_value, "t").difference
    assert min(abs(at_p.low), abs(at_p.high)) == pytest.approx(0.0, abs=1e-9)


@given(VALUES, st.data())
def test_swapped_worlds_have_the_mirrored_difference(baseline: list[float], data: st.DataObject) -> None:
    policy = data.draw(
        st.lists(st.integers(-9, 9).map(float), min_size=len(baseline), max_size=len(baseline))
    )
    there, back = paired_difference(baseline, policy), paired_difference(policy, baseline)
    assert there.difference.low == pytest.approx(-back.difference.high)
    assert there.difference.high == pytest.approx(-back.difference.low)
    assert there.variance_ratio == back.variance_ratio


def test_the_variance_ratio_is_that_of_the_variances() -> None:
    baseline, policy = pairs(15, 0.8, 2)[:, 0]
    found = variance_ratio(baseline, policy)
    independent = baseline.var(ddof=1) + policy.var(ddof=1)
    assert found is not None
    assert found.estimate == pytest.approx(independent / (policy - baseline).var(ddof=1))


def test_the_interval_of_the_ratio_ends_at_1_where_the_correlation_test_does() -> None:
    # var(A + B) = var(B - A) exactly when A and B are not correlated, and Pitman's interval inverts that very test.
    baseline, policy = pairs(15, 0.4, 3)[:, 0]
    p_value = float(stats.pearsonr(baseline, policy).pvalue)
    found = variance_ratio(baseline, policy, 1.0 - p_value)
    assert found is not None
    assert min(abs(found.low - 1.0), abs(found.high - 1.0)) < 1e-9


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.9])
def test_the_interval_of_the_ratio_covers_as_often_as_it_says(correlation: float) -> None:
    truth = 5.0 / (5.0 - 4.0 * correlation)
    found = [variance_ratio(a, b) for a, b in zip(*pairs(10, correlation, 4, 3000), strict=True)]
    hits = sum(interval is not None and interval.covers(truth) for interval in found)
    assert stats.binomtest(hits, 3000, 0.95).pvalue > 1e-6


@given(VALUES, st.floats(0.01, 100.0), st.integers(-100, 100))
def test_the_ratio_has_no_unit(values: list[float], scale: float, shift: int) -> None:
    policy = [value + (3.0 if i % 2 else 0.0) for i, value in enumerate(values)]
    first = variance_ratio(values, policy)
    second = variance_ratio([scale * v + shift for v in values], [scale * v + shift for v in policy])
    assert first is not None
    assert second is not None
    assert (second.low, second.estimate, second.high) == pytest.approx(
        (first.low, first.estimate, first.high), rel=1e-4
    )


def test_worlds_that_never_differ_have_no_ratio_and_no_difference() -> None:
    found = paired_difference([1.0, 2.0, 5.0], [1.0, 2.0, 5.0])
    assert found.variance_ratio is None
    assert (found.difference.low, found.difference.high) == (0.0, 0.0)
    assert variance_ratio([1.0, 2.0], [2.0, 1.0]) is None


def test_worlds_of_other_shapes_are_not_pairs() -> None:
    with pytest.raises(SampleError, match="paired samples have the same rows"):
        paired_difference([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(SampleError, match="paired samples have the same rows"):
        difference_table([[1.0, 2.0]], [[1.0]])
    with pytest.raises(SampleError, match="one column an outcome"):
        difference_table([1.0], [1.0])
    assert difference_table([[1.0, 2.0]], [[3.0, 1.0]]).tolist() == [[2.0, -1.0]]


def test_the_two_one_sided_tests_are_those_of_scipy() -> None:
    values = np.random.default_rng(5).normal(0.1, 0.5, 25)
    found = equivalence_test(values, 0.3)
    assert found.p_low == pytest.approx(stats.ttest_1samp(values, -0.3, alternative="greater").pvalue)
    assert found.p_high == pytest.approx(stats.ttest_1samp(values, 0.3, alternative="less").pvalue)
    assert found.p_value == max(found.p_low, found.p_high)
    assert found.interval == mean_interval(values, 0.9, "t")


@given(VALUES, st.floats(0.1, 2000.0), st.sampled_from([0.01, 0.05, 0.2]))
def test_equivalent_means_that_the_interval_lies_within_the_margin(
    values: list[float], margin: float, false_alarm: float
) -> None:
    found = equivalence_test(values, margin, false_alarm)
    assume(abs(found.p_value - false_alarm) > 1e-9)
    assert found.equivalent == found.interval.within(margin)


def test_a_difference_of_the_margins_size_is_called_equivalent_as_seldom_as_stated() -> None:
    draws = np.random.default_rng(6).normal(1.0, 0.5, (4000, 20))
    hits = sum(equivalence_test(values, 1.0).equivalent for values in draws)
    assert stats.binomtest(hits, 4000, 0.05).pvalue > 1e-6


def test_differences_without_spread_are_equivalent_or_not() -> None:
    assert equivalence_test([0.5, 0.5], 0.5).equivalent
    assert not equivalence_test([0.6, 0.6], 0.5).equivalent


@pytest.mark.parametrize(
    ("margin", "false_alarm"), [(0.0, 0.05), (-1.0, 0.05), (float("nan"), 0.05), (1.0, 0.5)]
)
def test_a_margin_or_false_alarm_that_makes_no_sense_is_said(margin: float, false_alarm: float) -> None:
    with pytest.raises(SampleError, match="above 0"):
        equivalence_test([1.0, 2.0], margin, false_alarm)


@pytest.mark.parametrize(
    ("low", "high", "better", "margin", "wanted"),
    [
        (1.0, 3.0, "up", 0.0, Verdict.BETTER),
        (1.0, 3.0, "down", 0.0, Verdict.WORSE),
        (-3.0, -1.0, "down", 0.0, Verdict.BETTER),
        (-3.0, -1.0, "up", 0.5, Verdict.WORSE),
        (1.0, 3.0, "none", 0.0, Verdict.HIGHER),
        (-3.0, -1.0, "none", 0.0, Verdict.LOWER),
        (-1.0, 3.0, "up", 2.0, Verdict.NOT_DECIDED),
        (0.0, 3.0, "up", 2.0, Verdict.NOT_DECIDED),
        (-3.0, 0.0, "up", 2.0, Verdict.NOT_DECIDED),
        (1.0, 3.0, "up", 3.0, Verdict.NO_DIFFERENCE),
        (1.0, 3.0, "up", 2.9, Verdict.BETTER),
        (0.0, 0.0, "up", 0.0, Verdict.NO_DIFFERENCE),
    ],
)
def test_what_an_interval_says(low: float, high: float, better: str, margin: float, wanted: Verdict) -> None:
    interval = Interval((low + high) / 2.0, low, high, 0.95)
    assert verdict(interval, better, margin) is wanted  # type: ignore[arg-type]


@given(st.floats(-9, 9), st.floats(0, 9), st.floats(0, 9))
def test_what_is_better_upwards_is_worse_downwards(low: float, width: float, margin: float) -> None:
    interval = Interval(low, low, low + width, 0.95)
    opposite = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    up, down = verdict(interval, "up", margin), verdict(interval, "down", margin)
    assert down is opposite.get(up, up)


def test_a_negative_margin_is_said() -> None:
    with pytest.raises(SampleError, match="margin -1; 0 or more"):
        verdict(Interval(0.0, -1.0, 1.0, 0.95), "up", -1)


@pytest.mark.parametrize("said", Verdict)
def test_every_verdict_has_words_in_both_languages(said: Verdict) -> None:
    assert said.text() != said.text("zh")
    assert CHINESE.search(said.text("zh"))
