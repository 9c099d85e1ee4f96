"""An interval: an estimate, how far up and down the truth may lie, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval, in the unit of what was measured.

    Attributes:
        estimate: The best single number; it need not lie in the middle.
        low: The lower end.
        high: The upper end.
        confidence: How often intervals made this way hold the truth, for example 0.95.
    """

    estimate: float
    low: float
    high: float
    confidence: float

    @property
    def half_width(self) -> float:
        """Half the distance between the ends."""
        return (self.high - self.low) / 2.0

    @property
    def reach(self) -> float:
        """The greater distance from the estimate to an end: what is meant by "plus or minus"."""
        return max(self.high - self.estimate, self.estimate - self.low)

    def covers(self, value: float) -> bool:
        """Return whether the value lies inside, the ends included."""
        return self.low <= value <= self.high

    def within(self, margin: float) -> bool:
        """Return whether the whole interval lies between -margin and margin, these included."""
        return -margin <= self.low and self.high <= margin
