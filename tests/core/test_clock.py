"""The clock: order of equal times, midnights, a calendar that is data."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import MINUTES_PER_DAY, Clock, Kind, day_of
from sim.state import OCCURRENCE

KINDS = (Kind.NEED, Kind.DEPART, Kind.FINISH)
MINUTES = st.one_of(
    st.floats(0, 5000, allow_nan=False), st.sampled_from([0.0, 0.1, 0.3, 59.5, 1440.0, 1440.0 + 2**-42])
)
ENTRY = st.tuples(
    MINUTES, st.sampled_from(KINDS), st.integers(0, 2**40), st.integers(0, 2**62), st.booleans()
)
Entry = tuple[float, Kind, int, int, bool]


def recording_clock(seen: list[tuple[float, Kind, int, int]]) -> Clock:
    """A clock that notes what fires, and when."""
    clock = Clock()

    def note(kind: Kind) -> Callable[[int, int], None]:
        return lambda subject, stamp: seen.append((clock.now, kind, subject, stamp))

    for kind in KINDS:
        clock.handle(kind, note(kind))
    return clock


def enter(clock: Clock, entries: list[Entry]) -> None:
    for minute, kind, subject, stamp, urgent in entries:
        clock.at(minute, kind, subject, stamp, urgent=urgent)


@given(st.lists(ENTRY, max_size=30))
def test_entries_fire_by_time_then_urgency_then_as_they_were_entered(entries: list[Entry]) -> None:
    seen: list[tuple[float, Kind, int, int]] = []
    clock = recording_clock(seen)
    enter(clock, entries)
    clock.run_until(10_000.0)
    expected = sorted(entries, key=lambda entry: (entry[0], not entry[4]))
    assert seen == [(minute, kind, subject, stamp) for minute, kind, subject, stamp, _ in expected]
    assert clock.fired == len(entries)


@given(st.lists(ENTRY, max_size=30), MINUTES)
def test_a_restored_calendar_is_the_saved_one_and_fires_alike(entries: list[Entry], until: float) -> None:
    seen: list[tuple[float, Kind, int, int]] = []
    clock = recording_clock(seen)
    enter(clock, entries)
    clock.run_until(until)
    saved = clock.calendar()
    again: list[tuple[float, Kind, int, int]] = []
    other = recording_clock(again)
    other.run_until(clock.now)
    other.restore(saved)
    assert other.calendar().tobytes() == saved.tobytes()
    seen.clear()
    clock.run_until(math.inf)
    other.run_until(math.inf)
    assert again == seen


@given(st.lists(MINUTES, max_size=6), st.lists(ENTRY, max_size=20))
def test_stops_on_the_way_change_nothing(stops: list[float], entries: list[Entry]) -> None:
    straight: list[tuple[float, Kind, int, int]] = []
    halting: list[tuple[float, Kind, int, int]] = []
    one, other = recording_clock(straight), recording_clock(halting)
    enter(one, entries)
    enter(other, entries)
    one.run_until(5000.0)
    for stop in [*sorted(stops), 5000.0]:
        other.run_until(stop)
        assert other.now == stop
    assert halting == straight
    assert other.calendar().tobytes() == one.calendar().tobytes()


def test_midnight_belongs_to_the_day_that_begins() -> None:
    assert day_of(0.0) == 0
    assert day_of(MINUTES_PER_DAY) == 1
    assert day_of(math.nextafter(MINUTES_PER_DAY, 0.0)) == 0


def test_what_is_due_at_the_end_of_a_run_has_not_happened() -> None:
    seen: list[tuple[float, Kind, int, int]] = []
    clock = recording_clock(seen)
    clock.at(60.0, Kind.NEED, 1, urgent=True)
    clock.at(math.nextafter(60.0, 0.0), Kind.NEED, 2)
    clock.run_until(60.0)
    assert [subject for _, _, subject, _ in seen] == [2]
    assert clock.now == 60.0
    clock.run_until(math.nextafter(60.0, 61.0))
    assert [subject for _, _, subject, _ in seen] == [2, 1]


def test_a_handler_may_enter_something_for_now() -> None:
    seen: list[int] = []
    clock = Clock()

    def again(subject: int, _stamp: int) -> None:
        seen.append(subject)
        if subject < 3:
            clock.at(clock.now, Kind.NEED, subject + 1)

    clock.handle(Kind.NEED, again)
    clock.at(5.0, Kind.NEED, 1)
    clock.at(5.0, Kind.NEED, 10)
    clock.run_until(6.0)
    assert seen == [1, 10, 2, 3]


def test_the_past_is_refused() -> None:
    clock = Clock()
    clock.run_until(100.0)
    with pytest.raises(ValueError, match=r"DEPART of 7 is due at 99\.5, before now \(100\.0\)"):
        clock.at(99.5, Kind.DEPART, 7)
    assert len(clock.calendar()) == 0


def test_time_does_not_go_back() -> None:
    clock = Clock()
    clock.run_until(100.0)
    clock.run_until(40.0)
    assert clock.now == 100.0


def test_an_entry_is_due_at_its_exact_minute() -> None:
    # 0.1 + (0.3 - 0.1) is not 0.3: an entry made by its delay would fire a rounding error away.
    seen: list[tuple[float, Kind, int, int]] = []
    clock = recording_clock(seen)
    clock.run_until(0.1)
    clock.at(0.3, Kind.NEED)
    clock.run_until(1.0)
    assert seen[0][0] == 0.3


def test_an_exception_in_a_handler_leaves_the_rest_of_the_calendar() -> None:
    seen: list[int] = []
    clock = Clock()

    def fail_once(subject: int, _stamp: int) -> None:
        if subject == 1:
            raise RuntimeError("once")
        seen.append(subject)

    clock.handle(Kind.NEED, fail_once)
    for subject in (1, 2):
        clock.at(10.0, Kind.NEED, subject)
    with pytest.raises(RuntimeError, match="once"):
        clock.run_until(20.0)
    clock.run_until(20.0)
    assert seen == [2]


def test_simpy_processes_run_beside_the_entries_but_cannot_be_saved() -> None:
    clock = Clock()
    seen: list[float] = []

    def process() -> object:
        yield clock.timeout(5.0)
        seen.append(clock.now)
        yield clock.timeout(50.0)

    clock.process(process())
    clock.run_until(10.0)
    assert seen == [5.0]
    with pytest.raises(ValueError, match="is not data and cannot be saved"):
        clock.calendar()


def test_the_calendar_of_a_new_clock_is_empty() -> None:
    empty = Clock().calendar()
    assert empty.dtype == OCCURRENCE
    assert len(empty) == 0


def test_the_minute_of_an_entry_survives_to_the_last_bit() -> None:
    minutes = np.nextafter(np.arange(1.0, 50.0), np.inf)
    clock = Clock()
    for minute in minutes:
        clock.at(float(minute), Kind.NEED)
    other = Clock()
    other.restore(clock.calendar())
    assert np.array_equal(other.calendar()["minute"], minutes)
