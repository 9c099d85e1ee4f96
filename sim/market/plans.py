"""A worker's plan: which visits follow which, whether one more fits, and when each will start.

A plan is a list of order rows in the sequence of service. Its first ``frozen`` entries have begun and stay. The rest is
timed forward: a visit starts at the later of its earliest start and the arrival from the visit before, and must start
by its latest start (the time-window arithmetic of vehicle routing, Solomon 1987). Only visits of one working day
interact; a day starts at the worker's home.
"""

from __future__ import annotations

import math

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.compiled import kernel
from sim.market.trips import (
    Roads,
    home_to_order_km,
    minutes,
    order_to_order_km,
    roads_of,
    worker_to_order_km,
)
from sim.state import PLAN_LENGTH, Columns, Record, Rows
from sim.vocabulary import NO_ROW, Reason, WorkerStatus

_DAY = MINUTES_PER_DAY
_WEEK = 7
_PLACED = int(WorkerStatus.PLACED)
_LEFT = int(WorkerStatus.LEFT)
_STAFF = int(WorkerStatus.STAFF)
_NONE = int(Reason.NONE)
_NO_SKILL = int(Reason.NO_SKILL)
_NO_HEALTH_CLASS = int(Reason.NO_HEALTH_CLASS)
_NO_CERTIFICATE = int(Reason.NO_CERTIFICATE)
_OFF_SHIFT = int(Reason.OFF_SHIFT)
_IN_PLACEMENT = int(Reason.IN_PLACEMENT)
_ON_LEAVE = int(Reason.ON_LEAVE)
_TIME_WINDOW = int(Reason.TIME_WINDOW)
_PLAN_FULL = int(Reason.PLAN_FULL)
_REFUSED_PAY = int(Reason.REFUSED_PAY)
_NO_ROW = NO_ROW
_PLAN_LENGTH = PLAN_LENGTH
_TOLERANCE_MIN = 1e-6


@kernel
def works_around_the_clock(worker: Record) -> bool:
    """Return whether the worker's shift has no end (a textbook server)."""
    return worker.shift_end_min - worker.shift_start_min >= _DAY


@kernel
def may_serve(who: Record, worker: int, what: Record, service: Record) -> int:
    """Return the reason why the worker (row ``worker``) may not serve the order at all, or ``Reason.NONE``."""
    if (who.skills >> np.uint32(what.service)) & np.uint32(1) == 0:
        return _NO_SKILL
    if who.health_class < service.health_class:
        return _NO_HEALTH_CLASS
    if service.certificate_required > who.certified:
        return _NO_CERTIFICATE
    if who.status == _PLACED or who.status == _LEFT or who.status == _STAFF:
        return _IN_PLACEMENT
    for k in range(min(what.offers, len(what.refused_by))):
        if what.refused_by[k] == worker:
            return _REFUSED_PAY
    return _NONE


@kernel
def shift_window(who: Record, minute: float, weekday: int) -> tuple[float, float]:
    """Return start and end of the worker's shift on the day of ``minute``; an empty span on a free day."""
    if works_around_the_clock(who):
        return -math.inf, math.inf
    midnight = math.floor(minute / _DAY) * _DAY
    if (who.weekdays >> np.uint8(weekday)) & np.uint8(1) == 0:
        return midnight, midnight
    return midnight + who.shift_start_min, midnight + who.shift_end_min


@kernel
def away(who: Record, start: float, duration: float) -> bool:
    """Return whether the worker is on leave at any time of a service."""
    return start < who.absent_until_min and start + duration > who.absent_from_min


@kernel
def back_from_leave(who: Record, minute: float) -> float:
    """Return the first minute from this one on at which the worker is not on leave."""
    if who.absent_from_min <= minute < who.absent_until_min:
        return who.absent_until_min
    return minute


@kernel
def present(
    who: Record, worker: int, what: Record, weekday: int, slot_starts: np.ndarray, slot_min: float
) -> int:
    """Return why the worker cannot be there in the order's window (leave, shift, reserved slot), or none."""
    if away(who, what.earliest_min, what.expected_duration_min):
        return _ON_LEAVE
    start, stop = shift_window(who, what.earliest_min, weekday)
    if what.latest_min < start or what.earliest_min + what.expected_duration_min > stop:
        return _OFF_SHIFT
    if who.reserved_slots != 0 and what.regular_row != worker:
        midnight = math.floor(what.earliest_min / _DAY) * _DAY
        for slot in range(len(slot_starts)):
            bit = np.uint32(weekday * len(slot_starts) + slot)
            if (who.reserved_slots >> bit) & np.uint32(1):
                # The order's own half window on both sides leaves time for the trip to and from the contract's visit.
                begin = midnight + slot_starts[slot]
                latest_end = what.latest_min + what.expected_duration_min
                if what.earliest_min < begin + slot_min and latest_end > begin:
                    return _TIME_WINDOW
    return _NONE


@kernel
def may_come(
    who: Record,
    worker: int,
    what: Record,
    service: Record,
    weekday: int,
    slot_starts: np.ndarray,
    slot_min: float,
) -> int:
    """Return why the worker may not serve the order or cannot be there in its window, or ``Reason.NONE``."""
    reason = may_serve(who, worker, what, service)
    return reason if reason != _NONE else present(who, worker, what, weekday, slot_starts, slot_min)


