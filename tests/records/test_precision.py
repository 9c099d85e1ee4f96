"""Half-widths by batch means: exact where the formula can be worked out, and covering where the truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.records.precision import BATCHES, CONFIDENCE, half_width


def test_with_equal_counts_it_is_the_t_interval_of_the_batch_means() -> None:
    draw = np.random.default_rng(1)
    sums = draw.normal(30.0, 5.0, BATCHES * 3)
    counts = np.full(BATCHES * 3, 10.0)
    means = sums.reshape(BATCHES, 3).sum(axis=1) / 30.0
    expected = stats.t.ppf((1 + CONFIDENCE) / 2, BATCHES - 1) * means.std(ddof=1) / math.sqrt(BATCHES)
    assert half_width(sums, counts) == pytest.approx(expected)


def test_a_constant_has_no_width_whatever_the_counts() -> None:
    counts = np.random.default_rng(2).integers(1, 50, 100).astype(float)
    assert half_width(2.5 * counts, counts) == pytest.approx(0.0, abs=1e-12)


def test_nothing_observed_is_nothing_known() -> None:
    assert math.isnan(half_width(np.zeros(40), np.zeros(40)))


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Independent observations in random numbers a day; at 1,000 runs chance alone moves 95% by 2.8 (4 sigma)."""
    draw, runs, hits = np.random.default_rng(3), 1_000, 0
    for _ in range(runs):
        counts = draw.poisson(20.0, 100).astype(float)
        sums = draw.gamma(counts + 1e-9, 1.0)
        hits += abs(sums.sum() / counts.sum() - 1.0) <= half_width(sums, counts)
    assert abs(hits / runs - CONFIDENCE) < 0.028
