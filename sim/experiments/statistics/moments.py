"""Running moments: count, mean, spread and skewness of what has come so far, without keeping it.

One value is added by Welford's update (Welford 1962, "Note on a method for calculating corrected sums of squares and
products", Technometrics 4), two parts are merged by the formulas of Chan, Golub and LeVeque (1979, "Updating formulae
and a pairwise algorithm for computing sample variances", Stanford STAN-CS-79-773), the third moment by those of Pébay
(2008, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments",
Sandia SAND2008-6212). Adding a value is merging with a part of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.experiments.statistics.sample import Floats, as_sample


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of one or many columns; every array has the columns' shape.

    Attributes:
        count: Number of values in each column.
        mean: Their mean.
        second: Sum of squared deviations from the mean.
        third: Sum of cubed deviations from the mean.
    """

    count: int
    mean: Floats
    second: Floats
    third: Floats

    @classmethod
    def empty(cls, shape: tuple[int, ...] = ()) -> Moments:
        """Return the moments of no values in columns of a shape."""
        return cls(0, np.zeros(shape), np.zeros(shape), np.zeros(shape))

    @classmethod
    def of(cls, values: ArrayLike) -> Moments:
        """Return the moments of values of shape (count, ...), in two passes.

        Raises:
            SampleError: there is no value, or one is missing or infinite.
        """
        sample = as_sample(values, at_least=1)
        mean = sample.mean(axis=0)
        mean = mean + (sample - mean).mean(axis=0)  # takes the rounding of the first pass out again
        deviation = sample - mean
        return cls(len(sample), mean, (deviation**2).sum(axis=0), (deviation**3).sum(axis=0))

    def add(self, value: ArrayLike) -> Moments:
        """Return the moments with one more value in every column."""
        one = np.asarray(value, dtype=np.float64)
        nothing = np.zeros(one.shape)
        return self.merge(Moments(1, one, nothing, nothing))

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both parts together; the order of the parts changes rounding only."""
        count = self.count + other.count
        if not self.count or not other.count:
            return self if self.count else other
        step = (other.mean - self.mean) / count
        product = self.count * other.count
        second = self.second + other.second + step**2 * product * count
        third = (
            self.third
            + other.third
            + step**3 * product * count * (self.count - other.count)
            + 3.0 * step * (self.count * other.second - other.count * self.second)
        )
        return Moments(count, self.mean + step * other.count, second, third)

    @property
    def variance(self) -> Floats:
        """The unbiased sample variance; NaN for fewer than two values."""
        return self.second / (self.count - 1) if self.count > 1 else np.full(self.mean.shape, np.nan)

    @property
    def standard_error(self) -> Floats:
        """The standard error of the mean; NaN for fewer than two values."""
        error: Floats = np.sqrt(self.variance / max(self.count, 1))
        return error

    @property
    def skewness(self) -> Floats:
        """The third standardised moment (with divisor n), and 0 where all values are equal."""
        spread = np.where(self.second > 0.0, self.second, 1.0)
        skewness: Floats = np.where(
            self.second > 0.0, np.sqrt(float(self.count)) * self.third / spread**1.5, 0.0
        )
        return skewness
