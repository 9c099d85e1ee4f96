"""Dates, weekdays, public holidays and Spring Festival, taken once from a maintained package and then frozen.

The package `holidays` is asked when a scenario is resolved. What it answers travels with the resolved scenario as a
plain mapping, so that a later release of the package cannot change a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError

LANGUAGE = "zh_CN"
LUNAR_COUNTRY = "CN"
NEW_YEAR = "春节"
SATURDAY = 5


class CalendarData(TypedDict):
    """A calendar as it stands in a resolved scenario: JSON values only, dates in ISO form.

    Attributes:
        country: ISO 3166 code of the country whose holidays these are.
        start: First day.
        days: Number of days covered.
        public_holidays: Name of each day off by law or by adjustment, by date.
        working_weekends: Saturdays and Sundays that were made working days.
        lunar_new_years: Lunar New Year's Days of all years touched, and of one year on either side.
        source: Package and version that answered.
        warnings: What the user should know about gaps.
    """

    country: str
    start: str
    days: int
    public_holidays: dict[str, str]
    working_weekends: list[str]
    lunar_new_years: list[str]
    source: str
    warnings: list[str]


@dataclass(frozen=True, eq=False)
class Calendar:
    """The calendar as arrays over days; day 0 is ``start``.

    Attributes:
        start: First day.
        weekday: 0 (Monday) to 6, i1[days].
        month: 0 (January) to 11, i1[days].
        holiday: 1 on days off by law or by adjustment, i1[days].
        working_weekend: 1 on Saturdays and Sundays that are working days, i1[days].
        day_off: 1 on holidays and on weekends that are not working days, i1[days].
        days_to_spring_festival: Days until the nearest lunar New Year's Day, negative after it, i2[days].
        holiday_names: Name of the holiday by day.
    """

    start: date
    weekday: NDArray[np.int8]
    month: NDArray[np.int8]
    holiday: NDArray[np.int8]
    working_weekend: NDArray[np.int8]
    day_off: NDArray[np.int8]
    days_to_spring_festival: NDArray[np.int16]
    holiday_names: Mapping[int, str]

    @property
    def days(self) -> int:
        """Number of days covered."""
        return len(self.weekday)

    def date_of(self, day: int) -> date:
        """The date of a day, also outside the days covered."""
        return self.start + timedelta(days=day)

    def day_of(self, when: date) -> int:
        """The number of a date, also outside the days covered."""
        return (when - self.start).days


def frozen_calendar(start: date, days: int, country: str) -> CalendarData:
    """Ask the package for the days from ``start`` on.

    Args:
        start: First day.
        days: Number of days, at least 1.
        country: ISO 3166 code that the package knows.

    Raises:
        ScenarioError: The package has no such country.
    """
    last = start + timedelta(days=days - 1)
    years = range(start.year, last.year + 1)
    known = _holidays(country, years)
    swapped = sorted(known.weekend_workdays) if hasattr(known, "weekend_workdays") else []
    return CalendarData(
        country=country,
        start=start.isoformat(),
        days=days,
        public_holidays={d.isoformat(): name for d, name in sorted(known.items()) if start <= d <= last},
        working_weekends=[d.isoformat() for d in swapped if start <= d <= last],
        lunar_new_years=[d.isoformat() for d in lunar_new_years(start.year - 1, last.year + 1)],
        source=_package(),
        warnings=_warnings(years, swapped) if country == LUNAR_COUNTRY else [],
    )


def lunar_new_years(first_year: int, last_year: int) -> list[date]:
    """Lunar New Year's Day (first day of the first lunar month) of each year, both ends included."""
    known = _holidays(LUNAR_COUNTRY, range(first_year, last_year + 1))
    first_days: dict[int, date] = {}
    for day, names in sorted(known.items()):
        if NEW_YEAR in names.split("; "):
            first_days.setdefault(day.year, day)
    return list(first_days.values())


def calendar_from(data: CalendarData) -> Calendar:
    """Turn a frozen calendar into arrays."""
    start = date.fromisoformat(data["start"])
    dates = [start + timedelta(days=day) for day in range(data["days"])]
    weekday = np.array([d.weekday() for d in dates], np.int8)
    holiday = _marks(dates, data["public_holidays"])
    working_weekend = _marks(dates, data["working_weekends"])
    names = {day: data["public_holidays"][dates[day].isoformat()] for day in np.flatnonzero(holiday).tolist()}
    festivals = [date.fromisoformat(text) for text in data["lunar_new_years"]]
    return Calendar(
        start=start,
        weekday=weekday,
        month=np.array([d.month - 1 for d in dates], np.int8),
        holiday=holiday,
        working_weekend=working_weekend,
        day_off=((holiday == 1) | ((weekday >= SATURDAY) & (working_weekend == 0))).astype(np.int8),
        days_to_spring_festival=np.array([_days_to_nearest(d, festivals) for d in dates], np.int16),
        holiday_names=names,
    )


def _holidays(country: str, years: range) -> Any:
    import holidays

    language = LANGUAGE if country == LUNAR_COUNTRY else None
    try:
        return holidays.country_holidays(country, years=years, language=language)
    except NotImplementedError:
        raise ScenarioError(f"the calendar has no public holidays for the country {country!r}") from None


def _package() -> str:
    from importlib.metadata import version

    return f"holidays {version('holidays')}"


def _warnings(years: range, swapped: Iterable[date]) -> list[str]:
    announced = {day.year for day in swapped}
    return [
        f"{year}: the working Saturdays and Sundays that are swapped for holidays are not announced yet, or "
        f"not known to {_package()}; every weekend of {year} counts as days off"
        for year in years
        if year not in announced
    ]


def _marks(dates: Iterable[date], marked: Iterable[str]) -> NDArray[np.int8]:
    chosen = frozenset(marked)
    return np.array([d.isoformat() in chosen for d in dates], np.int8)


def _days_to_nearest(day: date, festivals: Iterable[date]) -> int:
    return min(((festival - day).days for festival in festivals), key=abs)
