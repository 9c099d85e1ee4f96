"""A dispatcher that does whatever it likes breaks nothing: the engine alone decides what happens."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sim.dispatch.interface import Action, Assign, Defer, DispatchView, OfferPool, Reject, SetPlan, Triggers
from sim.model import MarketModel
from tests.core.small import LIVELY, Town
from tests.dispatch.yard import FIRM, OTHER_FIRM, Yard
from tests.market.watch import (
    Collector,
    after_each_event,
    check_conserved,
    check_ended,
    check_new_assignments,
    check_queues,
)

HOUR = 60.0
TIMES = (-1.0, 0.0, 1.0, 17.0, 90.0, 2000.0, math.nan, math.inf, -math.inf)
ROW = st.integers(-2, 12)
WORKER = st.integers(-2, 5)
AHEAD = st.sampled_from(TIMES)
ACTION = st.one_of(
    st.builds(Assign, ROW, WORKER, st.integers(-3, 4)),
    st.builds(SetPlan, WORKER, st.lists(ROW, max_size=4).map(tuple)),
    st.tuples(st.just(Defer), ROW, AHEAD),
    st.tuples(st.just(OfferPool), ROW, st.lists(WORKER, max_size=4).map(tuple), AHEAD),
    st.builds(Reject, ROW, st.integers(-2, 25)),
)


def dated(action: Any, now_min: float) -> Action:
    """Give an action its time, counted from now."""
    if isinstance(action, Action):
        made: Action = action
        return made
    kind, *arguments, ahead = action
    late: Action = kind(*arguments, now_min + ahead)
    return late


class Misrule(RuleBasedStateMachine):
    """Orders come, time passes, and a dispatcher acts at random on a plain with three workers of one firm."""

    town: Town
    yard: Yard
    illegal = 0
    placed = 0

    @initialize(weekday=st.integers(0, 6))
    def begin(self, weekday: int) -> None:
        workers, others = [(0, 0), (3, 0), (0, 6)], [(1, 1)]
        self.yard = Yard(self.town, workers, [(1, 0), (2, 2), (5, 5)], others)
        self.yard.model.advance_to((24 * weekday + 7) * HOUR)
        after_each_event(self.yard.model, check_new_assignments)

    @rule(
        household=st.integers(0, 2),
        ahead=st.floats(30.0, 2000.0),
        length=st.floats(10.0, 300.0),
        company=st.sampled_from([FIRM, FIRM, OTHER_FIRM]),
        patient=st.integers(0, 2),
        actions=st.lists(ACTION, max_size=3),
    )
    def order(
        self, household: int, ahead: float, length: float, company: int, patient: int, actions: list[Any]
    ) -> None:
        self.act(actions)
        start = self.yard.model.now_min + ahead
        self.yard.order(household, start, length, company=company, days_patient=patient)
        self.placed += 1

    @rule(minutes=st.sampled_from([1.0, 30.0, 120.0, 1000.0]), actions=st.lists(ACTION, max_size=3))
    def wait(self, minutes: float, actions: list[Any]) -> None:
        self.act(actions)
        self.yard.model.advance_to(self.yard.model.now_min + minutes)

    @rule(actions=st.lists(ACTION, min_size=1, max_size=6), company=st.sampled_from([FIRM, OTHER_FIRM]))
    def strike(self, actions: list[Any], company: int) -> None:
        now = self.yard.model.now_min
        self.yard.carry_out(*(dated(action, now) for action in actions), company=company)

    def act(self, actions: list[Any]) -> None:
        """Let the dispatcher do this whenever it is called; at most once for each moment."""
        done: set[float] = set()

        def decide(view: DispatchView) -> Sequence[Action]:
            if view.now_min in done:
                return []
            done.add(view.now_min)
            return [dated(action, view.now_min) for action in actions]

        self.yard.let(decide, Triggers(on_placed=True, on_freed=True, every_min=45.0))

    @invariant()
    def everything_stands_where_it_should(self) -> None:
        check_queues(self.yard.model)
        calendar = self.yard.market.clock.calendar()["minute"]
        assert np.isfinite(calendar).all()
        counted = self.yard.illegal() + self.yard.illegal(OTHER_FIRM)
        assert counted >= self.illegal
        self.illegal = counted

    def teardown(self) -> None:
        if hasattr(self, "yard"):
            self.yard.let(lambda _view: [])
            self.yard.model.advance_to(self.yard.model.now_min + 500.0)
            ended = self.yard.close()
            check_ended(self.yard.model, ended)
            check_conserved(self.yard.model, ended)
            assert self.yard.model.counts()["requested_orders"] == self.placed


@pytest.fixture(scope="module", autouse=True)
def _town(town: Town) -> None:
    Misrule.town = town


class TestMisrule(Misrule.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


@pytest.mark.slow
class TestMuchMisrule(Misrule.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(max_examples=400, stateful_step_count=40, deadline=None)


class Hostile:
    """Acts at random on anything in a whole town, with a mind of its own."""

    def __init__(self, seed: int, tables: Any) -> None:
        self.random = random.Random(seed)
        self.tables = tables
        self.triggers = Triggers(on_placed=True, on_freed=True, every_min=60.0)

    def decide(self, view: DispatchView) -> Sequence[Action]:
        due = view.due().tolist()
        workers = view.workers()["row"].tolist()
        return [self.action(view.now_min, due, workers) for _ in range(self.random.randrange(4))]

    def action(self, now_min: float, due: list[int], workers: list[int]) -> Action:
        order, worker = self.order(due), self.worker(workers)
        until = now_min + self.random.choice(TIMES)
        match self.random.randrange(6):
            case 0:
                return Defer(order, until)
            case 1:
                return Reject(order, self.random.randrange(-2, 25))
            case 2:
                return SetPlan(worker, tuple(self.order(due) for _ in range(self.random.randrange(5))))
            case 3:
                pool = tuple(self.worker(workers) for _ in range(self.random.randrange(4)))
                return OfferPool(order, pool, until)
            case _:
                return Assign(order, worker, self.random.choice((-1, -1, 0, 1, 7)))

    def order(self, due: list[int]) -> int:
        """Return an order that waits, or any row at all, begun, ended or of nobody."""
        if due and self.random.random() < 0.7:
            return self.random.choice(due)
        return self.random.randrange(-3, self.tables["orders"].size + 3)

    def worker(self, workers: list[int]) -> int:
        if workers and self.random.random() < 0.8:
            return self.random.choice(workers)
        return self.random.randrange(-3, self.tables["workers"].size + 3)


def misgovern(town: Town, seed: int) -> MarketModel:
    scenario = town("period.start=2026-01-20", "period.days=32", "scale=0.05", f"seed={seed}", *LIVELY)
    sink = Collector()
    model = MarketModel(scenario, sink)
    hostile = Hostile(seed, model.tables)
    for firm in range(len(model.desks.visits.dispatchers)):
        model.desks.visits.dispatchers[firm] = hostile  # type: ignore[index]
    after_each_event(model, check_new_assignments)
    while model.now_min < model.end_min:
        model.advance_to(model.now_min + 700.0)
        check_queues(model)
    model.close()
    check_ended(model, sink.orders())
    check_conserved(model, sink.orders())
    return model


@given(seed=st.integers(0, 2**32))
@settings(max_examples=6, deadline=None)
def test_a_town_survives_its_dispatchers(seed: int, town: Town) -> None:
    model = misgovern(town, seed)
    assert model.tables["companies"].used["illegal_actions"].sum() > 100
    assert model.counts()["completed_orders"] > 10


@pytest.mark.slow
@given(seed=st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_town_survives_a_hundred_dispatchers(seed: int, town: Town) -> None:
    misgovern(town, seed)
