"""Keyed draws against their laws and against chance: goodness of fit, neighbours, collisions, avalanche."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.compiled import kernel
from sim.rng import decision, draw_bits, exponential, gumbel, lognormal, normal, uniform
from tests.theory.statistics import Floats

FALSE_ALARM = 1e-6
DRAWS = 100_000
WHAT = decision("theory.draw")
OTHER = decision("theory.other_draw")
SEED = np.uint64(11)
Words = NDArray[np.uint64]


@kernel
def bits_of(seed: Words, what: Words, entity: Words, occasion: Words) -> Words:
    found = np.empty(len(entity), np.uint64)
    for k in range(len(entity)):
        found[k] = draw_bits(seed[k], what[k], entity[k], occasion[k])
    return found


@kernel
def draws_of(law: int, entity: Words, occasion: Words, what: np.uint64, seed: np.uint64) -> Floats:
    found = np.empty(len(entity))
    for k in range(len(entity)):
        if law == 0:
            found[k] = uniform(seed, what, entity[k], occasion[k])
        elif law == 1:
            found[k] = exponential(3.0, seed, what, entity[k], occasion[k])
        elif law == 2:
            found[k] = gumbel(seed, what, entity[k], occasion[k])
        elif law == 3:
            found[k] = normal(seed, what, entity[k], occasion[k])
        else:
            found[k] = lognormal(5.0, 0.8, seed, what, entity[k], occasion[k])
    return found


_LOG_VARIANCE = math.log(1.0 + 0.8**2)
LAWS = {
    "uniform": (0, stats.uniform()),
    "exponential": (1, stats.expon(scale=3.0)),
    "gumbel": (2, stats.gumbel_r()),
    "normal": (3, stats.norm()),
    "lognormal": (4, stats.lognorm(math.sqrt(_LOG_VARIANCE), scale=5.0 * math.exp(-0.5 * _LOG_VARIANCE))),
}
"""Number of each law in :func:`draws_of` and its distribution."""


def counting(count: int = DRAWS, start: int = 0, step: int = 1) -> Words:
    return np.arange(start, start + count * step, step, dtype=np.uint64)


def constant(value: int, count: int = DRAWS) -> Words:
    return np.full(count, value, np.uint64)


KEYS = {
    "neighbouring entities": (counting(), constant(3)),
    "neighbouring occasions": (constant(3), counting()),
    "entities far apart": (counting(step=2**44), constant(3)),
    "both at once": (counting(), counting(start=7)),
}
keys = pytest.mark.parametrize("pattern", KEYS)
laws = pytest.mark.parametrize("law", LAWS)


@laws
@keys
def test_draws_follow_their_law(law: str, pattern: str) -> None:
    number, distribution = LAWS[law]
    values = draws_of(number, *KEYS[pattern], WHAT, SEED)
    assert stats.kstest(values, distribution.cdf).pvalue > FALSE_ALARM


@laws
def test_moments(law: str) -> None:
    number, distribution = LAWS[law]
    values = draws_of(number, *KEYS["neighbouring entities"], WHAT, SEED)
    mean, variance, skewness = (float(moment) for moment in distribution.stats("mvs"))
    limit = stats.norm.isf(FALSE_ALARM / 2.0)
    standard = (values - mean) / math.sqrt(variance)
    for power, expected in ((1, 0.0), (2, 1.0), (3, skewness)):
        sample = standard**power
        assert abs(sample.mean() - expected) < limit * sample.std() / math.sqrt(DRAWS)


@laws
def test_a_law_two_percent_off_would_be_found(law: str) -> None:
    number, distribution = LAWS[law]
    values = draws_of(number, *KEYS["neighbouring entities"], WHAT, SEED)
    assert stats.kstest(1.02 * values + 0.02, distribution.cdf).pvalue < FALSE_ALARM


@keys
@pytest.mark.parametrize("lag", [1, 2, 7, 24, 64, 1024])
def test_draws_of_neighbours_are_unrelated(pattern: str, lag: int) -> None:
    values = draws_of(0, *KEYS[pattern], WHAT, SEED)
    rank = stats.spearmanr(values[lag:], values[:-lag])
    assert rank.pvalue > FALSE_ALARM


def two_dimensional_p_value(first: Floats, second: Floats, cells: int = 32) -> float:
    """Return the p-value of pairs that fall evenly into a square of cells."""
    cell = np.floor(cells * first).astype(int) * cells + np.floor(cells * second).astype(int)
    return float(stats.chisquare(np.bincount(cell, minlength=cells**2)).pvalue)


@keys
def test_pairs_of_neighbours_fill_the_square(pattern: str) -> None:
    values = draws_of(0, *KEYS[pattern], WHAT, SEED)
    assert two_dimensional_p_value(values[1:], values[:-1]) > FALSE_ALARM


def test_pairs_that_are_related_do_not_fill_the_square() -> None:
    values = draws_of(0, *KEYS["neighbouring entities"], WHAT, SEED)
    assert two_dimensional_p_value(values[1:], (0.02 * values[:-1] + 0.98 * values[1:])) < FALSE_ALARM


@pytest.mark.parametrize(
    ("what", "seed", "occasion"), [(OTHER, SEED, 3), (WHAT, np.uint64(12), 3), (WHAT, SEED, 4)],
    ids=["another decision", "another seed", "the next occasion"],
)  # fmt: skip
def test_the_same_entity_draws_anew_for_another_decision_seed_or_occasion(
    what: np.uint64, seed: np.uint64, occasion: int
) -> None:
    entity = counting()
    here = draws_of(0, entity, constant(3), WHAT, SEED)
    there = draws_of(0, entity, constant(occasion), what, seed)
    assert two_dimensional_p_value(here, there) > FALSE_ALARM
    assert stats.spearmanr(here, there).pvalue > FALSE_ALARM


def test_the_two_uniform_numbers_of_a_normal_draw_are_independent() -> None:
    # Angle and radius of the pair: were they related, normal numbers of one sign would differ in spread from the other.
    values = draws_of(3, *KEYS["neighbouring entities"], WHAT, SEED)
    assert stats.ks_2samp(values[values > 0.0], -values[values < 0.0]).pvalue > FALSE_ALARM


def test_no_two_of_a_million_keys_share_their_bits() -> None:
    # Among a million words of 64 bits two are equal with a probability of 3e-8.
    side = counting(1_000)
    entity, occasion = (grid.ravel() for grid in np.meshgrid(side, side))
    size = len(entity)
    bits = bits_of(constant(11, size), constant(int(WHAT), size), entity, occasion)
    assert len(np.unique(bits)) == size


def test_collisions_of_the_upper_bits_come_as_often_as_chance_sends_them() -> None:
    # 2^16 keys into 2^20 boxes: 2^32 / 2 / 2^20 = 2048 pairs on average, nearly Poisson.
    bits = bits_of(constant(11, 2**16), constant(int(WHAT), 2**16), counting(2**16), constant(0, 2**16))
    for shift in (44, 22, 0):
        boxes = (bits >> np.uint64(shift)) & np.uint64(2**20 - 1)
        filled = np.bincount(boxes.astype(np.int64))
        pairs = int((filled * (filled - 1) // 2).sum())
        both_sides = 2.0 * min(stats.poisson.cdf(pairs, 2048), stats.poisson.sf(pairs - 1, 2048))
        assert both_sides > FALSE_ALARM


@pytest.mark.parametrize("which", range(4), ids=["seed", "decision", "entity", "occasion"])
def test_one_flipped_bit_of_a_key_flips_each_bit_of_the_draw_with_even_odds(which: int) -> None:
    size = 2_000
    base = [constant(11, size), constant(int(WHAT), size), counting(size), constant(5, size)]
    base[which] = np.random.default_rng(1).integers(0, 2**63, size, dtype=np.uint64)
    before = bits_of(*base)
    places = np.arange(64, dtype=np.uint64)
    flips = np.zeros((64, 64), np.int64)
    for place in range(64):
        changed = list(base)
        changed[which] = base[which] ^ np.uint64(1 << place)
        difference = before ^ bits_of(*changed)
        flips[place] = ((difference[:, None] >> places) & np.uint64(1)).sum(axis=0)
    limit = stats.norm.isf(FALSE_ALARM / 64**2 / 2.0) * math.sqrt(size) / 2.0
    assert np.abs(flips - size / 2.0).max() < limit
