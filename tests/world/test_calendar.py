from __future__ import annotations

import itertools
import json
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.world.calendar import calendar_from, frozen_calendar, lunar_new_years

NEW_YEARS = {
    2014: date(2014, 1, 31), 2020: date(2020, 1, 25), 2023: date(2023, 1, 22), 2024: date(2024, 2, 10),
    2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6), 2028: date(2028, 1, 26),
}  # fmt: skip


def test_lunar_new_year_agrees_with_the_almanac() -> None:
    found = {day.year: day for day in lunar_new_years(2014, 2028)}
    assert {year: found[year] for year in NEW_YEARS} == NEW_YEARS


def test_lunar_new_year_is_a_new_moon_day_after_every_leap_month() -> None:
    days = lunar_new_years(2000, 2099)
    assert [day.year for day in days] == list(range(2000, 2100))
    gaps = {(later - earlier).days for earlier, later in itertools.pairwise(days)}
    # Twelve lunar months of 29 or 30 days, or thirteen.
    assert gaps <= {353, 354, 355, 383, 384, 385}


@pytest.mark.smoke
def test_2026_has_its_announced_days_off_and_working_weekends() -> None:
    calendar = calendar_from(frozen_calendar(date(2026, 1, 1), 365, "CN"))
    off = [calendar.date_of(int(day)) for day in calendar.holiday.nonzero()[0]]
    festival = [date(2026, 2, 16) + timedelta(days=k) for k in (0, 1, 2, 3, 4, 7)]
    assert [day for day in off if day.month == 2] == festival
    working = [calendar.date_of(int(day)) for day in calendar.working_weekend.nonzero()[0]]
    assert working == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
        date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip
    assert calendar.day_off[calendar.day_of(date(2026, 2, 14))] == 0
    assert calendar.day_off[calendar.day_of(date(2026, 2, 15))] == 1
    assert calendar.holiday_names[calendar.day_of(date(2026, 2, 17))] == "春节"


def test_days_to_the_festival_move_with_the_year() -> None:
    for year in (2024, 2025, 2026, 2027):
        calendar = calendar_from(frozen_calendar(date(year, 1, 1), 365, "CN"))
        day = calendar.day_of(NEW_YEARS[year])
        assert calendar.days_to_spring_festival[day] == 0
        assert calendar.days_to_spring_festival[day - 20] == 20
        assert calendar.days_to_spring_festival[day + 35] == -35
    in_december = calendar_from(frozen_calendar(date(2025, 12, 31), 1, "CN"))
    assert in_december.days_to_spring_festival[0] == (NEW_YEARS[2026] - date(2025, 12, 31)).days


def test_a_year_without_announced_swaps_is_warned_about() -> None:
    assert frozen_calendar(date(2026, 1, 1), 365, "CN")["warnings"] == []
    (warning,) = frozen_calendar(date(2026, 12, 1), 60, "CN")["warnings"][-1:]
    assert warning.startswith("2027: the working Saturdays and Sundays")


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no public holidays for the country 'ZZ'"):
        frozen_calendar(date(2026, 1, 1), 10, "ZZ")


@settings(max_examples=30, deadline=None)
@given(start=st.dates(date(2010, 1, 1), date(2035, 1, 1)), days=st.integers(1, 500))
def test_a_frozen_calendar_survives_json_and_agrees_with_the_dates(start: date, days: int) -> None:
    data = frozen_calendar(start, days, "CN")
    calendar = calendar_from(json.loads(json.dumps(data)))
    assert calendar.days == days
    last = start + timedelta(days=days - 1)
    assert calendar.date_of(days - 1) == last
    assert (calendar.weekday[-1], calendar.month[-1]) == (last.weekday(), last.month - 1)
    assert set(calendar.holiday_names) == set(calendar.holiday.nonzero()[0].tolist())
    assert abs(calendar.days_to_spring_festival).max() <= 193
    weekend = calendar.weekday >= 5
    assert not (calendar.working_weekend.astype(bool) & ~weekend).any()
    assert (
        calendar.day_off.astype(bool) == (calendar.holiday == 1) | (weekend & (calendar.working_weekend == 0))
    ).all()
