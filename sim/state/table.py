"""A growing table of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
Record = Any
"""One row of a table; its fields are attributes in compiled code and items in Python."""


class Table:
    """A growing structured array with a free list, so that the slots of ended orders are used again.

    Attributes:
        rows: The array with its spare capacity; columns are ``rows["name"]``.
        size: Rows ever used; ``rows[:size]`` are meaningful.
        free: Rows that may be taken again, last released first.
    """

    __slots__ = ("_blank", "_stamped", "free", "rows", "size")

    def __init__(self, dtype: np.dtype[Any], capacity: int = 16) -> None:
        self.rows: Rows = np.zeros(max(capacity, 1), dtype)
        self.size = 0
        self.free: list[int] = []
        self._blank = np.zeros((), dtype)
        self._stamped = "stamp" in (dtype.names or ())

    @classmethod
    def of(cls, rows: Rows) -> Table:
        """Return a table whose used rows are exactly ``rows``."""
        table = cls(rows.dtype, max(len(rows), 1))
        table.rows[: len(rows)] = rows
        table.size = len(rows)
        return table

    @property
    def used(self) -> Rows:
        """The rows in use, a view (released rows included)."""
        view: Rows = self.rows[: self.size]
        return view

    def add(self) -> int:
        """Take a row, zeroed, and return its number; the array may move."""
        if self.free:
            row = self.free.pop()
            self._clear(row)
            return row
        if self.size == len(self.rows):
            self.grow(2 * self.size)
        self.size += 1
        return self.size - 1

    def _clear(self, row: int) -> None:
        # A stamp outlives its row's tenant, so that an occurrence entered for the old one cannot hit the new one.
        rows = self.rows
        if self._stamped:
            stamp = rows["stamp"][row] + 1
            rows[row] = self._blank
            rows["stamp"][row] = stamp
        else:
            rows[row] = self._blank

    def grow(self, capacity: int) -> None:
        """Make room for ``capacity`` rows."""
        bigger = np.zeros(capacity, self.rows.dtype)
        bigger[: self.size] = self.rows[: self.size]
        self.rows = bigger

    def release(self, row: int) -> None:
        """Give a row back; its content is void."""
        self.free.append(row)
