"""Is a difference too small to matter? Two one-sided t tests.

That a difference was not found does not show that there is none; this test does. Schuirmann (1987), "A comparison of
the two one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability",
Journal of Pharmacokinetics and Biopharmaceutics 15.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.mean import mean_interval
from sim.experiments.statistics.moments import Moments
from sim.experiments.statistics.sample import SampleError, as_series


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What the two tests say.

    Attributes:
        margin: Differences up to this size do not matter.
        p_low: Probability of such data, or data farther up, if the difference were -margin.
        p_high: Probability of such data, or data farther down, if it were +margin.
        interval: The interval at twice the false-alarm rate (90% for 5%), which lies within the margin exactly when
            both tests reject.
        false_alarm: How often a difference of the margin's size is called equivalent.
    """

    margin: float
    p_low: float
    p_high: float
    interval: Interval
    false_alarm: float

    @property
    def p_value(self) -> float:
        """The larger of the two."""
        return max(self.p_low, self.p_high)

    @property
    def equivalent(self) -> bool:
        """Whether the difference is shown to be no larger than the margin."""
        return self.p_value <= self.false_alarm


def equivalence_test(differences: ArrayLike, margin: float, false_alarm: float = 0.05) -> Equivalence:
    """Test whether the mean difference lies within ±margin.

    Args:
        differences: Policy minus baseline, shape (replications,).
        margin: Largest difference that does not matter, above 0, in the outcome's unit.
        false_alarm: Between 0 and 0.5.

    Raises:
        SampleError: the margin or the false-alarm rate is not as above, fewer than two values, or one is missing.
    """
    if not (0.0 < margin < math.inf and 0.0 < false_alarm < 0.5):
        raise SampleError(
            f"margin {margin}, false alarm {false_alarm}; above 0, and between 0 and 0.5, are needed"
        )
    series = as_series(differences)
    moments = Moments.of(series)
    mean, error = float(moments.mean), float(moments.standard_error)
    return Equivalence(
        margin=margin,
        p_low=_upper_tail(mean + margin, error, moments.count),
        p_high=_upper_tail(margin - mean, error, moments.count),
        interval=mean_interval(series, 1.0 - 2.0 * false_alarm, "t"),
        false_alarm=false_alarm,
    )


def _upper_tail(distance: float, error: float, count: int) -> float:
    from scipy.special import stdtr

    if error == 0.0:
        return 0.0 if distance >= 0.0 else 1.0
    return float(stdtr(count - 1, -distance / error))
