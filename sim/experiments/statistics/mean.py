"""Intervals for a mean: Student's t, and the same one guarded against skewness.

A t interval misses too often when single values are skewed, and more so under a rule that stops when the spread looks
small: then few and too low values come together. The guarded interval therefore reaches, on either side, as far as the
farther of two: the t interval and the interval from Hall's cubic transformation, which takes the sample's skewness out
of the t statistic (Hall 1992, "On the removal of skewness by transformation", Journal of the Royal Statistical Society
B 54). For normal values it is some 4% wider than the t interval at 20 replications and 1% at 60.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.moments import Moments
from sim.experiments.statistics.sample import Floats, as_sample, as_series, check_confidence

Method = Literal["guarded", "t"]
_NO_SKEW = 1e-8


def mean_interval(values: ArrayLike, confidence: float = 0.95, method: Method = "guarded") -> Interval:
    """Return an interval for the mean of independent values.

    Args:
        values: Shape (replications,).
        confidence: For example 0.95.
        method: "guarded", or "t" for the plain t interval (Law 2015, "Simulation Modeling and Analysis", section 4.5).

    Raises:
        SampleError: fewer than two values, a value is missing, or the confidence is not between 0 and 1.
    """
    return mean_intervals(as_series(values)[:, None], confidence, method)[0]


def mean_intervals(
    values: ArrayLike, confidence: float = 0.95, method: Method = "guarded"
) -> tuple[Interval, ...]:
    """Return the interval of every column's mean, each by itself at the given confidence.

    Args:
        values: Shape (replications, outcomes).
        confidence: For example 0.95.
        method: As for :func:`mean_interval`.

    Raises:
        SampleError: as for :func:`mean_interval`.
    """
    return intervals_at(Moments.of(as_sample(values)), confidence, confidence, method)


def intervals_at(
    moments: Moments, each: float, stated: float, method: Method = "guarded"
) -> tuple[Interval, ...]:
    """Return intervals made at the confidence `each` that are stated to hold, together or alone, at `stated`."""
    check_confidence(each)
    down, up = arms(moments, each, method)
    ends = zip(moments.mean, moments.mean - down, moments.mean + up, strict=True)
    return tuple(Interval(float(mean), float(low), float(high), stated) for mean, low, high in ends)


def arms(moments: Moments, confidence: float, method: Method = "guarded") -> tuple[Floats, Floats]:
    """Return how far an interval reaches below and above each mean; both have the columns' shape.

    The count must be at least two.
    """
    quantile = t_quantile(confidence, moments.count)
    error = moments.standard_error
    if method == "t":
        return quantile * error, quantile * error
    lean = moments.skewness / np.sqrt(moments.count)
    below: Floats = np.maximum(quantile, _unskewed(quantile, lean)) * error
    above: Floats = np.maximum(quantile, -_unskewed(-quantile, lean)) * error
    return below, above


def t_quantile(confidence: float, count: float) -> float:
    """Return the two-sided quantile of Student's t for the mean of `count` values."""
    from scipy.special import stdtrit

    return float(stdtrit(count - 1, 0.5 + confidence / 2.0))


def _unskewed(quantile: float, lean: Floats) -> Floats:
    """Return Hall's inverse transformation of a quantile of t.

    Args:
        quantile: Of the transformed statistic.
        lean: Skewness divided by the root of the number of values.
    """
    flat = np.abs(lean) < _NO_SKEW
    slope = np.where(flat, 1.0, lean)
    inverse = 3.0 / slope * (np.cbrt(1.0 + slope * (quantile - slope / 6.0)) - 1.0)
    unskewed: Floats = np.where(flat, quantile, inverse)
    return unskewed
