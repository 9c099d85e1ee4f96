"""The table of theory and engine: what it prints of checks that hold and of one that does not."""

from __future__ import annotations

from tests.theory.cases import Check
from tests.theory.report import line, summary
from tests.theory.statistics import Interval

CHECKS = [
    Check("arrivals_per_min", 0.1, Interval(0.1001, 0.001)),
    Check("wait_mean_min", 6.0, Interval(6.02, 0.12)),
    Check("state_0", 0.5, Interval(0.5005, 0.005)),
    Check("state_1", 0.25, Interval(0.23, 0.01)),
]


def test_a_line_says_theory_engine_and_relative_half_width() -> None:
    assert line(CHECKS[1]) == ("wait_mean_min", "6", "6.02", "2.0%")


def test_a_check_that_fails_is_marked() -> None:
    assert line(CHECKS[3])[2] == "0.23 (outside)"


def test_a_summary_leaves_out_the_inputs_and_names_the_furthest_state() -> None:
    assert [cells[0] for cells in summary(CHECKS)] == ["wait_mean_min", "state_1, furthest off of 2"]
