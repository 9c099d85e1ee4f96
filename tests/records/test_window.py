"""Windows around lunar New Year: read, placed, and taken from the measured days only."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.records.period import Period
from sim.records.window import Span, Window

PERIOD = Period(date(2026, 1, 1), 120, 10)
NEW_YEAR = 47


def test_a_window_is_a_union_of_days_around_every_new_year() -> None:
    days = Window.parse("-2..1").days(PERIOD, [NEW_YEAR, 90])
    assert np.flatnonzero(days).tolist() == [45, 46, 47, 48, 88, 89, 90, 91]


def test_a_new_year_whose_window_is_not_whole_counts_nothing() -> None:
    assert not Window.parse("-40..1").days(PERIOD, [NEW_YEAR]).any(), "it begins in the warm-up"
    assert not Window.parse("0..80").days(PERIOD, [NEW_YEAR]).any(), "the run ends before it does"


def test_months_count_where_all_their_days_do() -> None:
    # Days 31 to 89 are February and March; day 30 is the end of January.
    chosen = np.zeros(120, bool)
    chosen[30:90] = True
    span = Span(PERIOD.start, 120, 10, chosen)
    assert span.measured_months.tolist() == [False, True, True, False]
    assert Span(PERIOD.start, 120, 10).measured_months.tolist() == [False, True, True, True]


@pytest.mark.parametrize("text", ["", "3", "1..", "a..b", "5..2"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="window"):
        Window.parse(text)
