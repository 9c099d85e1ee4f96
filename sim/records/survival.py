"""How long something lasts, where not everything has ended yet: the Kaplan-Meier estimate and its mean."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def kaplan_meier(lengths: Numbers, ended: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return the lengths at which something ended, ascending, and the share that lasts longer than each.

    Args:
        lengths: Length so far of each, f8[n].
        ended: Whether it ended then; else it was last seen then.

    Source: the product-limit estimate (Kaplan and Meier 1958).
    """
    times = np.unique(lengths[ended])
    at_risk = len(lengths) - np.searchsorted(np.sort(lengths), times, side="left")
    ends = np.searchsorted(np.sort(lengths[ended]), times, side="right") - np.searchsorted(
        np.sort(lengths[ended]), times, side="left"
    )
    lasting: Numbers = np.cumprod(1.0 - ends / at_risk).astype(np.float64)
    return times.astype(np.float64), lasting


def share_ended(lengths: Numbers, ended: NDArray[np.bool_], by: float) -> float:
    """Return the share that has ended by a length; NaN where nothing was seen for so long."""
    if len(lengths) == 0 or lengths.max() < by:
        return math.nan
    times, lasting = kaplan_meier(lengths, ended)
    before = int(np.searchsorted(times, by, side="right"))
    return 1.0 - float(lasting[before - 1]) if before else 0.0


def mean_length(lengths: Numbers, ended: NDArray[np.bool_]) -> float:
    """Return the mean length; NaN where nothing has ended.

    The area below the Kaplan-Meier curve as far as anything was seen; beyond it the curve goes on as the exponential
    curve through its last point (Brown, Hollander and Korwar 1974, "Nonparametric tests of independence for censored
    data").
    """
    if not ended.any():
        return math.nan
    times, lasting = kaplan_meier(lengths, ended)
    horizon = float(lengths.max())
    steps = np.concatenate([[0.0], times, [horizon]])
    area = float(np.sum(np.diff(steps) * np.concatenate([[1.0], lasting])))
    rest = float(lasting[-1])
    return area + (rest * horizon / -math.log(rest) if rest > 0.0 else 0.0)
