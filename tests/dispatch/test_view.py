"""What a firm sees: its own people and orders as they are now, and nothing that is dated later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from sim.dispatch.interface import Action, Assign, DispatchView, ForeignRow, Triggers
from sim.market.view import ASKED, ORDER_VIEW, WORKER_VIEW
from sim.model import MarketModel
from sim.state import ORDER, WORKER
from sim.vocabulary import OrderState, WorkerStatus
from tests.core.small import LIVELY, Town, run
from tests.dispatch.yard import OTHER_FIRM, Yard

HOUR = 60.0
# Columns that an order's row already holds but that nobody can know, or that were decided for the future.
SECRETS = {
    "duration_min",
    "travel_min",
    "travel_km",
    "pool_winner",
    "quality",
    "finish_min",
    "days_patient",
    "asked",
}
AGREED = {
    "wanted_min",
    "earliest_min",
    "latest_min",
    "confirm_by_min",
    "expected_duration_min",
    "planned_start_min",
}


def test_no_column_of_the_view_is_a_secret() -> None:
    assert not SECRETS & set(ORDER_VIEW)
    assert set(ORDER_VIEW) <= set(ORDER.names or ())
    assert set(WORKER_VIEW) <= set(WORKER.names or ())
    leave = {"absent_until_min", "left_min", "placement_row"}
    assert not leave & set(WORKER_VIEW)


def test_an_order_is_seen_with_all_that_a_dispatcher_needs() -> None:
    seen = set(ORDER_VIEW)
    assert {"x_km", "y_km", "earliest_min", "latest_min", "expected_duration_min", "service"} <= seen
    assert {"price_fen", "wage_fen", "placed_min", "confirm_by_min"} <= seen


def test_workers_are_seen_with_all_that_a_dispatcher_needs() -> None:
    seen = set(WORKER_VIEW)
    assert {
        "status",
        "x_km",
        "y_km",
        "free_at_min",
        "shift_end_min",
        "skills",
        "rating",
        "income_fen",
    } <= seen
    assert {"plan", "plan_length", "frozen", "health_class", "certified"} <= seen


@pytest.fixture(scope="module")
def model(town: Town) -> MarketModel:
    """A town in the middle of a working day."""
    model = run(town("scale=0.15", *LIVELY), 14)
    model.advance_to((14 * 24 + 11) * HOUR)
    return model


def test_a_firms_workers_are_its_own_as_they_stand(model: MarketModel) -> None:
    workers = model.tables["workers"].used
    seen = 0
    for company in range(model.tables["companies"].size):
        view = model.desks.visits.view.look(company, np.empty(0, np.int32))
        known = view.workers()
        own = np.flatnonzero((workers["company_row"] == company) & (workers["status"] != WorkerStatus.LEFT))
        assert set(known["row"].tolist()) == set(own.tolist())
        for column in WORKER_VIEW:
            assert np.array_equal(known[column], workers[column][known["row"]])
        seen += len(known)
    assert seen > 50


def test_nothing_in_a_view_is_dated_later_than_now_but_what_is_agreed(model: MarketModel) -> None:
    orders = model.tables["orders"].used
    for company in range(model.tables["companies"].size):
        view = model.desks.visits.view.look(company, np.empty(0, np.int32))
        assert view.now_min == model.now_min
        known = view.orders(np.flatnonzero(orders["company_row"] == company))
        for column in known.dtype.names:
            if column.endswith("_min") and column not in AGREED:
                assert (known[column] <= view.now_min).all(), column
        workers = view.workers()
        assert (workers["free_at_min"] <= view.now_min).all()


def test_orders_are_seen_as_they_stand(model: MarketModel) -> None:
    orders = model.tables["orders"].used
    services = model.tables["services"].used
    live = np.flatnonzero(np.isin(orders["state"], (OrderState.OPEN, OrderState.ASSIGNED)))
    for company in np.unique(orders["company_row"][live]):
        own = live[orders["company_row"][live] == company]
        known = model.desks.visits.view.look(int(company), np.empty(0, np.int32)).orders(own)
        assert np.array_equal(known["row"], own)
        for column in ORDER_VIEW:
            assert np.array_equal(known[column], orders[column][own])
        for column in ASKED:
            assert np.array_equal(known[column], services[column][orders["service"][own]])


QUESTIONS: dict[str, Callable[[Any, int, int], object]] = {
    "orders": lambda view, order, _: view.orders([order]),
    "best_insertion": lambda view, order, _: view.best_insertion(order, 15.0),
    "best_rated": lambda view, order, _: view.best_rated(order, 15.0),
    "idle_worker": lambda view, order, _: view.idle_worker(order),
    "insertion of an order": lambda view, order, _: view.insertion(0, order),
    "insertion into a plan": lambda view, _, worker: view.insertion(worker, view.due()[0]),
    "first_fit": lambda view, _, worker: view.first_fit(worker, 15.0),
    "insertion_km": lambda view, order, _: view.insertion_km(np.array([order], np.int32), 15.0),
    "km_between": lambda view, order, _: view.km_between([view.due()[0], order]),
    "km_from_workers": lambda view, _, worker: view.km_from_workers([0, worker], view.due()),
    "trip_min": lambda view, _, worker: view.trip_min(worker, view.due()[0]),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("beyond", [False, True])
def test_a_firm_cannot_ask_about_anothers_orders_and_workers(yard: Yard, question: str, beyond: bool) -> None:
    yard.order()
    foreign = (10**6, 10**6) if beyond else (yard.order(company=OTHER_FIRM), 2)
    with pytest.raises(ForeignRow, match="its own firm only"):
        QUESTIONS[question](yard.view(), *foreign)


def test_ways_between_orders_and_from_workers_are_those_of_the_map(yard: Yard) -> None:
    orders = [yard.order(household=k) for k in range(3)]
    detour = float(yard.market.world.travel["detour_factor"][0])
    view = yard.view()
    at = np.array([1.0, 2.0, 3.0])
    assert view.km_between(orders) == pytest.approx(detour * abs(at[:, None] - at[None, :]))
    homes = np.array([0.0, 12.0])
    assert view.km_from_workers([0, 1], orders) == pytest.approx(detour * abs(homes[:, None] - at[None, :]))


def test_a_busy_worker_is_seen_where_and_when_he_will_be_free(yard: Yard) -> None:
    order = yard.order(household=2, start_min=9 * HOUR, duration_min=2 * HOUR)
    yard.carry_out(Assign(order, 0))
    yard.model.advance_to(9 * HOUR)
    begun = yard.row(order)["planned_start_min"]
    busy, idle = yard.view().workers()
    assert busy["expected_free_min"] == begun + 2 * HOUR
    assert (busy["next_x_km"], busy["next_y_km"]) == (3.0, 0.0)
    assert idle["expected_free_min"] == 9 * HOUR
    assert idle["next_x_km"] == idle["x_km"] == 12.0
    later = yard.order(household=0, start_min=14 * HOUR)
    detour = float(yard.market.world.travel["detour_factor"][0])
    assert yard.view().km_from_workers([0], [later])[0, 0] == pytest.approx(2.0 * detour)


def test_trips_take_longer_in_the_rush_and_on_foot(yard: Yard) -> None:
    km = np.array([[0.5, 4.0], [12.0, 30.0]])
    view = yard.view()
    night, rush = view.minutes(km, 3 * HOUR), view.minutes(km, 8 * HOUR)
    assert night.shape == km.shape
    assert (rush[0] > night[0]).all()
    assert (rush[1] < night[1]).all(), "far away, the metro that does not run at night is quicker"
    assert (view.minutes(km, 8 * HOUR, has_ebike=False) >= rush).all()
    assert (np.diff(rush.ravel()) > 0).all()


@pytest.fixture
def yard(town: Town) -> Yard:
    made = Yard(town, [(0, 0), (12, 0)], [(1, 0), (2, 0), (3, 0)], [(1, 0)])
    made.model.advance_to(7 * HOUR)
    return made


def test_the_actual_duration_is_known_to_nobody_before_the_end(town: Town) -> None:
    for seed in (1, 2, 3):
        yard = Yard(town, [(0, 0)], [(1, 0)], overrides=[f"seed={seed}"])
        yard.model.advance_to(7 * HOUR)
        order = yard.order(start_min=10 * HOUR)
        yard.carry_out(Assign(order, 0))
        later = yard.order(start_min=12 * HOUR)
        seen = [before_the_end(yard, order, later, hour) for hour in (8, 9.9, 10.2)]
        if seed == 1:
            first = seen
        assert seen == first, "what is seen before the end does not depend on draws for what comes after"


def before_the_end(yard: Yard, order: int, later: int, hour: float) -> tuple[object, ...]:
    yard.model.advance_to(hour * HOUR)
    assert yard.row(order)["duration_min"] == 0.0
    view = yard.view()
    return (
        view.insertion(0, later), view.orders([order, later]).tolist(), view.workers()["status"].tolist(),
    )  # fmt: skip


def test_who_is_due_is_the_new_order_and_then_all_that_wait(yard: Yard) -> None:
    seen: list[tuple[list[int], int]] = []

    def note(view: DispatchView) -> Sequence[Action]:
        seen.append((view.due().tolist(), view.freed))
        return []

    yard.let(note)
    orders = [yard.order(start_min=16 * HOUR) for _ in range(3)]
    assert seen == [([order], -1) for order in orders]
    assert yard.queue() == orders


def test_a_freed_worker_is_told_with_all_that_wait(yard: Yard) -> None:
    seen: list[tuple[list[int], int]] = []
    first, waiting = yard.order(start_min=9 * HOUR), yard.order(start_min=16 * HOUR)
    yard.carry_out(Assign(first, 1))

    def note(view: DispatchView) -> Sequence[Action]:
        seen.append((view.due().tolist(), view.freed))
        return []

    yard.let(note, Triggers(on_placed=False, on_freed=True))
    yard.model.advance_to(11.5 * HOUR)
    assert seen == [([waiting], 1)]


def test_an_order_of_another_firm_waits_in_another_queue(yard: Yard) -> None:
    mine, other = yard.order(), yard.order(company=OTHER_FIRM)
    assert (yard.queue(), yard.queue(OTHER_FIRM)) == ([mine], [other])


def test_illegal_actions_are_reported_on_the_next_view(yard: Yard) -> None:
    yard.carry_out(Assign(-1, 0), Assign(-2, 0))
    assert yard.view().illegal_actions == 2
    assert yard.view(OTHER_FIRM).illegal_actions == 0


def test_the_queue_keeps_the_sequence_of_arrival_when_others_leave_it(yard: Yard) -> None:
    orders = [yard.order(start_min=(9 + k) * HOUR) for k in range(6)]
    yard.carry_out(Assign(orders[0], 0), Assign(orders[5], 1), Assign(orders[2], 0))
    assert yard.queue() == [orders[k] for k in (1, 3, 4)]
    new = yard.order(start_min=16 * HOUR)
    assert yard.queue() == [*(orders[k] for k in (1, 3, 4)), new]
