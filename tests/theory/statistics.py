"""Intervals for the means of a steady state, from one long simulated run.

The run is cut into batches that are long against its memory; their means are nearly independent and normal (Law 2015,
"Simulation Modeling and Analysis", 5th edition, section 9.5.3). Where something of known mean is measured in the same
batches, regression on it takes its chance out of the result: control variates (Lavenberg and Welch 1981, "A perspective
on the use of control variables to increase the efficiency of Monte Carlo simulations", Management Science 27).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
_FOLDS = 10
_ROUNDING = 1e-9


class Interval(NamedTuple):
    """A mean and the half-width of its interval."""

    mean: float
    half_width: float

    def covers(self, value: float) -> bool:
        """Return whether the value lies inside, rounding errors forgiven."""
        return abs(self.mean - value) <= self.half_width + _ROUNDING * abs(value)


class Path(NamedTuple):
    """A count over time: ``counts[i]`` holds from ``instants[i]`` until ``instants[i + 1]``."""

    instants: Floats
    counts: NDArray[np.int64]


def bonferroni(family_false_alarm: float, checks: int) -> float:
    """Return each check's false-alarm rate such that a whole family raises one at the given rate at most."""
    return family_false_alarm / checks


def mean_interval(batch_values: Floats, false_alarm: float) -> Interval:
    """Return the t interval of the mean of independent values."""
    count = len(batch_values)
    quantile = float(stats.t.isf(false_alarm / 2.0, count - 1))
    return Interval(
        float(batch_values.mean()), quantile * float(batch_values.std(ddof=1)) / float(np.sqrt(count))
    )


def ratio_batches(sums: Floats, counts: Floats) -> Floats:
    """Return batch values whose mean is ``sum(sums) / sum(counts)``, with the spread of the ratio (delta method)."""
    ratio = sums.sum() / counts.sum()
    values: Floats = ratio + (sums - ratio * counts) / counts.mean()
    return values


def without_controls(batch_values: Floats, controls: Floats) -> Floats:
    """Return batch values less the part that controls of mean zero explain.

    The coefficients for a tenth of the batches are fitted on the other nine tenths, so that they are independent of the
    controls that they multiply and the mean is not biased.

    Args:
        batch_values: One value a batch.
        controls: Shape (batches, controls); each has expectation zero.
    """
    spread = controls.std(axis=0)
    scaled = controls[:, spread > 0.0] / spread[spread > 0.0]
    fold = np.arange(len(batch_values)) * _FOLDS // len(batch_values)
    explained = np.zeros(len(batch_values))
    for k in range(_FOLDS):
        others = fold != k
        design = np.column_stack([np.ones(int(others.sum())), scaled[others]])
        coefficients = np.linalg.lstsq(design, batch_values[others], rcond=None)[0]
        explained[~others] = scaled[~others] @ coefficients[1:]
    return batch_values - explained


def count_path(begins: Floats, ends: Floats) -> Path:
    """Return how many are present over time; at equal instants a beginning comes before an end."""
    instants = np.concatenate([begins, ends])
    steps = np.repeat([1, -1], [len(begins), len(ends)])
    order = np.argsort(instants, kind="stable")
    return Path(instants[order], np.cumsum(steps[order]))


def counts_before(begins: Floats, ends: Floats, instants: Floats) -> NDArray[np.int64]:
    """Return how many are present just before some instants."""
    begun = np.searchsorted(np.sort(begins), instants)
    ended = np.searchsorted(np.sort(ends), instants)
    present: NDArray[np.int64] = begun - ended
    return present


def time_by_count(path: Path, edges: Floats, highest: int) -> Floats:
    """Return the time spent at each count.

    Args:
        path: The count over time.
        edges: Borders of the batches, rising.
        highest: Counts above it share the last column.

    Returns:
        Shape (batches, highest + 2): column ``k`` for count ``k``, the last for all above ``highest``.
    """
    inside = (path.instants > edges[0]) & (path.instants < edges[-1])
    instants = np.union1d(path.instants[inside], edges)
    held = np.append(0, path.counts)[np.searchsorted(path.instants, instants[:-1], side="right")]
    batch = np.searchsorted(edges, instants[:-1], side="right") - 1
    columns = highest + 2
    cell = batch * columns + np.minimum(held, highest + 1)
    spent = np.bincount(cell, weights=np.diff(instants), minlength=(len(edges) - 1) * columns)
    return spent.astype(np.float64).reshape(-1, columns)


def batch_of(instants: Floats, edges: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the batch of each instant, and which instants lie in one at all."""
    batch = np.searchsorted(edges, instants, side="right") - 1
    return batch, (batch >= 0) & (batch < len(edges) - 1)
