"""What a sample must be before anything is said about it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import UserError

Floats = NDArray[np.float64]


class SampleError(UserError):
    """A sample, a confidence or a target of which no statistics can be made; the message says what is needed."""


def as_sample(values: ArrayLike, at_least: int = 2) -> Floats:
    """Return values as floats, one replication a row.

    Args:
        values: Shape (replications, ...).
        at_least: Fewest replications that will do.

    Raises:
        SampleError: there are fewer replications, or a value is missing or infinite.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim == 0 or len(sample) < at_least:
        found = 0 if sample.ndim == 0 else len(sample)
        raise SampleError(f"{found} replications; at least {at_least} are needed")
    if not np.isfinite(sample).all():
        row = int(np.argwhere(~np.isfinite(sample))[0][0])
        raise SampleError(
            f"replication {row + 1} has a value that is missing or infinite; leave the outcome out"
        )
    return sample


def as_table(values: ArrayLike, at_least: int = 2) -> Floats:
    """Return :func:`as_sample` of several outcomes.

    Args:
        values: Shape (replications, outcomes).
        at_least: Fewest replications that will do.

    Raises:
        SampleError: see :func:`as_sample`; or the shape is another, or there is no outcome.
    """
    table = as_sample(values, at_least)
    if table.ndim != 2 or table.shape[1] == 0:
        raise SampleError(f"shape {table.shape}; one row a replication and one column an outcome are needed")
    return table


def as_series(values: ArrayLike, at_least: int = 2) -> Floats:
    """Return :func:`as_sample` of one outcome.

    Args:
        values: Shape (replications,).
        at_least: Fewest replications that will do.

    Raises:
        SampleError: see :func:`as_sample`; or the shape is another.
    """
    series = as_sample(values, at_least)
    if series.ndim != 1:
        raise SampleError(f"shape {series.shape}; one number a replication is needed")
    return series


def check_confidence(confidence: float) -> None:
    """Refuse a confidence that is not strictly between 0 and 1.

    Raises:
        SampleError: it is not.
    """
    if not 0.0 < confidence < 1.0:
        raise SampleError(f"confidence {confidence}; a number between 0 and 1 is needed, such as 0.95")


def check_equal_shapes(first: NDArray[Any], second: NDArray[Any]) -> None:
    """Refuse two samples that are not paired row by row.

    Raises:
        SampleError: the shapes differ.
    """
    if first.shape != second.shape:
        raise SampleError(
            f"shapes {first.shape} and {second.shape}; paired samples have the same rows and columns"
        )
