"""The facts of a region, read once, and frames and worlds on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from sim.data import FactTree, load_facts
from sim.state import World
from sim.world.build import build_region
from sim.world.frame import Frame

REGION = "beijing"
Z_ONE_IN_A_MILLION = 4.9
"""A normal number lies further out with probability 1e-6 (both sides)."""


@lru_cache(maxsize=4)
def facts_of(region: str) -> FactTree:
    return load_facts(region)


@lru_cache(maxsize=8)
def world_of(region: str, scale: float, seed: int) -> World:
    return build_region(Frame.of(region, facts_of(region), scale, seed))


@pytest.fixture
def facts() -> FactTree:
    return facts_of(REGION)


@pytest.fixture
def frame_at(facts: FactTree) -> Callable[[float], Frame]:
    return lambda scale: Frame.of(REGION, facts, scale, 1)


@pytest.fixture
def world() -> World:
    return world_of(REGION, 0.01, 1)


def assert_share(hits: np.ndarray, probability: float) -> None:
    """Fail when the share of hits is not that of independent draws; false alarm one in a million."""
    sd = math.sqrt(probability * (1.0 - probability) / len(hits))
    assert abs(hits.mean() - probability) <= Z_ONE_IN_A_MILLION * sd + 1.0 / len(hits)


def assert_mean(values: np.ndarray, mean: float) -> None:
    """Fail when the mean is not that of independent draws; false alarm one in a million."""
    assert abs(values.mean() - mean) <= Z_ONE_IN_A_MILLION * values.std() / math.sqrt(len(values))
