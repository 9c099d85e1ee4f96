"""A difference in words: better, worse, no difference that matters, or not decided."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.sample import SampleError
from sim.names import label

Direction = Literal["up", "down", "none"]
"""Which direction of an outcome is better for people; "none" where that depends on the case."""


class Verdict(StrEnum):
    """What an interval of a difference says."""

    BETTER = "better"
    WORSE = "worse"
    HIGHER = "higher"
    LOWER = "lower"
    NO_DIFFERENCE = "no_difference"
    NOT_DECIDED = "not_decided"

    def text(self, lang: str = "en") -> str:
        """Return the verdict in words, from the catalogue of names."""
        return label(f"verdict.{self.value}", lang)


def verdict(difference: Interval, better: Direction, margin: float = 0.0) -> Verdict:
    """Return what an interval of policy minus baseline says.

    An interval within the margin is no difference larger than the margin, even when 0 lies outside it: what does not
    matter is not praised for being certain. (At 95% that is the two one-sided tests at 2.5%.) Otherwise an interval
    on one side of 0 decides, and one that holds 0 does not.

    Args:
        difference: Interval of policy minus baseline.
        better: Which direction is better; with "none" the verdict is higher or lower.
        margin: Largest difference that does not matter, 0 or more; with 0 only what never differs is no difference.

    Raises:
        SampleError: the margin is negative.
    """
    if not margin >= 0.0:
        raise SampleError(f"margin {margin}; 0 or more is needed")
    if difference.within(margin):
        return Verdict.NO_DIFFERENCE
    if difference.covers(0.0):
        return Verdict.NOT_DECIDED
    rises = difference.low > 0.0
    if better == "none":
        return Verdict.HIGHER if rises else Verdict.LOWER
    return Verdict.BETTER if rises == (better == "up") else Verdict.WORSE
