"""How precise an indicator of a textbook queue is: half-widths by batch means within one run.

A queue in a steady state is observed in batches of days that are long against the time in which it forgets where it
was, so that the batches are nearly independent. A whole market has seasons and is in no steady state; what its
indicators would be in another run is told by replications, not by batches.
"""

from __future__ import annotations

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.records.flows import CITY
from sim.records.recorder import Recorded
from sim.records.view import Numbers

BATCHES = 20
CONFIDENCE = 0.95


def half_widths(recorded: Recorded) -> dict[str, float]:
    """Half-widths of the 95% intervals of wait (days) and fill rate (share); nothing of a run of too few days."""
    measured = recorded.frame.period.measured_days
    if measured.sum() < BATCHES:
        return {}

    def daily(measure: str) -> Numbers:
        return recorded.orders.of(CITY, measure)[measured, 0]

    ended = daily("completed") + daily("cancelled") + daily("unserved")
    found = {
        "wait": half_width(daily("wait_min") / MINUTES_PER_DAY, daily("single")),
        "fill_rate": half_width(daily("completed"), ended),
    }
    return {name: width for name, width in found.items() if np.isfinite(width)}


def half_width(sums: Numbers, counts: Numbers, batches: int = BATCHES) -> float:
    """Half-width of the interval of a mean, given the sums and counts of consecutive days; NaN without observations.

    Batch means of a ratio: days are put into `batches` runs of equal length, and the deviations of each batch's sum
    from what its count makes expect give the variance, with `batches` - 1 degrees of freedom (Law, Simulation
    Modeling and Analysis, 5th ed., 9.5.3; Cochran, Sampling Techniques, 3rd ed., 2.11).

    Args:
        sums: Sum of the observations of each day, f8[days].
        counts: Their number, f8[days].
        batches: Number of batches, at most the number of days.
    """
    from scipy.special import stdtrit

    total = counts.sum()
    if total == 0:
        return float("nan")
    mean = sums.sum() / total
    residuals = [part.sum() for part in np.array_split(sums - mean * counts, batches)]
    variance = batches / (batches - 1) * float(np.square(residuals).sum()) / total**2
    return float(stdtrit(batches - 1, (1 + CONFIDENCE) / 2)) * variance**0.5
