"""Replace the open tail of a worker's plan, if every visit still starts in its window."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.market import orders as order_steps
from sim.market import visit_steps as steps
from sim.market.search import check_at
from sim.state import PLAN_LENGTH, Record
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
    timed = _timing(market, action)
    if timed is None:
        market.rows("orders")["planned_start_min"][asked] = starts_before
        who["plan"][who["frozen"] : who["frozen"] + len(before)] = before
        who["plan_length"] = who["frozen"] + len(before)
        return None
    for order in timed.refused:
        steps.refuse(market.columns, action.worker, order)
    _take(market, action.worker, timed.starts)
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


def _available(order: Record, company: int, worker: int) -> bool:
    if order["company_row"] != company:
        return False
    if order["state"] == OrderState.OPEN:
        return True
    return bool(order["state"] == OrderState.ASSIGNED and order["worker_row"] == worker)


class _Timed(NamedTuple):
    """A tail that fits: the planned start of each order that is taken, and the new orders that the worker refuses."""

    starts: dict[int, float]
    refused: list[int]


def _timing(market: Market, action: SetPlan) -> _Timed | None:
    """Build the tail visit by visit; return None at the first that does not fit."""
    c = market.columns
    who = c.workers[action.worker]
    who["plan_length"] = who["frozen"]
    timed = _Timed({}, [])
    for order in action.orders:
        reason, start, km = _next(market, action.worker, order)
        if reason != Reason.NONE:
            return None
        if c.orders["state"][order] == OrderState.OPEN and not steps.accepts(
            c, action.worker, order, km, market.visit_rules.acceptance_noise_sd, market.seed
        ):
            timed.refused.append(order)
            continue
        who["plan"][who["plan_length"]] = order
        who["plan_length"] += 1
        c.orders["planned_start_min"][order] = start
        timed.starts[order] = float(start)
    return timed


def _next(market: Market, worker: int, order: int) -> tuple[int, float, float]:
    """Return (reason, start, km) of an order at the end of the plan as it stands."""
    c = market.columns
    position = int(c.workers["plan_length"][worker])
    fitted: tuple[int, float, float] = check_at(
        c,
        market.index,
        worker,
        order,
        position,
        market.weekday(float(c.orders["earliest_min"][order])),
        market.now_min,
    )
    return fitted


def _take(market: Market, worker: int, starts: dict[int, float]) -> None:
    c = market.columns
    for order, start in starts.items():
        row = c.orders[order]
        if row["state"] == OrderState.OPEN:
            order_steps.remove_open(c, order)
            order_steps.move(c, order, int(OrderState.ASSIGNED), int(Reason.NONE), market.now_min)
            row["worker_row"] = worker
            row["assigned_min"] = market.now_min
            steps.note_wait(c, order, start, market.visit_rules.wait_smoothing)
        row["planned_start_min"] = start
    c.workers["stamp"][worker] += 1
