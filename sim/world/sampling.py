"""The sampling rule for firms, outlets, institutions and bases: which real ones are simulated, and where they stand.

Of ``n`` real units, ``m = max(minimum, round(n x scale))`` are simulated, never more than there are. They are picked at
equal steps with a keyed start along all real units in a stated order (systematic sampling), so that what the order
runs through, districts and sizes, is represented. Each stands for ``n / m`` real ones, its weight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.rng import decision, uniform
from sim.state import Rows
from sim.world.frame import Frame
from sim.world.places import first_and_count
from sim.world.shares import apportion, systematic

_FIRST = np.uint64(0)
_START = decision("sampling.start")
_COMMUNITY = decision("sampling.community")


def simulated_count(frame: Frame, real: int, at_least: int) -> int:
    """Return how many of ``real`` units are simulated."""
    return min(max(at_least, frame.scaled(real)), real)


def sampled_positions(frame: Frame, family: np.uint64, real: int, count: int) -> list[int]:
    """Return the positions of the sampled units in the order of all real ones; the start is keyed by the family."""
    return systematic(real, count, float(uniform(frame.seed, _START, family, _FIRST)))


def districts_of(real: int, weights: Sequence[float]) -> NDArray[np.int64]:
    """Return the district row of each real unit, numbered along the districts, split by weights."""
    return np.repeat(np.arange(len(weights)), apportion(real, weights))


def stand_at_communities(rows: Rows, districts: Rows, communities: Rows, seed: np.uint64) -> None:
    """Put every unit, whose district is set, into the middle of a community there; different ones while they last."""
    first, counts = first_and_count(communities, districts)
    taken = np.zeros(len(districts), np.int64)
    for row in rows:
        district = int(row["district"])
        start = int(uniform(seed, _COMMUNITY, districts["key"][district], _FIRST) * counts[district])
        number = (start + taken[district]) % counts[district]
        taken[district] += 1
        stand_at(row, communities[first[district] + number])


def stand_at(row: np.void, community: np.void) -> None:
    """Put a unit into the middle of a community."""
    for name in ("community_row", "x_km", "y_km", "city_x_km", "city_y_km"):
        row[name] = community[name]
