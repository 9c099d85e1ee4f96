"""A diary of who was bound to whom, kept beside a run: one line for each time that a worker spends on somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY, Handler, Kind
from sim.model import MarketModel
from sim.state import Rows
from sim.vocabulary import NO_ROW, OrderState, PlacementState, ServiceForm, WorkerStatus
from tests.market.watch import Collector, check_fitness, check_papers

NOBODY = np.uint64(0)
BINDS = (Kind.DAY, Kind.START, Kind.END, Kind.LEAVE)
"""Occurrences at which spells in homes and times in houses begin and end."""
SERVED = (OrderState.TRAVELLING, OrderState.IN_SERVICE)


class Time(NamedTuple):
    """A worker's time with somebody: a visit from setting out to its end, a spell in a home, or a time in a house."""

    worker: int
    begin_min: float
    end_min: float
    what: str
    key: int


class Diary:
    """Looks at the workers behind the occurrences that matter and writes down when spells begin and end.

    Args:
        model: A run that has not begun.
        sink: Its sink, which keeps the orders that have ended.
    """

    def __init__(self, model: MarketModel, sink: Collector) -> None:
        self.model, self.sink = model, sink
        self.bound: list[Time] = []
        self._open: dict[int, tuple[float, int]] = {}
        self._before: NDArray[np.uint64] = np.zeros(0, np.uint64)
        self._note_spells()
        for kind in BINDS:
            self._behind(kind, self._note_spells)
        self._behind(Kind.ARRIVE, self._check_visits)

    def times(self) -> list[Time]:
        """Return all times until now, those that go on included, by worker and beginning."""
        now, found = self.model.now_min, list(self.bound)
        found += [Time(worker, begin, now, "spell", key) for worker, (begin, key) in self._open.items()]
        orders, live = self.sink.orders(), self.model.tables["orders"].used
        done = orders[orders["state"] == OrderState.COMPLETED]
        for row in np.concatenate([done, live[np.isin(live["state"], SERVED)]]):
            end = float(row["finish_min"]) if row["state"] == OrderState.COMPLETED else now
            found.append(
                Time(int(row["worker_row"]), float(row["depart_min"]), end, "visit", int(row["key"]))
            )
        return sorted(found)

    def served_days(self, placement_key: int) -> float:
        """Return the days that workers spent with a household, their leaves left out."""
        workers = self.model.tables["workers"].used
        minutes = 0.0
        for time in self.bound:
            if time.key == placement_key:
                leave = workers[["absent_from_min", "absent_until_min"]][time.worker]
                away = min(time.end_min, leave["absent_until_min"]) - max(
                    time.begin_min, leave["absent_from_min"]
                )
                minutes += time.end_min - time.begin_min - max(0.0, away)
        return minutes / MINUTES_PER_DAY

    def _behind(self, kind: Kind, look: Callable[[], None]) -> None:
        handlers = self.model.market.clock._handlers
        handler: Handler = handlers[kind]

        def watched(subject: int, stamp: int) -> None:
            handler(subject, stamp)
            look()

        self.model.market.clock.handle(kind, watched)

    def _note_spells(self) -> None:
        bound, now = self._bound_to(), self.model.now_min
        before = np.zeros(len(bound), np.uint64)
        before[: len(self._before)] = self._before
        for worker in np.flatnonzero(bound != before).tolist():
            if before[worker] != NOBODY:
                begin, key = self._open.pop(worker)
                self.bound.append(Time(worker, begin, now, "spell", key))
            if bound[worker] != NOBODY:
                self._open[worker] = (now, int(bound[worker]))
        self._before = bound

    def _bound_to(self) -> NDArray[np.uint64]:
        """Return, by worker, the key of the placement that he serves, or of the house that he works in; else 0."""
        tables = self.model.tables
        workers, spells = tables["workers"].used, self._spells()
        bound = np.zeros(len(workers), np.uint64)
        inside = np.flatnonzero(workers["status"] == WorkerStatus.STAFF)
        bound[inside] = tables["companies"].used["key"][workers["company_row"][inside]]
        whose = spells["worker_row"]
        assert len(np.unique(whose)) == len(whose), "in two homes at once"
        assert not np.isin(whose, inside).any(), "in a home and in a house at once"
        check_papers(self.model, spells[spells["worker_since_min"] == self.model.now_min])
        bound[whose] = spells["key"]
        return bound

    def _spells(self) -> Rows:
        placements = self.model.tables["placements"].used
        rows = placements[
            (placements["state"] == PlacementState.ACTIVE) & (placements["worker_row"] != NO_ROW)
        ]
        return rows[self.model.tables["services"].used["form"][rows["service"]] != ServiceForm.RECURRING]

    def _check_visits(self) -> None:
        """Who begins has skill, certificate and a valid examination; who is on a visit is on no other."""
        orders = self.model.tables["orders"].used
        moving = orders[np.isin(orders["state"], SERVED)]
        check_fitness(self.model, moving[moving["arrive_min"] == self.model.now_min], "health_class")
        assert len(np.unique(moving["worker_row"])) == len(moving), "two visits at once"
        who = self.model.tables["workers"].used["status"][moving["worker_row"]]
        in_service = moving["state"] == OrderState.IN_SERVICE
        assert (who == np.where(in_service, WorkerStatus.IN_SERVICE, WorkerStatus.TRAVELLING)).all()
