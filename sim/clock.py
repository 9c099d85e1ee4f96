"""The clock: a SimPy environment whose calendar entries are data.

Time is float minutes since the period's start. Day ``k`` is the half-open span ``[k * 1440, (k + 1) * 1440)``: midnight
belongs to the day that begins. An entry is (minute, priority, kind, subject, stamp); its kind names the handler that is
called. Because an entry holds no code, the whole calendar can be saved and restored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy
from simpy.events import NORMAL, URGENT, Event

from sim.state import OCCURRENCE, Rows

MINUTES_PER_HOUR = 60.0
MINUTES_PER_DAY = 1440.0
HOURS_PER_DAY = 24
DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365.0
MONTHS_PER_YEAR = 12
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR


class Kind(IntEnum):
    """What an entry of the calendar is about; the subject is the row named behind it."""

    DAY = 0  # subject: day
    MONTH = 1  # subject: calendar month begun since the start
    NEED = 2  # subject: position among the day's needs
    DEPART = 3  # worker
    ARRIVE = 4  # worker
    FINISH = 5  # worker
    CONFIRM = 6  # order whose confirmation is due
    CANCEL = 7  # order
    RESPONSE = 8  # order offered to a pool
    DISPATCH = 9  # company
    SEARCH = 10  # placement
    START = 11  # placement
    END = 12  # placement
    GRADUATE = 13  # base whose cohort ends
    ENTER = 14  # worker, first day at work
    LEAVE = 15  # worker leaves the trade
    ABSENCE = 16  # worker goes home for the festival
    RETURN = 17  # worker is back
    ADMIT = 18  # household whose elder moves in
    DISCHARGE = 19  # resident
    ARRIVAL = 20  # laboratory: the next customer of a Poisson stream
    KIN_END = 21  # household whose kin's care ends


class Occurrence(Event):
    """A SimPy event that carries its calendar entry instead of a closure."""

    __slots__ = ("kind", "stamp", "subject")

    kind: int
    subject: int
    stamp: int


Handler = Callable[[int, int], None]
_new_occurrence = Occurrence.__new__


class Clock(simpy.Environment):
    """A SimPy environment with data entries beside SimPy's own events and processes.

    Args:
        start_min: Time at which the clock starts.
    """

    def __init__(self, start_min: float = 0.0) -> None:
        super().__init__(start_min)
        self._handlers: dict[int, Handler] = {}
        self._callbacks: list[Callable[[Event], None]] = [self._dispatch]
        self.fired = 0

    @property
    def now_min(self) -> float:
        """Minutes since the period's start."""
        return self._now

    def handle(self, kind: Kind, handler: Handler) -> None:
        """Call ``handler(subject, stamp)`` for every entry of ``kind``."""
        self._handlers[int(kind)] = handler

    def at(self, minute: float, kind: int, subject: int = 0, stamp: int = 0, *, urgent: bool = False) -> None:
        """Enter an occurrence at an absolute time.

        SimPy schedules by delay; ``now + (minute - now)`` can differ from ``minute`` by a rounding error, and a resumed
        run must meet the same instants. The entry is therefore put into SimPy's queue at its exact time.

        Raises:
            ValueError: ``minute`` lies in the past.
        """
        if minute < self._now:
            raise ValueError(f"{Kind(kind).name} of {subject} is due at {minute}, before now ({self._now})")
        occurrence = _new_occurrence(Occurrence)
        occurrence.env = self
        occurrence.callbacks = self._callbacks
        occurrence._ok = True
        occurrence._value = None
        occurrence.kind = kind
        occurrence.subject = subject
        occurrence.stamp = stamp
        heappush(self._queue, (minute, URGENT if urgent else NORMAL, next(self._eid), occurrence))

    def run_until(self, minute: float) -> None:
        """Run everything that happens before ``minute``; what is due exactly then stays in the calendar.

        SimPy's own ``run(until)`` stops behind urgent entries that are due exactly then, so that the midnight at the
        end of a run would already begin another day.
        """
        queue, handlers = self._queue, self._handlers
        while queue and queue[0][0] < minute:
            event: Any = queue[0][3]
            if type(event) is Occurrence:
                # What ``step`` does with an occurrence, without the detour over its callbacks.
                self._now = heappop(queue)[0]
                self.fired += 1
                handlers[event.kind](event.subject, event.stamp)
            else:
                self.step()
        self._now = max(self._now, minute)

    def calendar(self) -> Rows:
        """Return the pending occurrences in the order in which they will fire (dtype ``OCCURRENCE``).

        Raises:
            ValueError: A SimPy process or event without data is pending; such a run cannot be saved.
        """
        entries = sorted(self._queue, key=_firing_order)
        rows = np.zeros(len(entries), OCCURRENCE)
        for row, (minute, priority, _, event) in zip(rows, entries, strict=True):
            if not isinstance(event, Occurrence):
                raise ValueError(f"the calendar holds {event!r}, which is not data and cannot be saved")
            row["minute"], row["priority"] = minute, priority
            row["kind"], row["subject"], row["stamp"] = event.kind, event.subject, event.stamp
        return rows

    def restore(self, rows: Rows) -> None:
        """Enter saved occurrences, keeping their order among equal times."""
        for row in rows:
            self.at(
                float(row["minute"]),
                int(row["kind"]),
                int(row["subject"]),
                int(row["stamp"]),
                urgent=int(row["priority"]) == URGENT,
            )

    def _dispatch(self, event: Event) -> None:
        # SimPy marks a processed event by callbacks = None; the shared list itself stays untouched.
        occurrence: Any = event
        self.fired += 1
        self._handlers[occurrence.kind](occurrence.subject, occurrence.stamp)


def _firing_order(entry: Sequence[Any]) -> tuple[float, int, int]:
    return entry[0], entry[1], entry[2]


def day_of(minute: float) -> int:
    """Return the day that a minute belongs to."""
    return int(minute // MINUTES_PER_DAY)
