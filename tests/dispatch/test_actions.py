"""What each action of a dispatcher does, and that one that is not legal does nothing but be counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.clock import Clock, Kind
from sim.dispatch import make_dispatcher
from sim.dispatch.interface import Action, Assign, Defer, DispatchView, OfferPool, Reject, SetPlan, Triggers
from sim.vocabulary import OrderState, Reason, WorkerStatus
from tests.core.small import Town, portrait
from tests.dispatch.yard import FIRM, OTHER_FIRM, Yard

HOUR = 60.0
NEAR, FAR = 0, 1
OPEN, ASSIGNED = OrderState.OPEN, OrderState.ASSIGNED


@pytest.fixture(scope="module")
def quiet_yard(town: Town) -> Yard:
    return Yard(town, [(0, 0)], [(1, 0)], [(1, 0)])


@pytest.fixture
def yard(town: Town) -> Yard:
    """At seven in the morning: two workers of the firm, one of the other, three households in a row."""
    made = Yard(town, [(0, 0), (12, 0)], [(1, 0), (2, 0), (3, 0)], [(1, 0)])
    made.model.advance_to(7 * HOUR)
    return made


def stand(yard: Yard) -> dict[str, bytes]:
    """Return the whole state, but for the count of illegal actions."""
    yard.model.tables["companies"].used["illegal_actions"] = 0
    return portrait(yard.model)


# Assign


def test_assign_puts_the_order_into_the_workers_plan(yard: Yard) -> None:
    order = yard.order(start_min=10 * HOUR)
    yard.carry_out(Assign(order, NEAR))
    row = yard.row(order)
    assert (yard.state(order), yard.plan(NEAR), yard.queue()) == (ASSIGNED, [order], [])
    assert (row["worker_row"], row["assigned_min"]) == (NEAR, 7 * HOUR)
    assert row["planned_start_min"] == row["earliest_min"] == 9.5 * HOUR
    done = serve(yard)
    assert (done["state"], done["worker_row"]) == (OrderState.COMPLETED, NEAR)


def serve(yard: Yard) -> Any:
    """Run to the end of the second day and return the only order."""
    yard.model.run_days(2)
    ended = yard.close()
    assert len(ended) == 1
    return ended[0]


def test_assigned_orders_stand_in_the_sequence_of_their_starts(yard: Yard) -> None:
    late, early, middle = (yard.order(start_min=start * HOUR) for start in (16, 10, 13))
    yard.carry_out(*(Assign(order, NEAR) for order in (late, early, middle)))
    assert yard.plan(NEAR) == [early, middle, late]
    assert yard.illegal() == 0


def test_assign_at_a_place_is_legal_where_the_visit_fits(yard: Yard) -> None:
    first, second = yard.order(start_min=10 * HOUR), yard.order(start_min=13 * HOUR)
    yard.carry_out(Assign(first, NEAR, 0), Assign(second, NEAR, 1))
    assert yard.plan(NEAR) == [first, second]
    assert yard.illegal() == 0


def test_a_refusal_is_noted_and_another_worker_may_be_named(yard: Yard) -> None:
    order = yard.order()
    yard.worker(NEAR)["reservation_fen_per_h"] = 1e9
    asked: list[list[int]] = []

    def next_one(view: DispatchView) -> Sequence[Action]:
        asked.append(view.due().tolist())
        return [Assign(order, len(asked) - 1)]

    yard.let(next_one)
    yard.visits._decide(FIRM, np.array([order], np.int32))
    assert asked == [[order], [order]]
    assert yard.plan(FAR) == [order]
    row = yard.row(order)
    assert (row["offers"], row["refused_by"][0], yard.worker(NEAR)["refusals"]) == (1, NEAR, 1)
    assert yard.illegal() == 0


def test_who_has_refused_is_not_offered_the_order_again(yard: Yard) -> None:
    order = yard.order()
    yard.worker(NEAR)["reservation_fen_per_h"] = 1e9
    yard.carry_out(Assign(order, NEAR))
    yard.worker(NEAR)["reservation_fen_per_h"] = 0.0
    assert [insertion.worker for insertion in yard.insertions(order)] == [FAR]
    assert yard.view().insertion(NEAR, order) is None
    assert yard.view().why_not(order) == Reason.REFUSED_PAY


def test_no_more_offers_than_the_rule_allows(yard: Yard) -> None:
    order = yard.order()
    for worker in (NEAR, FAR):
        yard.worker(worker)["reservation_fen_per_h"] = 1e9
    calls: list[int] = []

    def again(_view: DispatchView) -> Sequence[Action]:
        calls.append(1)
        return [Assign(order, len(calls) % 2)]

    yard.let(again)
    yard.visits._decide(FIRM, np.array([order], np.int32))
    assert len(calls) <= yard.market.visit_rules.offers_at_most
    assert yard.state(order) == OPEN


def test_an_order_does_not_go_round_among_those_who_fail_it(town: Town) -> None:
    # More workers who do not set out than an order can remember.
    yard = Yard(
        town,
        [(k / 10, 0) for k in range(30)],
        [(0, 0)],
        overrides=["parameters.visits.no_show_probability=1"],
    )
    yard.use(make_dispatcher("nearest", {}))
    yard.model.advance_to(7 * HOUR)
    yard.order(start_min=10 * HOUR, days_patient=2)
    yard.model.run_days(4)
    (row,) = yard.close()
    assert row["state"] == OrderState.UNSERVED
    assert row["offers"] <= 3 * yard.market.visit_rules.offers_at_most


# SetPlan


def test_set_plan_replaces_the_open_tail_in_the_given_sequence(yard: Yard) -> None:
    kept, dropped, new = (yard.order(start_min=hour * HOUR, half_width_min=240.0) for hour in (12, 13, 12.5))
    yard.carry_out(Assign(kept, NEAR), Assign(dropped, NEAR))
    yard.carry_out(SetPlan(NEAR, (new, kept)))
    assert yard.plan(NEAR) == [new, kept]
    assert [yard.state(order) for order in (kept, dropped, new)] == [ASSIGNED, OPEN, ASSIGNED]
    assert yard.queue() == [dropped]
    assert yard.row(dropped)["worker_row"] == -1
    starts = [float(yard.row(order)["planned_start_min"]) for order in (new, kept)]
    assert starts[0] == yard.row(new)["earliest_min"]
    assert starts[1] >= starts[0] + yard.row(new)["expected_duration_min"]
    assert yard.illegal() == 0


def test_set_plan_keeps_what_has_begun(yard: Yard) -> None:
    begun, later, new = (yard.order(start_min=hour * HOUR) for hour in (9, 12, 14))
    yard.carry_out(Assign(begun, NEAR), Assign(later, NEAR))
    yard.model.advance_to(9 * HOUR)
    assert yard.state(begun) == OrderState.IN_SERVICE
    yard.carry_out(SetPlan(NEAR, (new,)))
    assert yard.plan(NEAR) == [begun, new]
    before = stand(yard)
    yard.carry_out(SetPlan(NEAR, (begun, new)))
    assert yard.illegal() == 1
    assert stand(yard) == before
    yard.model.run_days(2)
    ended = yard.close()
    assert sorted(ended["state"].tolist()) == [
        OrderState.COMPLETED,
        OrderState.COMPLETED,
        OrderState.UNSERVED,
    ]


def test_an_empty_plan_opens_everything_that_has_not_begun(yard: Yard) -> None:
    orders = [yard.order(start_min=hour * HOUR) for hour in (10, 12)]
    yard.carry_out(*(Assign(order, NEAR) for order in orders))
    yard.carry_out(SetPlan(NEAR, ()))
    assert yard.plan(NEAR) == []
    assert yard.queue() == orders
    yard.model.run_days(2)
    assert (yard.close()["state"] == OrderState.UNSERVED).all()


def test_a_new_head_of_the_plan_is_served_in_time(yard: Yard) -> None:
    late, early = yard.order(start_min=15 * HOUR), yard.order(start_min=10 * HOUR)
    yard.carry_out(Assign(late, NEAR))
    yard.carry_out(SetPlan(NEAR, (early, late)))
    yard.model.run_days(1)
    ended = yard.close()
    assert (ended["state"] == OrderState.COMPLETED).all()
    assert ended["start_min"].tolist() == sorted(ended["start_min"].tolist())


def test_a_plan_that_does_not_fit_changes_nothing(yard: Yard) -> None:
    wide, narrow = yard.order(start_min=12 * HOUR, half_width_min=240.0), yard.order(start_min=10 * HOUR)
    too_late = yard.order(start_min=8 * HOUR)
    yard.carry_out(Assign(wide, NEAR), Assign(narrow, NEAR))
    assert yard.plan(NEAR) == [wide, narrow]
    before = stand(yard)
    # The second visit would have to begin later before the third is found not to fit.
    yard.carry_out(SetPlan(NEAR, (narrow, wide, too_late)))
    assert yard.illegal() == 1
    assert stand(yard) == before


# Defer


def test_defer_calls_again_not_later_than_it_says(yard: Yard) -> None:
    times: list[float] = []

    def wait_ten_minutes(view: DispatchView) -> Sequence[Action]:
        times.append(view.now_min)
        return [Defer(int(order), view.now_min + 10.0) for order in view.due()] if len(times) < 4 else []

    yard.let(wait_ten_minutes)
    order = yard.order(start_min=16 * HOUR)
    yard.model.advance_to(9 * HOUR)
    assert times == [7 * HOUR, 7 * HOUR + 10, 7 * HOUR + 20, 7 * HOUR + 30]
    assert yard.state(order) == OPEN
    assert yard.illegal() == 0


def test_the_earlier_of_two_deferrals_counts(yard: Yard) -> None:
    times: list[float] = []
    orders = [yard.order(start_min=16 * HOUR) for _ in range(2)]

    def note(view: DispatchView) -> Sequence[Action]:
        times.append(view.now_min)
        return []

    yard.carry_out(Defer(orders[0], 8.5 * HOUR), Defer(orders[1], 7.5 * HOUR))
    yard.let(note)
    yard.model.advance_to(8 * HOUR)
    assert times[:1] == [7.5 * HOUR]


def test_a_deferral_does_not_hold_up_the_next_epoch(yard: Yard) -> None:
    times: list[float] = []

    def note(view: DispatchView) -> Sequence[Action]:
        times.append(view.now_min)
        return [Defer(int(order), 9.9 * HOUR) for order in view.due()] if len(times) == 1 else []

    yard.let(note, Triggers(on_placed=True, on_freed=False, every_min=30.0))
    yard.order(start_min=16 * HOUR)
    yard.model.advance_to(10 * HOUR)
    assert times == [7 * HOUR, 7.5 * HOUR, 9.9 * HOUR]


def test_a_deferral_to_the_past_is_illegal(yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    before = stand(yard)
    yard.carry_out(Defer(order, 7 * HOUR - 1))
    assert yard.illegal() == 1
    assert stand(yard) == before


def test_many_deferrals_do_not_pile_up(yard: Yard) -> None:
    yard.let(lambda view: [Defer(int(order), view.now_min + 60.0) for order in view.due()])
    for _ in range(20):
        yard.order(start_min=17 * HOUR)
    for hour in range(8, 12):
        yard.model.advance_to(hour * HOUR)
        entries = yard.market.clock.calendar()
        assert np.count_nonzero(entries["kind"] == Kind.DISPATCH) == 1


def test_a_deferral_begins_no_second_sequence_of_epochs(yard: Yard) -> None:
    times: list[float] = []

    def one_by_one(view: DispatchView) -> Sequence[Action]:
        times.append(view.now_min)
        first, *others = view.due().tolist()
        return [Reject(first, 0), *(Defer(order, view.now_min + 11.0) for order in others[:1])]

    orders = [yard.order(start_min=17 * HOUR) for _ in range(9)]
    assert len(yard.queue()) == len(orders)
    yard.let(one_by_one, Triggers(on_placed=False, on_freed=False, every_min=10.0))
    yard.order(start_min=17 * HOUR)
    yard.model.advance_to(9 * HOUR)
    assert len(times) == len(set(times)), "called twice in one moment"
    assert yard.queue() == []


@given(every_min=st.floats(1.0, 1440.0), nth=st.integers(1, 1000))
@settings(max_examples=300, deadline=None)
def test_the_next_epoch_lies_ahead(every_min: float, nth: int, quiet_yard: Yard) -> None:
    clock = Clock()
    clock.run_until(nth * every_min)
    quiet_yard.market.clock = clock
    quiet_yard.model.tables["companies"].used["epoch_pending"] = 0
    quiet_yard.visits._enter_epoch(FIRM, every_min)
    (entry,) = clock.calendar()
    assert clock.now < entry["minute"] <= clock.now + every_min * (1 + 1e-9)


# OfferPool


def test_the_first_of_a_pool_to_accept_gets_the_order(yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.carry_out(OfferPool(order, (NEAR, FAR), 12 * HOUR))
    assert (yard.state(order), yard.queue()) == (OrderState.OFFERED, [])
    assert yard.plan(NEAR) == yard.plan(FAR) == []
    yard.model.advance_to(12 * HOUR)
    assert yard.state(order) == ASSIGNED
    winner = int(yard.row(order)["worker_row"])
    assert yard.plan(winner) == [order]
    assert 7 * HOUR < yard.row(order)["assigned_min"] < 12 * HOUR
    assert serve(yard)["worker_row"] == winner


def test_a_pool_in_which_nobody_accepts_leaves_the_order_open(yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.worker(NEAR)["reservation_fen_per_h"] = 1e9
    yard.carry_out(OfferPool(order, (NEAR,), 7.5 * HOUR))
    yard.model.advance_to(7.5 * HOUR)
    assert yard.state(order) == OrderState.OFFERED
    yard.model.advance_to(7.5 * HOUR + 1)
    assert (yard.state(order), yard.queue()) == (OPEN, [order])
    assert yard.row(order)["reason"] == Reason.REFUSED_PAY


def test_who_refuses_in_a_pool_is_not_asked_again(yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.worker(NEAR)["reservation_fen_per_h"] = 1e9
    yard.carry_out(OfferPool(order, (NEAR,), 7.5 * HOUR))
    assert yard.worker(NEAR)["refusals"] == 1
    yard.model.advance_to(8 * HOUR)
    yard.worker(NEAR)["reservation_fen_per_h"] = 0.0
    assert [found.worker for found in yard.insertions(order)] == [FAR]


def test_a_pool_in_which_nobody_can_come_says_why(yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.worker(NEAR)["weekdays"] = 0
    yard.carry_out(OfferPool(order, (NEAR,), 7.5 * HOUR))
    yard.model.advance_to(8 * HOUR)
    assert (yard.state(order), yard.row(order)["reason"]) == (OPEN, Reason.OFF_SHIFT)


def test_a_pool_that_does_not_answer_in_time_says_so(yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.carry_out(OfferPool(order, (NEAR, FAR), 7 * HOUR + 1e-6))
    yard.model.advance_to(8 * HOUR)
    assert (yard.state(order), yard.row(order)["reason"]) == (OPEN, Reason.NO_ANSWER)


def test_a_pool_does_not_put_off_the_time_by_which_the_household_wants_to_know(yard: Yard) -> None:
    order = yard.order(start_min=40 * HOUR)
    confirm_by = float(yard.row(order)["confirm_by_min"])
    assert confirm_by == 31 * HOUR
    yard.worker(NEAR)["reservation_fen_per_h"] = 1e9
    yard.carry_out(OfferPool(order, (NEAR,), 39 * HOUR))
    yard.model.advance_to(confirm_by)
    assert yard.state(order) == OrderState.OFFERED
    yard.model.run_days(1)
    (ended,) = yard.close()
    assert (ended["state"], ended["ended_min"]) == (OrderState.UNSERVED, confirm_by)


def test_offering_an_order_anew_does_not_put_that_time_off(yard: Yard) -> None:
    order = yard.order(start_min=40 * HOUR)
    confirm_by = float(yard.row(order)["confirm_by_min"])
    yard.worker(NEAR)["reservation_fen_per_h"] = 1e9
    for hour in (8, 9, 10):
        yard.carry_out(OfferPool(order, (NEAR,), hour * HOUR))
        yard.model.advance_to(hour * HOUR + 1)
        assert yard.row(order)["confirm_by_min"] == confirm_by


def test_an_order_that_lost_its_worker_after_its_time_can_be_offered_to_a_pool(yard: Yard) -> None:
    order = yard.order(start_min=60 * HOUR)
    yard.carry_out(Assign(order, NEAR))
    late = float(yard.row(order)["confirm_by_min"]) + HOUR
    yard.model.advance_to(late)
    yard.let(lambda view: [OfferPool(int(row), (FAR,), 50 * HOUR) for row in view.due()])
    yard.visits.release(NEAR, order, Reason.WORKER_LEFT)
    assert yard.state(order) == OrderState.OFFERED
    assert yard.row(order)["confirm_by_min"] > late


@pytest.mark.parametrize("worker", [NEAR, FAR])
def test_a_pool_of_any_one_worker_is_asked(yard: Yard, worker: int) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.carry_out(OfferPool(order, (worker,), 12 * HOUR))
    yard.model.advance_to(12 * HOUR)
    assert (yard.state(order), yard.plan(worker)) == (ASSIGNED, [order])


def test_a_dispatcher_knows_from_the_first_call_by_when_to_confirm(yard: Yard) -> None:
    seen: list[float] = []

    def note(view: DispatchView) -> Sequence[Action]:
        seen.extend(view.orders(view.due())["confirm_by_min"].tolist())
        return []

    yard.let(note)
    yard.order(start_min=16 * HOUR)
    assert seen == [16.5 * HOUR]


def test_nobody_is_given_an_order_for_which_he_no_longer_has_time(yard: Yard) -> None:
    offered, other = yard.order(start_min=10 * HOUR), yard.order(start_min=10 * HOUR)
    yard.carry_out(OfferPool(offered, (NEAR,), 9 * HOUR), Assign(other, NEAR))
    yard.model.advance_to(9 * HOUR + 1)
    assert yard.plan(NEAR) == [other]
    assert yard.state(offered) == OPEN


def test_an_offered_order_can_be_cancelled(yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.carry_out(OfferPool(order, (NEAR, FAR), 12 * HOUR))
    yard.visits.close(order, OrderState.CANCELLED, Reason.HOUSEHOLD_CANCELLED)
    again = yard.order(start_min=16 * HOUR)
    assert again == order, "the row is let again, with the pool's answer still to come"
    yard.model.run_days(1)
    ended = yard.close()
    assert ended["state"].tolist() == [OrderState.CANCELLED, OrderState.UNSERVED]


# Reject


def test_a_rejected_order_ends_unserved_with_its_reason(yard: Yard) -> None:
    orders = [yard.order(start_min=16 * HOUR) for _ in range(2)]
    yard.carry_out(Reject(orders[0], int(Reason.OUT_OF_RANGE)), Reject(orders[1], 0))
    assert yard.queue() == []
    ended = yard.close()
    assert (ended["state"] == OrderState.UNSERVED).all()
    assert ended["reason"].tolist() == [Reason.OUT_OF_RANGE, Reason.REJECTED_BY_DISPATCH]
    assert (ended["ended_min"] == 7 * HOUR).all()


# What is not legal.


def not_mine(yard: Yard) -> int:
    return yard.order(company=OTHER_FIRM, start_min=10 * HOUR)


def not_open(yard: Yard) -> int:
    order = yard.order(start_min=11 * HOUR)
    yard.carry_out(Assign(order, FAR))
    return order


def begun(yard: Yard) -> int:
    order = yard.order(start_min=9 * HOUR)
    yard.carry_out(Assign(order, NEAR))
    yard.model.advance_to(9 * HOUR)
    return order


def ended(yard: Yard) -> int:
    order = yard.order(start_min=16 * HOUR)
    yard.carry_out(Reject(order, 0))
    return order


WRONG_ORDERS: dict[str, Callable[[Yard], int]] = {
    "of another firm": not_mine,
    "assigned": not_open,
    "begun": begun,
    "ended": ended,
    "negative": lambda _yard: -1,
    "far away": lambda _yard: 10**6,
    "huge": lambda _yard: 2**40,
}
ACTIONS: dict[str, Callable[[int], Action]] = {
    "Assign": lambda order: Assign(order, NEAR),
    "SetPlan": lambda order: SetPlan(NEAR, (order,)),
    "OfferPool": lambda order: OfferPool(order, (NEAR,), 9.9 * HOUR),
    "Defer": lambda order: Defer(order, 9.9 * HOUR),
    "Reject": lambda order: Reject(order, 0),
}


@pytest.mark.parametrize("which", WRONG_ORDERS)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_wrong_order_changes_nothing_and_is_counted_once(action: str, which: str, yard: Yard) -> None:
    order = WRONG_ORDERS[which](yard)
    before = stand(yard)
    yard.carry_out(ACTIONS[action](order))
    assert yard.illegal() == 1
    assert stand(yard) == before


WRONG_WORKERS = {"of another firm": 2, "negative": -1, "far away": 10**6, "huge": 2**40}


@pytest.mark.parametrize("which", WRONG_WORKERS)
@pytest.mark.parametrize("action", ["Assign", "SetPlan", "OfferPool"])
def test_a_wrong_worker_changes_nothing_and_is_counted_once(action: str, which: str, yard: Yard) -> None:
    order, worker = yard.order(), WRONG_WORKERS[which]
    before = stand(yard)
    actions = {
        "Assign": Assign(order, worker),
        "SetPlan": SetPlan(worker, (order,)),
        "OfferPool": OfferPool(order, (NEAR, worker), 9 * HOUR),
    }
    yard.carry_out(actions[action])
    assert yard.illegal() == 1
    assert stand(yard) == before


@pytest.mark.parametrize("status", [WorkerStatus.PLACED, WorkerStatus.LEFT])
@pytest.mark.parametrize("action", ["Assign", "SetPlan"])
def test_nobody_who_is_placed_or_gone_gets_an_order(action: str, status: WorkerStatus, yard: Yard) -> None:
    order = yard.order()
    yard.worker(NEAR)["status"] = status
    before = stand(yard)
    yard.carry_out(Assign(order, NEAR) if action == "Assign" else SetPlan(NEAR, (order,)))
    assert yard.illegal() == 1
    assert yard.state(order) == OPEN
    after = stand(yard)
    assert {name for name in after if after[name] != before[name]} <= {"orders.reason"}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("skills", 0, Reason.NO_SKILL),
        ("weekdays", 0, Reason.OFF_SHIFT),
        ("shift_start_min", 11.0 * HOUR, Reason.OFF_SHIFT),
        ("shift_end_min", 10.0 * HOUR, Reason.OFF_SHIFT),
        ("absent_from_min", 0.0, Reason.ON_LEAVE),
        ("plan_length", 32, Reason.PLAN_FULL),
        ("free_at_min", 11.0 * HOUR, Reason.TIME_WINDOW),
    ],
)
def test_the_engine_alone_decides_who_may_serve(
    column: str, value: float, reason: Reason, yard: Yard
) -> None:
    order = yard.order(start_min=10 * HOUR)
    yard.worker(NEAR)[column] = value
    assert yard.view().insertion(NEAR, order) is None
    assert yard.view().why_not(order) == reason
    yard.carry_out(Assign(order, NEAR))
    assert (yard.illegal(), yard.state(order)) == (1, OPEN)


@pytest.mark.parametrize("minute", [math.nan, math.inf, -math.inf, 7 * HOUR])
@pytest.mark.parametrize("action", ["Defer", "OfferPool"])
def test_a_time_that_does_not_come_is_illegal(action: str, minute: float, yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.carry_out(Defer(order, minute) if action == "Defer" else OfferPool(order, (NEAR,), minute))
    assert yard.illegal() == 1
    assert np.isfinite(yard.market.clock.calendar()["minute"]).all()


@pytest.mark.parametrize("reason", [-1, 99, 10**9])
def test_a_reason_that_is_none_is_illegal(reason: int, yard: Yard) -> None:
    order = yard.order(start_min=16 * HOUR)
    yard.carry_out(Reject(order, reason))
    assert (yard.illegal(), yard.state(order)) == (1, OPEN)


def test_deferring_to_now_does_not_stop_time(yard: Yard) -> None:
    calls: list[float] = []

    def now(view: DispatchView) -> Sequence[Action]:
        calls.append(view.now_min)
        assert len(calls) < 1000, "time stands still"
        return [Defer(int(order), view.now_min) for order in view.due()]

    yard.let(now)
    yard.order(start_min=16 * HOUR)
    yard.model.advance_to(8 * HOUR)
    assert yard.illegal() > 0


def test_a_full_plan_takes_no_more(town: Town) -> None:
    yard = Yard(town, [(0, 0)], [(0, 0)], overrides=["parameters.visits.notice_min=0"])
    yard.model.advance_to(7 * HOUR)
    orders = [yard.order(start_min=(8.5 + k / 4) * HOUR, duration_min=5.0) for k in range(33)]
    yard.carry_out(*(Assign(order, 0) for order in orders))
    assert len(yard.plan(0)) == 32
    assert yard.illegal() == 1
