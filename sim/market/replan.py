"""Replace the open tail of a worker's plan, if every visit still starts in its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.market import orders as order_steps
from sim.market import plans
from sim.market import visit_steps as steps
from sim.state import PLAN_LENGTH
from sim.vocabulary import OrderState, Reason

if TYPE_CHECKING:
    from sim.dispatch.interface import SetPlan
    from sim.market.market import Market


def replan(market: Market, company: int, action: SetPlan) -> list[int] | None:
    """Carry out a new plan.

    Returns:
        The orders that were taken out of the plan and are open again, or None when the plan is not legal; then
        nothing has changed.
    """
    if not _may_hold(market, company, action):
        return None
    who = market.rows("workers")[action.worker]
    before = who["plan"][who["frozen"] : who["plan_length"]].tolist()
    asked = np.array(action.orders, np.int64)
    starts_before = market.rows("orders")["planned_start_min"][asked]
    starts = _timing(market, action)
    if starts is None:
        market.rows("orders")["planned_start_min"][asked] = starts_before
        who["plan"][who["frozen"] : who["frozen"] + len(before)] = before
        who["plan_length"] = who["frozen"] + len(before)
        return None
    _take(market, action, starts)
    dropped = [order for order in before if order not in action.orders]
    for order in dropped:
        steps.release(market.columns, order, int(Reason.NONE), market.now_min)
    return dropped


def _may_hold(market: Market, company: int, action: SetPlan) -> bool:
    workers, orders = market.table("workers"), market.table("orders")
    if not 0 <= action.worker < workers.size or workers.rows["company_row"][action.worker] != company:
        return False
    if len(set(action.orders)) != len(action.orders):
        return False
    if len(action.orders) + workers.rows["frozen"][action.worker] > PLAN_LENGTH:
        return False
    return all(
        0 <= order < orders.size and _available(orders.rows[order], company, action.worker)
        for order in action.orders
    )


def _available(row: object, company: int, worker: int) -> bool:
    order = row
    if order["company_row"] != company:  # type: ignore[index]
        return False
    state = order["state"]  # type: ignore[index]
    if state == OrderState.OPEN:
        return True
    return bool(state == OrderState.ASSIGNED and order["worker_row"] == worker)  # type: ignore[index]


def _timing(market: Market, action: SetPlan) -> list[float] | None:
    """Build the tail visit by visit; return the planned starts, or None at the first that does not fit."""
    c = market.columns
    who = c.workers[action.worker]
    who["plan_length"] = who["frozen"]
    starts = []
    for order in action.orders:
        weekday = market.weekday(float(c.orders["earliest_min"][order]))
        slot_min = market.visit_rules.contract_slot_min
        reason = plans.may_serve(c, action.worker, order)
        reason = reason or plans.present(c, action.worker, order, weekday, market.slot_starts, slot_min)
        if reason == Reason.NONE:
            reason, start, _ = plans.insertion(
                c, action.worker, order, int(who["plan_length"]), weekday, market.now_min
            )
        if reason != Reason.NONE:
            return None
        who["plan"][who["plan_length"]] = order
        who["plan_length"] += 1
        c.orders["planned_start_min"][order] = start
        starts.append(float(start))
    return starts


def _take(market: Market, action: SetPlan, starts: list[float]) -> None:
    c = market.columns
    for order, start in zip(action.orders, starts, strict=True):
        row = c.orders[order]
        if row["state"] == OrderState.OPEN:
            order_steps.remove_open(c, order)
            order_steps.move(c, order, int(OrderState.ASSIGNED), int(Reason.NONE), market.now_min)
            row["worker_row"] = action.worker
            row["assigned_min"] = market.now_min
        row["planned_start_min"] = start
    c.workers["stamp"][action.worker] += 1
