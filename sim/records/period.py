"""The days and calendar months of a run, and which of them are measured.

Warm-up is a question of time, never of resetting a counter: everything is recorded, and an indicator looks at the
measured days only. What is known per calendar month (incomes, balances) is measured from the first month that begins
at or after the end of the warm-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY


@dataclass(frozen=True)
class Period:
    """A run's span of days.

    Attributes:
        start: First day.
        days: Number of days simulated.
        warm_up_days: Days at the beginning that no indicator looks at.
    """

    start: date
    days: int
    warm_up_days: int = 0

    @cached_property
    def month_of_day(self) -> NDArray[np.int64]:
        """Number of the calendar month that each day lies in, counted from the first, i8[days]."""
        dates = [self.date_of(day) for day in range(self.days)]
        first = 12 * self.start.year + self.start.month
        return np.array([12 * d.year + d.month - first for d in dates], np.int64)

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The calendar months touched, in ISO form (2026-01)."""
        first = 12 * self.start.year + self.start.month - 1
        count = int(self.month_of_day[-1]) + 1 if self.days else 0
        return tuple(f"{(first + m) // 12:04d}-{(first + m) % 12 + 1:02d}" for m in range(count))

    @cached_property
    def days_of_month(self) -> NDArray[np.int64]:
        """Simulated days of each month, i8[months]; the first and the last may be cut."""
        return np.bincount(self.month_of_day, minlength=len(self.months)).astype(np.int64)

    @cached_property
    def measured_days(self) -> NDArray[np.bool_]:
        """Which days lie after the warm-up, b[days]."""
        return np.arange(self.days) >= self.warm_up_days

    @cached_property
    def measured_months(self) -> NDArray[np.bool_]:
        """Which months begin at or after the end of the warm-up, b[months]; the last may be cut by the run's end."""
        first_day = np.concatenate([[0], np.cumsum(self.days_of_month)[:-1]])
        return np.asarray(first_day >= self.warm_up_days)

    def day_of(self, minutes: NDArray[np.float64]) -> NDArray[np.int64]:
        """The day that each time lies in; negative before the start."""
        return np.floor_divide(minutes, MINUTES_PER_DAY).astype(np.int64)

    def date_of(self, day: int) -> date:
        """The date of a day."""
        return self.start + timedelta(days=day)

    def moment(self, minute: float) -> str:
        """Date and time of day of a minute, as people write it."""
        when = datetime.combine(self.start, time()) + timedelta(minutes=minute)
        return when.isoformat(sep=" ", timespec="minutes")

    def month_ending_at(self, end_min: float) -> int:
        """The month that a closing at `end_min` ends: the one in which the minute before it lies."""
        day = int(np.ceil(end_min / MINUTES_PER_DAY)) - 1
        return int(self.month_of_day[min(max(day, 0), self.days - 1)])

    def month_of(self, minutes: NDArray[np.float64]) -> NDArray[np.int64]:
        """The month in which each time lies; the instant of the run's end belongs to the last."""
        return self.month_of_day[np.clip(self.day_of(minutes), 0, self.days - 1)]
