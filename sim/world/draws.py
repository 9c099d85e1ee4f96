"""Keyed draws that only the synthetic population needs: gamma, Poisson, truncated normal, point in a disc."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.rng import draw_bits, normal, uniform

_ATTEMPTS = 64


@kernel
def gamma(shape: float, mean: float, seed: np.uint64, what: np.uint64, entity: np.uint64) -> float:
    """Return a gamma number with the given shape and mean.

    Method of Marsaglia and Tsang (2000), "A simple method for generating gamma variables"; a shape below 1 by their
    boost. The attempts of the rejection are the occasions of the draw, so the number is a function of its keys.
    """
    boost = 1.0
    k = shape
    if shape < 1.0:
        boost = uniform(seed, what, entity, np.uint64(0)) ** (1.0 / shape)
        k = shape + 1.0
    d = k - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    value = d
    for attempt in range(1, _ATTEMPTS):
        z = normal(seed, what, entity, np.uint64(2 * attempt))
        v = (1.0 + c * z) ** 3
        level = uniform(seed, what, entity, np.uint64(2 * attempt + 1))
        if v > 0.0 and math.log(level) < 0.5 * z * z + d - d * v + d * math.log(v):
            value = d * v
            break
    return boost * value * mean / shape


@kernel
def poisson(mean: float, largest: int, seed: np.uint64, what: np.uint64, entity: np.uint64) -> int:
    """Return a Poisson number by inversion, at most ``largest``."""
    level = uniform(seed, what, entity, np.uint64(0))
    probability = math.exp(-mean)
    cumulated = probability
    number = 0
    while level > cumulated and number < largest:
        number += 1
        probability *= mean / number
        cumulated += probability
    return number


@kernel
def bounded_normal(
    mean: float, sd: float, low: float, high: float, seed: np.uint64, what: np.uint64, entity: np.uint64
) -> float:
    """Return a normal number, cut off at ``low`` and ``high``."""
    return min(max(mean + sd * normal(seed, what, entity, np.uint64(0)), low), high)


@kernel
def point_in_disc(radius: float, seed: np.uint64, what: np.uint64, entity: np.uint64) -> tuple[float, float]:
    """Return a point (dx, dy) uniform in the disc of this radius around the origin."""
    r = radius * math.sqrt(uniform(seed, what, entity, np.uint64(0)))
    angle = 2.0 * math.pi * uniform(seed, what, entity, np.uint64(1))
    return r * math.cos(angle), r * math.sin(angle)


@kernel
def choice(cumulated: np.ndarray, level: float) -> int:
    """Return the first entry whose cumulated share exceeds ``level`` in [0, 1)."""
    for k in range(len(cumulated)):
        if level < cumulated[k]:
            return k
    return len(cumulated) - 1


@kernel
def lots(keys: NDArray[np.uint64], seed: np.uint64, what: np.uint64) -> NDArray[np.uint64]:
    """Return a random number for each key: sorting by it shuffles the entities in a way that only their keys decide."""
    drawn = np.empty(len(keys), np.uint64)
    for k in range(len(keys)):
        drawn[k] = draw_bits(seed, what, keys[k], np.uint64(0))
    return drawn
