"""How audits add up rows and compare what they find with what the engine kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.errors import AuditError
from sim.state import Rows


def agree(what: str, counted: Rows, kept: Rows) -> None:
    """Compare what the records add up to with what the engine kept.

    Raises:
        AuditError: They differ; the message names the first place.
    """
    if np.array_equal(counted, kept):
        return
    where = tuple(int(index) for index in np.argwhere(np.asarray(counted) != np.asarray(kept))[0])
    raise AuditError(
        f"{what}: at {where} the records add up to {np.asarray(counted)[where]}, "
        f"the engine kept {np.asarray(kept)[where]}"
    )


def add_at(array: Rows, index: Any, amount: Any) -> None:
    """Add amounts in place; an index that stands twice counts twice."""
    np.add.at(array, index, amount)


def padded(array: Rows, size: int) -> Rows:
    """Return the array with zeros for the rows that its table has got since."""
    if len(array) == size:
        return array
    bigger = np.zeros((size, *array.shape[1:]), array.dtype)
    bigger[: len(array)] = array
    return bigger
