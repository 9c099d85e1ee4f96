"""Days counted from lunar New Year's Day, as a part of a run that indicators can be taken over.

A window ``-14..-1`` is the fortnight before New Year's Day (day 0); both ends belong to it. It is the union over all
New Years of the run around which it lies wholly within the measured days; where there is none, nothing is observed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sim.records.period import Period
from sim.records.recorder import Recorded

_FORM = re.compile(r"(-?\d+)\.\.(-?\d+)")


@dataclass(frozen=True)
class Window:
    """Days from lunar New Year's Day.

    Attributes:
        first, last: Its ends, which belong to it.
    """

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``first..last``.

        Raises:
            ValueError: It is no window, or its ends are the wrong way round.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text} is no window; needed: days from lunar New Year's Day, such as -14..-1")
        first, last = int(found[1]), int(found[2])
        if first > last:
            raise ValueError(f"the window {text} ends before it begins")
        return cls(first, last)

    def days(self, period: Period, new_years: Sequence[int]) -> NDArray[np.bool_]:
        """Return which days of a run lie in the window, b[days].

        Args:
            period: The run's.
            new_years: Days of the run that are lunar New Year's Days.
        """
        chosen = np.zeros(period.days, bool)
        for day in new_years:
            first, last = day + self.first, day + self.last
            if first >= period.warm_up_days and last < period.days:
                chosen[first : last + 1] = True
        return chosen


@dataclass(frozen=True, eq=False)
class Span(Period):
    """A run's period of which only some days are measured; of its months those that lie wholly in them.

    Attributes:
        chosen: Which days, b[days].
    """

    chosen: NDArray[np.bool_] | None = None

    @cached_property
    def measured_days(self) -> NDArray[np.bool_]:
        """Which days are measured, b[days]."""
        after = np.arange(self.days) >= self.warm_up_days
        return after if self.chosen is None else after & self.chosen

    @cached_property
    def measured_months(self) -> NDArray[np.bool_]:
        """Which months lie wholly in the measured days, b[months]."""
        inside = np.bincount(self.month_of_day, self.measured_days, len(self.months))
        return np.asarray(inside == self.days_of_month)


def within(recorded: Recorded, window: Window, new_years: Sequence[int]) -> Recorded:
    """Return what was recorded with the days of a window as the only measured ones."""
    period = recorded.frame.period
    span = Span(period.start, period.days, period.warm_up_days, window.days(period, new_years))
    return replace(recorded, frame=replace(recorded.frame, period=span))
