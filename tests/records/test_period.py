from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.records.period import Period

PERIOD = Period(date(2025, 12, 30), 35, 2)


def test_months_are_calendar_months_across_a_year() -> None:
    assert PERIOD.months == ("2025-12", "2026-01", "2026-02")
    assert PERIOD.days_of_month.tolist() == [2, 31, 2]


def test_warm_up_covers_whole_days_and_months_that_begin_after_it() -> None:
    assert PERIOD.measured_days.tolist() == [False] * 2 + [True] * 33
    assert PERIOD.measured_months.tolist() == [False, True, True]
    assert Period(date(2025, 12, 30), 35, 3).measured_months.tolist() == [False, False, True]
    assert Period(date(2025, 12, 30), 35, 0).measured_months.all()


def test_midnight_belongs_to_the_day_that_begins_and_the_end_to_the_last_month() -> None:
    minutes = np.array([-0.5, 0.0, 1439.9, 1440.0, 35 * 1440.0])
    assert PERIOD.day_of(minutes).tolist() == [-1, 0, 0, 1, 35]
    assert PERIOD.month_of(np.array([2 * 1440.0 - 1e-6, 2 * 1440.0, 35 * 1440.0])).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("end_min", "month"), [(2 * 1440.0, 0), (2 * 1440.0 + 1, 1), (33 * 1440.0, 1), (35 * 1440.0, 2)]
)
def test_a_closing_at_midnight_closes_the_month_before(end_min: float, month: int) -> None:
    assert PERIOD.month_ending_at(end_min) == month


def test_a_moment_is_written_as_people_write_it() -> None:
    assert PERIOD.moment(1440.0 + 90.0) == "2025-12-31 01:30"