@kernel
def position_for(orders: Rows, who: Record, wanted: float) -> int:
    """Return the place in the plan that keeps wanted starts in sequence, never before the frozen part."""
    position = who.plan_length
    while position > who.frozen and orders[who.plan[position - 1]].earliest_min > wanted:
        position -= 1
    return position


@kernel
def ready_before(orders: Rows, who: Record, position: int, now_min: float, shift_start: float) -> float:
    """Return when the worker can leave for what stands at ``position`` of the plan: not while he is on leave."""
    ready = max(now_min, shift_start)
    if position > 0:
        before = orders[who.plan[position - 1]]
        if shift_start == -math.inf or before.planned_start_min >= shift_start:
            ready = max(ready, before.planned_start_min + before.expected_duration_min)
    return back_from_leave(who, max(ready, who.free_at_min))


@kernel
def km_before(
    orders: Rows, roads: Roads, who: Record, what: Record, position: int, now_min: float, shift_start: float
) -> float:
    """Return the distance to an order from where the worker will be before it."""
    if position > 0:
        before = orders[who.plan[position - 1]]
        if shift_start == -math.inf or before.planned_start_min >= shift_start:
            return order_to_order_km(roads, before, what)
    if shift_start > now_min or (shift_start != -math.inf and who.day_of_place < math.floor(now_min / _DAY)):
        return home_to_order_km(roads, who, what)
    return worker_to_order_km(roads, who, what)


@kernel
def start_after(roads: Roads, who: Record, what: Record, ready: float, km: float) -> float:
    """Return the earliest start of an order for a worker who leaves ``km`` away at ``ready``."""
    trip = minutes(roads, km, ready, who.has_ebike)
    return max(ready + trip, what.earliest_min)


@kernel
def tail_fits(
    orders: Rows, roads: Roads, who: Record, what: Record, position: int, start: float, shift_end: float
) -> bool:
    """Return whether the visits from ``position`` on still start in time after an order started at ``start``."""
    last = what
    finish = start + what.expected_duration_min
    for k in range(position, who.plan_length):
        row = orders[who.plan[k]]
        if row.planned_start_min >= shift_end:
            break
        begin = start_after(roads, who, row, finish, order_to_order_km(roads, last, row))
        if begin <= row.planned_start_min + _TOLERANCE_MIN:
            break
        if begin > row.latest_min or begin + row.expected_duration_min > shift_end:
            return False
        finish = begin + row.expected_duration_min
        last = row
    return True


@kernel
def insertion(
    orders: Rows, roads: Roads, who: Record, what: Record, position: int, weekday: int, now_min: float
) -> tuple[int, float, float]:
    """Test one insertion.

    Returns:
        (reason, planned start, km of the trip before it); reason is ``Reason.NONE`` when the visit fits.
    """
    if who.plan_length >= _PLAN_LENGTH:
        return _PLAN_FULL, math.inf, math.inf
    shift_start, shift_end = shift_window(who, what.earliest_min, weekday)
    ready = ready_before(orders, who, position, now_min, shift_start)
    km = km_before(orders, roads, who, what, position, now_min, shift_start)
    start = start_after(roads, who, what, ready, km)
    if start > what.latest_min or start + what.expected_duration_min > shift_end:
        return _TIME_WINDOW, start, km
    if away(who, start, what.expected_duration_min):
        return _ON_LEAVE, start, km
    if position < who.plan_length and not tail_fits(orders, roads, who, what, position, start, shift_end):
        return _TIME_WINDOW, start, km
    return _NONE, start, km


@kernel
def insert(c: Columns, worker: int, order: int, position: int, start: float) -> None:
    """Put an order into the plan and time the visits behind it anew."""
    who = c.workers[worker]
    for k in range(who.plan_length, position, -1):
        who.plan[k] = who.plan[k - 1]
    who.plan[position] = order
    who.plan_length += 1
    c.orders[order].planned_start_min = start
    retime(c, worker, position + 1)


@kernel
def remove(c: Columns, worker: int, order: int) -> int:
    """Take an order out of the plan; return the position that it had, or -1."""
    who = c.workers[worker]
    for position in range(who.plan_length):
        if who.plan[position] == order:
            for k in range(position, who.plan_length - 1):
                who.plan[k] = who.plan[k + 1]
            who.plan_length -= 1
            if position < who.frozen:
                who.frozen -= 1
            return position
    return -1


@kernel
def retime(c: Columns, worker: int, position: int) -> None:
    """Time the visits from ``position`` on from the one before, within the same day."""
    who = c.workers[worker]
    roads = roads_of(c)
    for k in range(max(position, 1), who.plan_length):
        before = c.orders[who.plan[k - 1]]
        row = c.orders[who.plan[k]]
        same_day = math.floor(before.planned_start_min / _DAY) == math.floor(row.earliest_min / _DAY)
        if not same_day and not works_around_the_clock(who):
            break
        ready = before.planned_start_min + before.expected_duration_min
        km = order_to_order_km(roads, before, row)
        row.planned_start_min = start_after(roads, who, row, ready, km)
