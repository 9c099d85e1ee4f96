"""Keyed draws in bulk: every element is a pure function of seed, name, row and column (see sim.rng)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.experiments.statistics.sample import Floats
from sim.rng import decision, normal, uniform


def normals(seed: int, name: str, rows: int, columns: int) -> Floats:
    """Return standard normal numbers of shape (rows, columns); more rows or columns change none of those before."""
    table = np.empty((rows, columns))
    _fill_normals(np.uint64(seed), decision(name), table)
    return table


def resamples(seed: int, name: str, rows: int, count: int) -> NDArray[np.int64]:
    """Return `rows` draws with replacement of `count` from `count`, as indices of shape (rows, count)."""
    table = np.empty((rows, count), dtype=np.int64)
    _fill_indices(np.uint64(seed), decision(name), table)
    return table


@kernel
def _fill_normals(seed: np.uint64, what: np.uint64, table: Floats) -> None:
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            table[row, column] = normal(seed, what, np.uint64(row), np.uint64(column))


@kernel
def _fill_indices(seed: np.uint64, what: np.uint64, table: NDArray[np.int64]) -> None:
    count = table.shape[1]
    for row in range(table.shape[0]):
        for column in range(count):
            drawn = int(uniform(seed, what, np.uint64(row), np.uint64(column)) * count)
            table[row, column] = min(drawn, count - 1)
