"""Points spread over what is not ruled out, and how much of the cube that is.

A wave keeps the part of the points that it does not rule out; the share that it keeps is the share of the space. The
pool is then filled again by points drawn from those that were kept and moved by steps that leave the uniform
distribution on the region as it is: differences of two kept points (ter Braak and Vrugt 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiments.calibration.emulator import Floats
from sim.experiments.calibration.implausibility import Cut, plausible
from sim.experiments.statistics.draws import normals, resamples

SIZE = 2048
"""Points of the pool; a power of two, as Sobol' sequences like it."""
STEPS = 20
"""Steps of every point after a wave; every other one is of full length, so that separate parts of the region mix."""
WIDTH = 2.38
"""Length of a step in spreads of the pool, by the square root of twice the dimensions (ter Braak 2006)."""
BLUR = 0.002
"""Standard deviation of the noise of a step, in widths of the cube: without it a small pool stays on a lattice."""


@dataclass(frozen=True)
class Pool:
    """What is not ruled out.

    Attributes:
        points: Points spread evenly over it, a row each; none where nothing is left.
        left: Its share of the cube, wave by wave from the whole.
    """

    points: Floats
    left: tuple[float, ...]

    @property
    def is_empty(self) -> bool:
        """Whether everything is ruled out, as far as can be seen."""
        return len(self.points) == 0


def whole(dimensions: int, seed: int) -> Pool:
    """Return the whole cube."""
    from scipy.stats import qmc

    return Pool(qmc.Sobol(d=dimensions, rng=seed).random(SIZE), (1.0,))


def cut_down(pool: Pool, cuts: Sequence[Cut], seed: int) -> Pool:
    """Return what the last of the waves leaves of a pool.

    Args:
        pool: What the waves before it have left.
        cuts: All waves, the last one new.
        seed: Key of the draws.
    """
    kept = pool.points[cuts[-1].plausible(pool.points)]
    left = (*pool.left, pool.left[-1] * len(kept) / len(pool.points))
    if len(kept) == 0:
        return Pool(kept, left)
    name = f"calibration.pool.{len(cuts)}"
    points = kept[resamples(seed, name, 1, SIZE)[0] % len(kept)]
    for step in range(STEPS):
        points = _moved(points, kept, cuts, seed, f"{name}.{step}", full=step % 2 == 1)
    return Pool(points, left)


def _moved(points: Floats, kept: Floats, cuts: Sequence[Cut], seed: int, name: str, *, full: bool) -> Floats:
    """Move every point by a difference of two kept ones, where that leads to what is not ruled out."""
    dimensions = points.shape[1]
    one, other = resamples(seed, name, 2, len(points)) % len(kept)
    length = 1.0 if full else WIDTH / (2.0 * dimensions) ** 0.5
    blur = BLUR * normals(seed, f"{name}.blur", *points.shape)
    there = points + length * (kept[one] - kept[other]) + blur
    return np.where(plausible(cuts, there)[:, None], there, points)


def sample(pool: Pool, count: int) -> Floats:
    """Return points of a pool; they lie in no order, so that the first ones are a uniform sample.

    Points far from one another would crowd at the region's edge, where the sets would then have no weight.
    """
    return pool.points[:count]
