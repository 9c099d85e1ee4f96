"""Additive daily sums of what has happened: the numbers from which every indicator is computed.

For each dimension (city, district, service ...) a cube holds one dense array of whole numbers by day, group and
measure. Minutes, kilometres and scores are kept in fixed point, so that addition is exact: any order and any chunking
of the same rows gives the same cube, to the last bit. Its size depends on days and groups, never on the number of
orders; that is what bounds the memory of a run that records no tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIXED_POINT = 2**16
"""Fractions per unit of a measure that is not a count; 1/65536 min is a millisecond."""
SQUARE_POINT = 2**4
"""Fractions per square minute; a finer grid could overflow 63 bits over a year of long waits."""

Whole = NDArray[np.int64]


class Cube:
    """Sums by day, group and measure, for each dimension.

    Args:
        days: Number of days; rows of other days are not counted.
        groups: Ids of the groups of each dimension.
        scales: Each measure's fractions per unit (1 for a count).

    Attributes:
        sums: For each dimension an array i8[measures, days, groups].
    """

    def __init__(self, days: int, groups: Mapping[str, Sequence[str]], scales: Mapping[str, int]) -> None:
        self.days = days
        self.groups = {dimension: tuple(ids) for dimension, ids in groups.items()}
        self.scales = dict(scales)
        self.sums: dict[str, Whole] = {
            dimension: np.zeros((len(scales), days, len(ids)), np.int64)
            for dimension, ids in self.groups.items()
        }

    def add(
        self,
        day: NDArray[np.integer[Any]],
        codes: Mapping[str, NDArray[Any]],
        values: Mapping[str, NDArray[Any]],
    ) -> None:
        """Add rows.

        Args:
            day: Day to which each row counts.
            codes: Each row's group, for every dimension.
            values: Each row's measures in their units; a measure that is left out is not added to.
        """
        counted = (day >= 0) & (day < self.days)
        whole = {name: self._whole(name, column)[counted] for name, column in values.items()}
        for dimension, sums in self.sums.items():
            cells = day[counted] * sums.shape[2] + codes[dimension][counted]
            for flat, name in zip(sums.reshape(len(self.scales), -1), self.scales, strict=True):
                if name in whole:
                    np.add.at(flat, cells, whole[name])

    def merge(self, other: Cube) -> None:
        """Add all that another cube of the same shape holds."""
        for dimension in self.sums:
            self.sums[dimension] += other.sums[dimension]

    def state(self) -> dict[str, Whole]:
        """The sums, without the days at the end on which nothing has happened."""
        happened = [np.flatnonzero(sums.any(axis=(0, 2))) for sums in self.sums.values()]
        days = max((int(found[-1]) + 1 for found in happened if len(found)), default=0)
        return {dimension: sums[:, :days] for dimension, sums in self.sums.items()}

    def restore(self, state: Mapping[str, Whole]) -> None:
        """Go on from a saved state."""
        for dimension, sums in self.sums.items():
            saved = state[dimension]
            sums[:] = 0
            sums[:, : saved.shape[1]] = saved

    def of(self, dimension: str, measure: str) -> NDArray[np.float64]:
        """A measure's sums in its unit by day and group, f8[days, groups]."""
        index = list(self.scales).index(measure)
        return np.asarray(self.sums[dimension][index] / self.scales[measure])

    def _whole(self, name: str, column: NDArray[Any]) -> Whole:
        scale = self.scales[name]
        if scale == 1 and column.dtype.kind in "iub":
            return column.astype(np.int64)
        return np.rint(column * float(scale)).astype(np.int64)
