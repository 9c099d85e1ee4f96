"""Keyed random numbers: a draw is a pure function of (seed, decision, entity, occasion).

There is no generator and no sequence. Each draw hashes its four keys through the finaliser of SplitMix64
(Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), once per key, so that neighbouring
keys give unrelated numbers. Household 812's need in week 14 is the same number in every world with the same seed,
whatever anybody else does.

A *decision* is a name such as ``"order.duration"``; :func:`decision` turns it into a 64-bit constant. An *entity*
is the stable key of who draws, an *occasion* the calendar slot or the parent event; never a running count.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from sim.compiled import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30 = np.uint64(30)
_SHIFT_27 = np.uint64(27)
_SHIFT_31 = np.uint64(31)
_SHIFT_11 = np.uint64(11)
_TWO_TO_MINUS_53 = 2.0**-53


def decision(name: str) -> np.uint64:
    """Return the 64-bit constant of a decision's name."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little"))


def stable_key(*parts: object) -> np.uint64:
    """Return a 64-bit key of an entity from the parts that name it, equal in every process and version."""
    text = "\x1f".join(str(part) for part in parts)
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


@kernel
def mix(value: np.uint64) -> np.uint64:
    """Return the SplitMix64 finaliser of ``value``."""
    z = np.uint64(value) + _GOLDEN
    z = (z ^ (z >> _SHIFT_30)) * _MULTIPLIER_1
    z = (z ^ (z >> _SHIFT_27)) * _MULTIPLIER_2
    return z ^ (z >> _SHIFT_31)


@kernel
def combine(key: np.uint64, part: int | np.uint64) -> np.uint64:
    """Return a new key from ``key`` and one more part (an index, a day, a row's key)."""
    return mix(np.uint64(key) ^ mix(np.uint64(part)))


def derive(key: np.uint64, part: int | np.uint64) -> np.uint64:
    """Return :func:`combine` as a NumPy number, for use outside compiled code.

    A compiled function hands an unsigned integer back as a Python int, which the next one would take for a signed one.
    """
    return np.uint64(combine(np.uint64(key), np.uint64(part)))


@kernel
def draw_bits(seed: np.uint64, what: np.uint64, entity: np.uint64, occasion: np.uint64) -> np.uint64:
    """Return 64 random bits for the four keys."""
    h = mix(np.uint64(seed))
    h = mix(h ^ np.uint64(what))
    h = mix(h ^ np.uint64(entity))
    return mix(h ^ np.uint64(occasion))


@kernel
def uniform(seed: np.uint64, what: np.uint64, entity: np.uint64, occasion: np.uint64) -> float:
    """Return a uniform number in the open interval (0, 1)."""
    bits = draw_bits(seed, what, entity, occasion)
    return (np.float64(bits >> _SHIFT_11) + 0.5) * _TWO_TO_MINUS_53


@kernel
def exponential(
    mean: float, seed: np.uint64, what: np.uint64, entity: np.uint64, occasion: np.uint64
) -> float:
    """Return an exponential number with the given mean."""
    return -mean * math.log(uniform(seed, what, entity, occasion))


@kernel
def gumbel(seed: np.uint64, what: np.uint64, entity: np.uint64, occasion: np.uint64) -> float:
    """Return a standard Gumbel number (location 0, scale 1): the taste of a logit choice."""
    return -math.log(-math.log(uniform(seed, what, entity, occasion)))


@kernel
def log_positive_stable(
    index: float, seed: np.uint64, what: np.uint64, entity: np.uint64, occasion: np.uint64
) -> float:
    """Return the logarithm of a positive stable number S with E[exp(-t S)] = exp(-t**index), 0 < index <= 1.

    Source: Kanter (1975), Stable densities under change of scale and total variation inequalities.
    """
    if index >= 1.0:
        return 0.0
    angle = math.pi * uniform(seed, what, entity, occasion)
    rate = -math.log(uniform(np.uint64(seed) ^ _GOLDEN, what, entity, occasion))
    value = math.log(math.sin(index * angle)) - math.log(math.sin(angle)) / index
    return value + (1.0 - index) / index * (math.log(math.sin((1.0 - index) * angle)) - math.log(rate))


@kernel
def normal(seed: np.uint64, what: np.uint64, entity: np.uint64, occasion: np.uint64) -> float:
    """Return a standard normal number (Box and Muller 1958, from two independent draws of the same keys)."""
    first = uniform(seed, what, entity, occasion)
    second = uniform(np.uint64(seed) ^ _GOLDEN, what, entity, occasion)
    return math.sqrt(-2.0 * math.log(first)) * math.cos(2.0 * math.pi * second)


@kernel
def lognormal(
    mean: float, cv: float, seed: np.uint64, what: np.uint64, entity: np.uint64, occasion: np.uint64
) -> float:
    """Return a lognormal number with the given mean and coefficient of variation."""
    if cv <= 0.0:
        return mean
    variance = math.log(1.0 + cv * cv)
    return mean * math.exp(math.sqrt(variance) * normal(seed, what, entity, occasion) - 0.5 * variance)
