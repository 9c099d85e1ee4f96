"""How needs follow the year: month, Spring Festival by the calendar, weekday."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.market.season import SeasonRules, day_factors, headroom, weekday_factors
from sim.state import FESTIVAL_PHASES, SERVICE, Rows
from sim.world.calendar import Calendar, calendar_from, frozen_calendar

RULES = SeasonRules((-28.0, -14.0, 0.0, 7.0, 19.0), 49.0)
NEW_YEARS = {2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17)}
CLEANING = (1.5, 1.8, 0.2, 0.4, 1.0)


def calendar(start: str, days: int) -> Calendar:
    return calendar_from(frozen_calendar(date.fromisoformat(start), days, "CN"))


def services(*festival_index: tuple[float, ...], weekend_share: float = 2 / 7) -> Rows:
    rows = np.zeros(len(festival_index), SERVICE)
    rows["festival_index"] = festival_index
    rows["month_index"] = 1.0
    rows["weekend_share"] = weekend_share
    return rows


def lowest_day(year: int) -> list[int]:
    """Return the days from lunar New Year's Day on which least is needed in a year."""
    days = calendar(f"{year}-01-01", 365)
    factors = day_factors(services(CLEANING), days, RULES)[0]
    first = (NEW_YEARS[year] - days.start).days
    return (np.flatnonzero(factors == factors.min()) - first).tolist()


@pytest.mark.parametrize("year", sorted(NEW_YEARS))
def test_the_trough_lies_at_the_festival_of_each_year(year: int) -> None:
    assert lowest_day(year) == list(range(7))


@settings(max_examples=40, deadline=None)
@given(
    index=st.tuples(*[st.floats(0.0, 3.0)] * FESTIVAL_PHASES),
    weekend_share=st.floats(0.1, 0.6),
    start=st.dates(date(2016, 1, 1), date(2026, 1, 1)),
)
def test_a_season_moves_needs_and_adds_none(
    index: tuple[float, ...], weekend_share: float, start: date
) -> None:
    # Fifty-two weeks from 1 May hold one festival wherever it lies; 365 days in the mean against 364 counted.
    days = calendar(f"{start.year}-05-01", 364)
    factors = day_factors(services(index, weekend_share=weekend_share), days, RULES)[0]
    festival = 1.0 + ((np.array(index) - 1.0) * RULES.phase_days()).sum() / 365
    by_hand = 364 + (festival - 1.0) * 365
    # Weekdays and phases cross: with an even week the sum is exact, else the phases' odd days leave less than a week.
    tolerance = 1e-9 if abs(weekend_share - 2 / 7) < 1e-12 else 7 * 4 * FESTIVAL_PHASES
    assert abs(factors.sum() * festival - by_hand) <= tolerance


@settings(max_examples=40, deadline=None)
@given(
    index=st.lists(st.tuples(*[st.floats(0.0, 3.0)] * FESTIVAL_PHASES), min_size=1, max_size=3),
    weekend_share=st.floats(0.05, 0.9),
    start=st.dates(date(2015, 1, 1), date(2026, 1, 1)),
)
def test_no_day_needs_more_than_the_headroom(
    index: list[tuple[float, ...]], weekend_share: float, start: date
) -> None:
    rows = services(*index, weekend_share=weekend_share)
    factors = day_factors(rows, calendar(start.isoformat(), 400), RULES)
    assert np.all(factors <= headroom(rows, RULES)[:, None] * (1 + 1e-12))


def test_each_phase_takes_its_index_from_the_calendar() -> None:
    days = calendar("2026-01-01", 120)
    rows = services((2.0, 3.0, 0.5, 0.25, 1.5))
    factors = day_factors(rows, days, RULES)[0]
    outside = factors[0]
    wanted = {
        -29: 1.0,
        -28: 2.0,
        -15: 2.0,
        -14: 3.0,
        -1: 3.0,
        0: 0.5,
        6: 0.5,
        7: 0.25,
        18: 0.25,
        19: 1.5,
        48: 1.5,
    }
    wanted[49] = 1.0
    for since, index in wanted.items():
        day = days.day_of(NEW_YEARS[2026] + timedelta(days=since))
        assert factors[day] / outside == pytest.approx(index), since


def test_an_even_festival_leaves_months_and_weekdays() -> None:
    days = calendar("2026-01-01", 200)
    rows = services((1.0,) * FESTIVAL_PHASES, weekend_share=0.4)
    rows["month_index"] = np.linspace(0.5, 1.5, 12)
    expected = rows["month_index"][0][days.month] * weekday_factors(rows)[0][days.weekday]
    np.testing.assert_allclose(day_factors(rows, days, RULES)[0], expected)


@pytest.mark.parametrize("share", [2 / 7, 0.1, 0.5])
def test_a_week_has_as_many_starts_as_seven_mean_days(share: float) -> None:
    factors = weekday_factors(services((1.0,) * FESTIVAL_PHASES, weekend_share=share))[0]
    assert factors.sum() == pytest.approx(7.0)
    assert factors[5:].sum() / 7.0 == pytest.approx(share)
