"""What every builder of the world needs to know: the region, its facts, the scale and the seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.data.facts import FactTree
from sim.rng import combine, stable_key
from sim.world.geography import district_ids

NEVER_MIN = 1e18
"""Stands for a time that does not come, in columns that mean 'from' or 'since'."""


@dataclass(frozen=True)
class Frame:
    """The frame in which a world is built.

    Attributes:
        region: Id of the region; part of every entity's key.
        facts: All facts, the scenario's values applied.
        scale: Share of the city that is simulated.
        seed: Seed of all draws.
        districts: Ids of the districts, in the order of their rows.
        services: Ids of the services, in the order of their rows.
    """

    region: str
    facts: FactTree
    scale: float
    seed: np.uint64
    districts: tuple[str, ...]
    services: tuple[str, ...]

    @classmethod
    def of(
        cls, region: str, facts: FactTree, scale: float, seed: int, services: tuple[str, ...] | None = None
    ) -> Frame:
        """Return the frame of a region; by default with all services of the catalogue, sorted by id."""
        chosen = facts.children("services") if services is None else tuple(sorted(services))
        return cls(region, facts, scale, np.uint64(seed), district_ids(facts), chosen)

    def key(self, *parts: object) -> np.uint64:
        """Return the key of an entity of this region, the same in every run and at every scale."""
        return stable_key(self.region, *parts)

    def scaled(self, total: float) -> int:
        """Return the simulated number of what is ``total`` in the city: rounded, halves up."""
        return math.floor(total * self.scale + 0.5)

    def by_district(self, quantity: str) -> list[float]:
        """Return one quantity of all districts, in the order of their rows."""
        return [self.facts.number(f"districts.{district}.{quantity}") for district in self.districts]


def member_key(family: np.uint64, part: int) -> np.uint64:
    """Return the key of one member of a family; as NumPy's type, since compiled code hands back a plain int."""
    return np.uint64(combine(family, part))


@kernel
def numbered_keys(base: np.uint64, count: int) -> NDArray[np.uint64]:
    """Return the keys of entities 0 to ``count - 1`` of a family whose key is ``base``."""
    keys = np.empty(count, np.uint64)
    for index in range(count):
        keys[index] = combine(base, index)
    return keys
