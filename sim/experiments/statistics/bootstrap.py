"""Bootstrap intervals, for statistics that have no interval of their own: medians, ratios, shares of a spread.

Replications are drawn with replacement, whole rows at a time, so that what was measured in one run stays together.
BCa: Efron (1987), "Better bootstrap confidence intervals", Journal of the American Statistical Association 82.
Draws are keyed, so that equal input gives equal intervals; that is why `scipy.stats.bootstrap`, which takes a generator
in sequence, only serves in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.sample import Floats, as_sample, check_confidence

BootstrapMethod = Literal["bca", "percentile"]
Statistic = Callable[[Floats], Floats]
"""Takes samples of shape (samples, replications, ...) and returns one number a sample, shape (samples,)."""

DRAW = "statistics.bootstrap"


def mean_of(samples: Floats) -> Floats:
    """The mean of each sample of shape (samples, replications)."""
    means: Floats = samples.mean(axis=1)
    return means


def bootstrap_interval(
    values: ArrayLike,
    statistic: Statistic = mean_of,
    confidence: float = 0.95,
    method: BootstrapMethod = "bca",
    seed: int = 0,
    draws: int = 9_999,
) -> Interval:
    """Return a bootstrap interval of a statistic.

    With few replications it is too short (at 10 by nearly a fifth for a mean); for means, `mean_interval` is better.

    Args:
        values: Shape (replications, ...).
        statistic: See :data:`Statistic`.
        confidence: For example 0.95.
        method: "bca" (bias-corrected and accelerated), or "percentile".
        seed: Key of the draws.
        draws: Number of resamples.

    Raises:
        SampleError: fewer than two replications, a value is missing, or the confidence is not between 0 and 1.
    """
    from sim.experiments.statistics.draws import resamples

    sample = as_sample(values)
    check_confidence(confidence)
    estimate = float(statistic(sample[None])[0])
    drawn = statistic(sample[resamples(seed, DRAW, draws, len(sample))])
    tails = np.array([(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    if method == "bca":
        tails = corrected(tails, estimate, drawn, left_one_out(sample, statistic))
    low, high = np.quantile(drawn, tails)
    return Interval(estimate, float(low), float(high), confidence)


def left_one_out(sample: Floats, statistic: Statistic) -> Floats:
    """Return the statistic without each replication in turn, shape (replications,)."""
    count = len(sample)
    others = np.arange(count)[None, :] + np.arange(1, count)[:, None]
    return statistic(sample[(others % count).T])


def corrected(tails: Floats, estimate: float, drawn: Floats, without: Floats) -> Floats:
    """Return the probabilities at which BCa reads the drawn distribution (Efron 1987, equation 2.3).

    Args:
        tails: The nominal probabilities.
        estimate: The statistic of the sample itself.
        drawn: The statistic of the resamples.
        without: The statistic without each replication in turn.
    """
    from scipy.special import ndtr, ndtri

    if np.ptp(drawn) == 0.0:
        return tails
    below = (np.mean(drawn < estimate) + np.mean(drawn <= estimate)) / 2.0
    rank = 0.5 / len(drawn)  # an estimate outside all draws still has a finite bias
    bias = ndtri(np.clip(below, rank, 1.0 - rank))
    pull = without.mean() - without
    spread = (pull**2).sum() ** 1.5
    acceleration = (pull**3).sum() / (6.0 * spread) if spread > 0.0 else 0.0
    shifted = bias + ndtri(tails)
    probabilities: Floats = ndtr(bias + shifted / (1.0 - acceleration * shifted))
    return probabilities
