"""Content digests of tables: equal exactly when the same rows stand in them, in whatever order and chunks.

Each row is hashed over its columns in a fixed order; the hashes of all rows are added in four 64-bit lanes. A sum does
not depend on the order of its terms, so the digest equals that of the canonically sorted table, while rows are read
once, nothing is sorted or kept, and the state (a count and four numbers) can be saved in the middle of a run. Timings,
file metadata, row groups, compression and the host take no part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LANES = 4
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30 = np.uint64(30)
_SHIFT_27 = np.uint64(27)
_SHIFT_31 = np.uint64(31)
_LANE_KEYS = np.array([(lane * int(_GOLDEN)) % 2**64 for lane in range(1, LANES + 1)], np.uint64)
_HEX_BYTES = 16

Bits = NDArray[np.uint64]


class Digest:
    """The digest of one table, row by row.

    Attributes:
        state: The count of rows and the lanes, u8[1 + LANES]; all that has to be saved.
    """

    def __init__(self, state: Bits | None = None) -> None:
        self.state = np.zeros(1 + LANES, np.uint64) if state is None else state.copy()

    def add(self, columns: Sequence[NDArray[np.generic]]) -> None:
        """Take rows, given as columns of equal length in the table's fixed order."""
        if len(columns) == 0 or len(columns[0]) == 0:
            return
        rows = row_hashes(columns)
        lanes = [_mix(rows + key).sum(dtype=np.uint64) for key in _LANE_KEYS]
        self.state += np.array([len(rows), *lanes], np.uint64)

    def merge(self, other: Digest) -> None:
        """Take all rows that another digest of the same table has seen."""
        self.state += other.state

    def hex(self, name: str, columns: Sequence[str]) -> str:
        """The digest of the table `name` with these columns, 32 hexadecimal digits."""
        text = "\x1f".join((name, *columns)).encode()
        numbers = self.state.astype("<u8").tobytes()
        return hashlib.blake2b(text + b"\x1e" + numbers, digest_size=_HEX_BYTES).hexdigest()


def row_hashes(columns: Sequence[NDArray[np.generic]]) -> Bits:
    """A 64-bit hash of each row (finaliser of SplitMix64, once per column)."""
    hashes = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        hashes = _mix(hashes ^ _bits(column))
    return hashes


def text_bits(texts: Sequence[str]) -> Bits:
    """A 64-bit number for each text, so that a category is known by its name and not by its code."""
    digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
    return np.array([int.from_bytes(digest, "little") for digest in digests], np.uint64)


def _bits(column: NDArray[np.generic]) -> Bits:
    """Equal values give equal bits: -0.0 is 0.0, every NaN is one NaN, integers of any width are alike."""
    if column.dtype.kind == "f":
        values = column.astype(np.float64) + 0.0
        values[np.isnan(values)] = np.nan
        return values.view(np.uint64)
    if column.dtype.kind == "M":
        return column.astype("M8[D]").astype(np.int64).view(np.uint64)
    if column.dtype.kind == "u":
        return column.astype(np.uint64)
    return column.astype(np.int64).view(np.uint64)


def _mix(values: Bits) -> Bits:
    z = values + _GOLDEN
    z = (z ^ (z >> _SHIFT_30)) * _MULTIPLIER_1
    z = (z ^ (z >> _SHIFT_27)) * _MULTIPLIER_2
    return np.asarray(z ^ (z >> _SHIFT_31))
