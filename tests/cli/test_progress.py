"""What is said of a run's pace: nothing as long as it would be a guess, and not the time in which kernels compile."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sim.cli.progress import SHARE_BEFORE_ESTIMATE, Pace, PlainWatcher, _as_read
from sim.records.period import Period

DAY = 1440.0
DAYS = 100


@dataclass
class Machine:
    """A model and the wall clock beside it: a second a day and ten orders a day, after a slow beginning."""

    slow_s: float
    now_min: float = 0.0
    end_min: float = DAYS * DAY
    seconds: float = 0.0

    def counts(self) -> dict[str, int]:
        return {"completed_orders": int(self.now_min / DAY * 10)}

    def simulate_a_day(self) -> None:
        self.seconds += 1.0 + (self.slow_s if self.now_min == 0.0 else 0.0)
        self.now_min += DAY


def run(machine: Machine, days: int) -> Pace:
    pace = Pace(machine, machine.end_min, lambda: machine.seconds)
    for _ in range(days):
        machine.simulate_a_day()
        pace.passed(machine)
    return pace


def test_nothing_is_said_before_a_share_of_the_way_is_gone() -> None:
    first = int(SHARE_BEFORE_ESTIMATE * DAYS)
    early, later = Machine(60.0), Machine(60.0)
    assert run(early, first - 1).look(early) is None
    assert run(later, first).look(later) is not None


@pytest.mark.parametrize("days", [5, 20, 99])
def test_the_time_in_which_kernels_compile_does_not_count(days: int) -> None:
    machine = Machine(60.0)
    found = run(machine, days).look(machine)
    assert found is not None
    assert found == (pytest.approx(10.0), pytest.approx(DAYS - days))


def test_a_resumed_run_is_judged_by_what_this_process_has_done() -> None:
    machine = Machine(0.0, now_min=50 * DAY)
    pace = run(machine, 2)
    assert pace.look(machine) is None
    machine.simulate_a_day()
    pace.passed(machine)
    assert pace.look(machine) == (pytest.approx(10.0), pytest.approx(47.0))


def test_a_line_has_rate_and_rest_only_when_they_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import date
    from types import SimpleNamespace

    watcher = PlainWatcher(SimpleNamespace(period=Period(date(2026, 1, 1), DAYS)), "en", None, 1.0)
    machine = Machine(0.0, now_min=2 * DAY)
    watcher.show(machine, None)
    watcher.show(machine, (1234.0, 65.0))
    first, second = capsys.readouterr().err.splitlines()
    assert first == "2026-01-03   2%"
    assert second == "2026-01-03   2%  1,234 orders/s, 0:01:05 left"
    assert _as_read(None) == ("", "")
