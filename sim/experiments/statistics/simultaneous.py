"""Intervals for several outcomes that hold all at once as often as they say.

Bonferroni divides the miss among the outcomes and is too wide when they move together. The max-t way asks how wide
intervals must be for outcomes that move together as these do: the largest of the standardised means is drawn by a
Gaussian multiplier bootstrap of the paired vectors, each replication's deviations times one normal number
(Chernozhukov, Chetverikov and Kato 2013, "Gaussian approximations and multiplier bootstrap for maxima of sums of
high-dimensional random vectors", Annals of Statistics 41). Its quantile is read as a confidence for each outcome alone,
which then has its interval of Student's t. So independent outcomes get Šidák's intervals, one outcome under many
names gets its own.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.mean import Method, intervals_at
from sim.experiments.statistics.moments import Moments
from sim.experiments.statistics.sample import Floats, as_table, check_confidence

Together = Literal["max_t", "bonferroni"]
DRAWS = 10_000
DRAW = "statistics.max_t"


def simultaneous_intervals(
    values: ArrayLike,
    confidence: float = 0.95,
    together: Together = "max_t",
    method: Method = "guarded",
    seed: int = 0,
    draws: int = DRAWS,
) -> tuple[Interval, ...]:
    """Return intervals of the columns' means that all hold at once with the given confidence.

    Args:
        values: Shape (replications, outcomes); a row is what one replication (one pair of worlds) gave.
        confidence: Of all intervals together, for example 0.95.
        together: "max_t" or "bonferroni".
        method: How a single interval is made, see :func:`~sim.experiments.statistics.mean.mean_interval`.
        seed: Key of the draws of "max_t".
        draws: Number of draws of "max_t".

    Raises:
        SampleError: fewer than two replications, a value is missing, or the confidence is not between 0 and 1.
    """
    table = as_table(values)
    check_confidence(confidence)
    if together == "bonferroni":
        each = bonferroni_confidence(confidence, table.shape[1])
    else:
        each = max_t_confidence(table, confidence, seed, draws)
    return intervals_at(Moments.of(table), each, confidence, method)


def bonferroni_confidence(confidence: float, outcomes: int) -> float:
    """Return the confidence of each of several intervals such that all hold at the given one at least."""
    return 1.0 - (1.0 - confidence) / outcomes


def max_t_confidence(table: Floats, confidence: float, seed: int = 0, draws: int = DRAWS) -> float:
    """Return the confidence of each interval such that all hold at the given one, for outcomes that move as these do.

    It lies between `confidence` (outcomes that all say the same) and Bonferroni's.

    Args:
        table: Shape (replications, outcomes). Outcomes that never vary do not count.
        confidence: Of all intervals together.
        seed: Key of the draws.
        draws: Number of draws.
    """
    from scipy.special import ndtr

    directions = _directions(table)
    if directions.shape[1] == 0:
        return confidence
    largest = _largest(directions, seed, draws)
    each = 1.0 - 2.0 * float(ndtr(-np.quantile(largest, confidence)))
    return min(max(each, confidence), bonferroni_confidence(confidence, directions.shape[1]))


def _directions(table: Floats) -> Floats:
    """Return the deviations of the columns that vary, each scaled to length 1."""
    deviations = table - table.mean(axis=0)
    lengths = np.sqrt((deviations**2).sum(axis=0))
    varies = np.ptp(table, axis=0) > 0.0
    directions: Floats = deviations[:, varies] / lengths[varies]
    return directions


def _largest(directions: Floats, seed: int, draws: int) -> Floats:
    """Return the largest absolute standardised mean in each draw."""
    from sim.experiments.statistics.draws import normals

    multipliers = normals(seed, DRAW, draws, len(directions))
    largest: Floats = np.abs(multipliers @ directions).max(axis=1)
    return largest
