"""Batch means: an interval for a steady state from one long run (Law 2015, section 9.5.3).

Neighbouring values of one run resemble each other, so a t interval of them is far too short. Means of batches that are
long against that memory are nearly independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.mean import mean_interval
from sim.experiments.statistics.sample import Floats, SampleError, as_series

BATCHES = 20
"""Schmeiser (1982), "Batch size effects in the analysis of simulation output", Operations Research 30: more than 10 to
30 batches hardly narrow the interval and make the batches short."""


@dataclass(frozen=True, slots=True)
class BatchMeans:
    """The means of the batches and what follows from them.

    Attributes:
        means: One mean a batch, in order of time.
        interval: Interval of the overall mean.
        correlation: Lag-1 correlation of the batch means. Were they independent, it would lie within
            :attr:`correlation_bound` of 0 in 95 of 100 runs; beyond that the batches are too short.
    """

    means: Floats
    interval: Interval
    correlation: float

    @property
    def correlation_bound(self) -> float:
        """How far from 0 the lag-1 correlation of independent means strays at most, at 95% (large samples)."""
        return 1.96 / float(np.sqrt(len(self.means)))

    @property
    def long_enough(self) -> bool:
        """Whether the batches look long against the memory of the run."""
        return self.correlation <= self.correlation_bound


def batch_means(values: ArrayLike, batches: int = BATCHES, confidence: float = 0.95) -> BatchMeans:
    """Return the batch means of one run after its warm-up.

    Args:
        values: Equally spaced values (days, say), shape (values,). What does not fill a batch is left out at the
            beginning, where the warm-up still shows most.
        batches: Number of batches.
        confidence: For example 0.95.

    Raises:
        SampleError: fewer than two batches, fewer values than batches, or a value is missing.
    """
    if batches < 2:
        raise SampleError(f"{batches} batches; at least 2 are needed")
    series = as_series(values, at_least=batches)
    length = len(series) // batches
    means = series[len(series) - length * batches :].reshape(batches, length).mean(axis=1)
    return BatchMeans(means, mean_interval(means, confidence, "t"), _neighbours(means))


def _neighbours(means: Floats) -> float:
    deviation = means - means.mean()
    spread = float((deviation**2).sum())
    return float((deviation[1:] * deviation[:-1]).sum()) / spread if spread > 0.0 else 0.0
