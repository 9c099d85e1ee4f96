"""The order's state machine: every change of state goes through :func:`move` and is counted where it happens."""

from __future__ import annotations

import numpy as np

from sim.compiled import entry, kernel
from sim.market.support import give_back
from sim.state import Columns
from sim.vocabulary import NO_ROW, OrderState, Reason, Tally

_OPEN = int(OrderState.OPEN)
_COMPLETED = int(OrderState.COMPLETED)
_CANCELLED = int(OrderState.CANCELLED)
_UNSERVED = int(OrderState.UNSERVED)
_REQUESTED_TALLY = int(Tally.REQUESTED)
_NO_ROW = NO_ROW
_NO_REASON = int(Reason.NONE)


def _allowed_transitions() -> np.ndarray:
    s = OrderState
    steps = {
        s.NONE: (s.OPEN,),
        s.OPEN: (s.OFFERED, s.ASSIGNED, s.CANCELLED, s.UNSERVED),
        s.OFFERED: (s.OPEN, s.ASSIGNED, s.CANCELLED, s.UNSERVED),
        s.ASSIGNED: (s.OPEN, s.ASSIGNED, s.TRAVELLING, s.CANCELLED, s.UNSERVED),
        s.TRAVELLING: (s.IN_SERVICE,),
        s.IN_SERVICE: (s.COMPLETED,),
    }
    allowed = np.zeros((len(s), len(s)), np.int8)
    for before, afters in steps.items():
        allowed[before, list(afters)] = 1
    return allowed


ALLOWED = _allowed_transitions()
"""1 where a step from state (row) to state (column) is legal."""


@kernel
def move(c: Columns, order: int, state: int, reason: int, now_min: float) -> None:
    """Bring an order into a new state and count the step; the audit compares the counts with the rows."""
    row = c.orders[order]
    c.transitions[row.state, state] += 1
    row.state = state
    row.reason = reason
    if state >= _COMPLETED:
        row.ended_min = now_min
        c.tallies[row.service, row.district, state - _COMPLETED + 1] += 1
        company = c.companies[row.company_row]
        if state != _COMPLETED:
            give_back(c, order)
        if state == _COMPLETED:
            company.completed += 1
        elif state == _CANCELLED:
            company.cancelled += 1
        elif state == _UNSERVED:
            company.unserved += 1


@kernel
def request(c: Columns, order: int, now_min: float) -> None:
    """Open a new order at its company."""
    row = c.orders[order]
    row.worker_row = _NO_ROW
    row.placed_min = now_min
    c.tallies[row.service, row.district, _REQUESTED_TALLY] += 1
    c.companies[row.company_row].requested += 1
    move(c, order, _OPEN, _NO_REASON, now_min)
    push_open(c, order)


@kernel
def push_open(c: Columns, order: int) -> None:
    """Append an open order to its company's queue."""
    row = c.orders[order]
    company = c.companies[row.company_row]
    row.next_open = _NO_ROW
    row.previous_open = company.open_tail
    if company.open_orders == 0:
        company.open_head = order
        row.previous_open = _NO_ROW
    else:
        c.orders[company.open_tail].next_open = order
    company.open_tail = order
    company.open_orders += 1


@kernel
def remove_open(c: Columns, order: int) -> None:
    """Take an order out of its company's queue."""
    row = c.orders[order]
    company = c.companies[row.company_row]
    if row.previous_open != _NO_ROW:
        c.orders[row.previous_open].next_open = row.next_open
    else:
        company.open_head = row.next_open
    if row.next_open != _NO_ROW:
        c.orders[row.next_open].previous_open = row.previous_open
    else:
        company.open_tail = row.previous_open
    row.next_open = _NO_ROW
    row.previous_open = _NO_ROW
    company.open_orders -= 1


@entry
@kernel
def open_orders(c: Columns, company: int, offers_at_most: int, out: np.ndarray) -> int:
    """Write a company's open orders into ``out``, oldest first; return how many were written.

    An order that as many workers have refused as may be asked is left out until its wanted start moves by a day.
    """
    order = c.companies[company].open_head
    if c.companies[company].open_orders == 0:
        return 0
    count = 0
    while order != _NO_ROW and count < len(out):
        row = c.orders[order]
        if row.offers < offers_at_most * (row.days_shifted + 1):
            out[count] = order
            count += 1
        order = row.next_open
    return count
