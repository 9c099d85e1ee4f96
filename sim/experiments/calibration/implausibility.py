"""How implausible a point of the parameter space is (Craig et al. 1997; Vernon, Goldstein and Bower 2010).

    I_j(x) = |z_j - E_j(x)| / sqrt(Var emulator + Var published + Var discrepancy + Var chance)

The variance of chance is that of the mean of a point's replications: the world is one realisation, and a run at a part
of its size is another. By Pukelsheim's rule any unimodal distribution has 95% within 3 standard deviations, so a point
is ruled out when the implausibility that counts (the largest, or the second largest) lies above 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiments.calibration.emulator import Emulator, Floats


@dataclass(frozen=True)
class Measure:
    """What implausibility is measured with.

    Attributes:
        published: The figures.
        variance: Of figure and discrepancy, by target.
        chance: Variance of the mean of a point's replications, by target.
        cutoff: Where the plausible ends.
        rank: Which implausibility counts: 1 the largest, 2 the second largest; not more than there are targets.
    """

    published: Floats
    variance: Floats
    chance: Floats
    cutoff: float
    rank: int

    def implausibility(self, means: Floats, variances: Floats) -> Floats:
        """Return the implausibility by point (rows) and target (columns).

        Args:
            means: Expected values, a row a point.
            variances: What is not known about them, in the same shape.
        """
        found: Floats = np.abs(means - self.published) / np.sqrt(variances + self.variance + self.chance)
        return found

    def counting(self, implausibility: Floats) -> Floats:
        """Return by point the implausibility that decides."""
        rank = min(self.rank, implausibility.shape[1])
        found: Floats = np.sort(implausibility, axis=1)[:, -rank]
        return found

    def plausible(self, implausibility: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return by point whether it is not ruled out."""
        found: np.ndarray[tuple[int], np.dtype[np.bool_]] = self.counting(implausibility) <= self.cutoff
        return found


@dataclass(frozen=True)
class Cut:
    """What one wave rules out.

    Attributes:
        emulators: One by target.
        measure: With what.
    """

    emulators: Sequence[Emulator]
    measure: Measure

    def implausibility(self, points: Floats) -> Floats:
        """Return the implausibility by point and target."""
        found = [emulator.predict(points) for emulator in self.emulators]
        means, variances = (np.column_stack([one[part] for one in found]) for part in (0, 1))
        return self.measure.implausibility(means, variances)

    def plausible(self, points: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return by point whether this wave does not rule it out."""
        return self.measure.plausible(self.implausibility(points))


def plausible(cuts: Sequence[Cut], points: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return by point of the cube whether no wave rules it out."""
    alive: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.all((points >= 0.0) & (points <= 1.0), axis=1)
    for cut in cuts:
        if alive.any():
            alive[alive] = cut.plausible(points[alive])
    return alive
