"""Lengths of what has not all ended: exact where nothing is censored, close to the truth where much is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.experiments.statistics.draws import normals
from sim.records.survival import kaplan_meier, mean_length, share_ended

MEAN = 100.0


def exponential(number: int, count: int) -> np.ndarray:
    """Keyed exponential lengths: half the sum of two squared normals has that law."""
    return MEAN * 0.5 * (normals(number, "lengths", count, 2) ** 2).sum(axis=1)


def test_without_censoring_it_is_the_mean_and_the_empirical_share() -> None:
    lengths = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    ended = np.ones(5, bool)
    assert mean_length(lengths, ended) == pytest.approx(lengths.mean())
    assert share_ended(lengths, ended, 3.5) == pytest.approx(0.6)
    assert share_ended(lengths, ended, 0.5) == 0.0


def test_a_textbook_example() -> None:
    """Freireich's 21 patients with 6-mercaptopurine, remission in weeks (Kaplan and Meier's usual example)."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    lasts = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    times, lasting = kaplan_meier(np.array(weeks, float), np.array(lasts, bool))
    assert times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert lasting == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)


@pytest.mark.parametrize("horizon", [60.0, 150.0])
def test_the_mean_of_exponential_lengths_is_found_behind_the_horizon(horizon: float) -> None:
    """4,000 lengths of which up to half are cut: the standard error is below 3%; 4 of them fail 1 in 16,000 times."""
    lengths = exponential(1, 4_000)
    ended = lengths <= horizon
    found = mean_length(np.minimum(lengths, horizon), ended)
    assert found == pytest.approx(MEAN, rel=0.12)
    assert np.minimum(lengths, horizon).mean() < 0.8 * MEAN, "the plain mean would be far too short"


def test_what_was_not_seen_is_not_known() -> None:
    assert math.isnan(mean_length(np.array([2.0, 3.0]), np.zeros(2, bool)))
    assert math.isnan(share_ended(np.array([2.0, 3.0]), np.ones(2, bool), 4.0))
