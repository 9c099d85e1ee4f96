from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.rng import decision
from sim.world.draws import bounded_normal, choice, gamma, lots, point_in_disc, poisson
from sim.world.frame import numbered_keys

WHAT = decision("test.draws")
SEED = np.uint64(7)
KEYS = numbered_keys(np.uint64(3), 20_000)
ALPHA = 1e-6
"""False-alarm rate of each comparison with theory."""


@pytest.mark.parametrize("shape", [0.3, 0.6, 1.0, 2.5, 9.0])
def test_gamma_numbers_have_their_distribution(shape: float) -> None:
    drawn = [gamma(shape, 4.0, SEED, WHAT, key) for key in KEYS]
    assert stats.kstest(drawn, stats.gamma(shape, scale=4.0 / shape).cdf).pvalue > ALPHA


def test_poisson_numbers_have_their_distribution_up_to_the_cut() -> None:
    drawn = np.array([poisson(0.9, 6, SEED, WHAT, key) for key in KEYS])
    expected = stats.poisson(0.9).pmf(np.arange(6))
    expected = np.append(expected, 1.0 - expected.sum()) * len(drawn)
    observed = np.bincount(drawn, minlength=7)
    assert stats.chisquare(observed, expected).pvalue > ALPHA


def test_bounded_normal_stays_within_its_bounds() -> None:
    drawn = np.array([bounded_normal(0.5, 0.4, 0.0, 1.0, SEED, WHAT, key) for key in KEYS])
    assert drawn.min() == 0.0
    assert drawn.max() == 1.0
    inside = drawn[(drawn > 0.0) & (drawn < 1.0)]
    law = stats.truncnorm(-0.5 / 0.4, 0.5 / 0.4, loc=0.5, scale=0.4)
    assert stats.kstest(inside, law.cdf).pvalue > ALPHA


def test_points_fill_a_disc_evenly() -> None:
    points = np.array([point_in_disc(3.0, SEED, WHAT, key) for key in KEYS])
    radius, angle = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])
    assert stats.kstest((radius / 3.0) ** 2, "uniform").pvalue > ALPHA
    assert stats.kstest((angle + math.pi) / (2.0 * math.pi), "uniform").pvalue > ALPHA


def test_choice_takes_the_entry_in_whose_share_the_level_falls() -> None:
    cumulated = np.array([0.2, 0.2, 1.0])
    assert [choice(cumulated, level) for level in (0.0, 0.19, 0.2, 0.99)] == [0, 0, 2, 2]


def test_lots_depend_on_the_key_alone() -> None:
    some = lots(KEYS[10:20], SEED, WHAT)
    assert (some == lots(KEYS, SEED, WHAT)[10:20]).all()
    assert len(np.unique(lots(KEYS, SEED, WHAT))) == len(KEYS)
