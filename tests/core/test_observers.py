"""Whoever looks on changes nothing: sinks, progress, and how a run is cut into pieces."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.clock import MINUTES_PER_DAY
from sim.dispatch.interface import DispatchView
from sim.model import MarketModel
from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.records.run import Model, Watcher, execute, plan
from sim.sink import NullSink
from sim.state import Rows, World
from tests.core.small import LIVELY, Town, differences, portrait, run

DAYS = 33  # a month's end, and a little more
OVERRIDES = (f"period.days={DAYS}", *LIVELY)


class Curious(NullSink):
    """A sink that reads everything it is shown and keeps copies."""

    def __init__(self) -> None:
        self.orders: list[Rows] = []
        self.seen: list[bytes] = []

    def orders_ended(self, rows: Rows, world: World) -> None:
        self.orders.append(rows.copy())
        self._look(world)

    def stocks(self, rows: Rows, world: World) -> None:
        self.seen.append(rows.tobytes())
        self._look(world)

    def month_closed(self, end_min: float, world: World) -> None:
        self._look(world)

    def run_closed(self, end_min: float, world: World) -> None:
        self._look(world)

    def _look(self, world: World) -> None:
        for table in world.tables.values():
            self.seen.append(table.used.tobytes()[:64])


@pytest.fixture(scope="module")
def straight(town: Town) -> MarketModel:
    return run(town(*OVERRIDES))


def advance(model: MarketModel, minutes: list[float]) -> MarketModel:
    for minute in [*sorted(minutes), model.end_min]:
        model.advance_to(minute)
    return model


def test_a_sink_changes_nothing(town: Town, straight: MarketModel) -> None:
    sink = Curious()
    watched = run(town(*OVERRIDES), sink=sink)
    assert sum(map(len, sink.orders)) > 0
    assert differences(watched, straight) == []


@pytest.mark.parametrize("detail", ["none", "indicators", "tables"])
def test_recording_changes_nothing(detail: Any, town: Town, straight: MarketModel, tmp_path: Path) -> None:
    scenario = town(*OVERRIDES)
    period = scenario.settings.period
    recorder = Recorder(Period(period.start, period.days, 0), scenario.settings.scale, detail, tmp_path)
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    model.run_days(DAYS)
    assert differences(model, straight) == []
    closed = run(town(*OVERRIDES))
    for each in (model, closed):
        each.close()
    recorder.finish(model.ledger_totals())
    assert differences(model, closed) == []


class Looking(Watcher):
    """A watcher that asks the model everything it can, every hour."""

    def __init__(self) -> None:
        self.models: list[Any] = []

    def moved(self, model: Model) -> None:
        model.counts()
        model.ledger_totals().copy()
        repr(model.auditor.passed)
        assert model.now_min <= model.end_min
        self.models[:] = [model]


def test_progress_changes_nothing(town: Town, straight: MarketModel, tmp_path: Path) -> None:
    watcher = Looking()
    planned = plan(town(*OVERRIDES), tmp_path)
    execute(planned, watcher)
    closed = run(town(*OVERRIDES))
    closed.close()
    assert differences(watcher.models[0], closed) == []


def test_days_one_by_one_are_days_together(town: Town, straight: MarketModel) -> None:
    model = MarketModel(town(*OVERRIDES))
    for _ in range(DAYS):
        model.run_days(1)
    assert differences(model, straight) == []


@given(st.lists(st.floats(0, DAYS * MINUTES_PER_DAY), max_size=8))
@settings(max_examples=6, deadline=None)
def test_stops_at_odd_minutes_change_nothing(town: Town, straight: MarketModel, minutes: list[float]) -> None:
    assert differences(advance(MarketModel(town(*OVERRIDES)), minutes), straight) == []


def test_looking_at_the_agents_and_the_calendar_changes_nothing(town: Town, straight: MarketModel) -> None:
    model = MarketModel(town(*OVERRIDES))
    for day in range(DAYS):
        model.run_days(1)
        for agent in model.agents:
            repr(agent)
        assert (model.market.clock.calendar()["minute"] >= (day + 1) * MINUTES_PER_DAY).all()
    assert differences(model, straight) == []


def test_a_dispatcher_who_asks_many_questions_changes_nothing_but_the_reason(
    town: Town, straight: MarketModel
) -> None:
    model = MarketModel(town(*OVERRIDES))
    for dispatcher in model.desks.visits.dispatchers:
        ask_first(dispatcher)
    model.run_days(DAYS)
    left = [name for name in differences(model, straight) if not re.fullmatch(r"\w*orders\.reason", name)]
    assert left == []


def ask_first(dispatcher: Any) -> None:
    """Let a dispatcher look at everything before it decides."""
    decide = type(dispatcher).decide

    def asking(view: DispatchView) -> Any:
        view.orders(view.due())
        workers = view.workers()["row"]
        for worker in workers[:3].tolist():
            for order in view.due()[:2].tolist():
                view.trip_min(worker, order)
                view.insertion(worker, order)
        workers[:] = 0  # a copy: the state stays
        return decide(dispatcher, view)

    if not hasattr(dispatcher, "asked"):
        dispatcher.asked = True
        dispatcher.decide = asking


def test_what_a_view_hands_out_is_a_copy(town: Town) -> None:
    model = run(town(*OVERRIDES), 3)
    before = portrait(model)
    for company in range(model.tables["companies"].size):
        view = model.desks.visits.view.look(company, np.empty(0, np.int32))
        own = np.flatnonzero(model.tables["orders"].used["company_row"] == company)
        for rows in (view.workers(), view.orders(own)):
            for column in rows.dtype.names:
                rows[column] = -1 if rows.dtype[column].kind == "i" else 0
    assert portrait(model) == before
