"""Who can serve an order: compiled searches over a firm's workers, district by district from the nearest."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.clock import DAYS_PER_WEEK, MINUTES_PER_DAY
from sim.compiled import entry, kernel, wide
from sim.market import plans
from sim.market.trips import Roads, minutes, order_to_order_km, roads_of, worker_to_order_km
from sim.rng import decision, uniform
from sim.state import Columns, Record, Rows
from sim.vocabulary import NO_ROW, Reason, WorkerStatus

_NONE = int(Reason.NONE)
_NO_SKILL = int(Reason.NO_SKILL)
_OUT_OF_RANGE = int(Reason.OUT_OF_RANGE)
_TIME_WINDOW = int(Reason.TIME_WINDOW)
_IDLE = int(WorkerStatus.IDLE)
_NO_ROW = NO_ROW
_TIE = decision("dispatch.tie")
_DAY = MINUTES_PER_DAY
_WEEK = DAYS_PER_WEEK
_NEAREST = 0
BEST_RATED = 1
FOREIGN = -2


class Index(NamedTuple):
    """What a search needs beside the columns; renewed every midnight.

    Attributes:
        starts, rows: The able workers by cell (see :class:`sim.market.members.Members`).
        order, gap_km: The districts around each district (see :class:`sim.market.members.Neighbours`).
        slot_starts: Starts of the contracts' daily slots, minutes after midnight.
        slot_min: Their length.
        first_weekday: Weekday of day 0.
    """

    starts: Rows
    rows: Rows
    order: Rows
    gap_km: Rows
    slot_starts: Rows
    slot_min: float
    first_weekday: int


@kernel
def weekday_of(index: Index, minute: float) -> int:
    """Return the weekday (Monday 0) of a minute."""
    return int((index.first_weekday + int(minute // _DAY)) % _WEEK)


@kernel
def fits(
    orders: Rows, roads: Roads, who: Record, what: Record, weekday: int, now_min: float, max_km: float
) -> tuple[int, int, float, float]:
    """Test whether an order fits into the plan of a worker who may serve it; return what :func:`check` returns."""
    position = plans.position_for(orders, who, what.earliest_min)
    shift_start = plans.shift_window(who, what.earliest_min, weekday)[0]
    km = plans.km_before(orders, roads, who, what, position, now_min, shift_start)
    if km > max_km:
        return _OUT_OF_RANGE, position, math.inf, km
    reason, start, km = plans.insertion(orders, roads, who, what, position, weekday, now_min)
    return reason, position, start, km


@kernel
def check(
    c: Columns, index: Index, worker: int, order: int, weekday: int, now_min: float, max_km: float
) -> tuple[int, int, float, float]:
    """Test one worker for one order.

    Returns:
        (reason, position, start, km); reason is ``Reason.NONE`` when the visit fits into the plan.
    """
    who = c.workers[worker]
    what = c.orders[order]
    service = c.services[what.service]
    reason = plans.may_come(who, worker, what, service, weekday, index.slot_starts, index.slot_min)
    if reason != _NONE:
        return reason, 0, math.inf, math.inf
    return fits(c.orders, roads_of(c), who, what, weekday, now_min, max_km)


@kernel
def check_at(
    c: Columns, index: Index, worker: int, order: int, position: int, weekday: int, now_min: float
) -> tuple[int, float, float]:
    """Test one worker for one order at a given position; return (reason, start, km)."""
    who = c.workers[worker]
    what = c.orders[order]
    service = c.services[what.service]
    reason = plans.may_come(who, worker, what, service, weekday, index.slot_starts, index.slot_min)
    if reason != _NONE:
        return reason, math.inf, math.inf
    return plans.insertion(c.orders, roads_of(c), who, what, position, weekday, now_min)


@kernel
def starts_from_home(who: Record, now_min: float) -> bool:
    """Return whether the worker's next trip begins at home: nothing is planned, and he has not been out today."""
    return who.plan_length == 0 and who.day_of_place < math.floor(now_min / _DAY)


@entry
@kernel
def best(
    c: Columns,
    index: Index,
    company: int,
    order: int,
    now_min: float,
    max_km: float,
    rule: int,
    seed: np.uint64,
) -> tuple[int, int, float, float, int]:
    """Search a firm's able workers for an order: the shortest trip before it, or the best rating within ``max_km``.

    A firm sends workers who live in the order's district or in one whose border is within ``max_km``. Ties are broken
    by a draw keyed by (order, worker).

    Returns:
        (worker or -1, position, start, km, binding reason when nobody fits: the last hurdle that anyone reached); the
        worker is ``FOREIGN`` when the order is not the firm's.
    """
    what = c.orders[order]
    if what.company_row != company:
        return FOREIGN, 0, math.inf, math.inf, _NONE
    weekday = weekday_of(index, what.earliest_min)
    service = c.services[what.service]
    orders, workers, roads = c.orders, c.workers, roads_of(c)
    districts = len(c.districts)
    first_cell = (wide(what.company_row) * len(c.services) + what.service) * districts
    found, where, begin = _NO_ROW, 0, math.inf
    best_km, best_score, best_tie = math.inf, -math.inf, 2.0
    binding = _NO_SKILL
    for n in range(districts):
        gap = index.gap_km[what.district, n]
        if gap > max_km:
            binding = max(binding, _OUT_OF_RANGE)
            break
        # Beyond the best trip so far those at home are too far; one who is out may be around the corner.
        only_out = rule != BEST_RATED and gap > best_km
        cell = first_cell + index.order[what.district, n]
        for k in range(index.starts[cell], index.starts[cell + 1]):
            worker = wide(index.rows[k])
            if only_out and starts_from_home(workers[worker], now_min):
                continue
            limit = max_km if rule == BEST_RATED else min(max_km, best_km)
            who = workers[worker]
            reason = plans.may_come(who, worker, what, service, weekday, index.slot_starts, index.slot_min)
            if reason == _NONE:
                reason, position, start, km = fits(orders, roads, who, what, weekday, now_min, limit)
            if reason != _NONE:
                binding = max(binding, reason)
                continue
            score = -km if rule != BEST_RATED else who.rating - 1e-6 * km
            tie = uniform(seed, _TIE, what.key, who.key) if score == best_score else 1.0
            if score == best_score and best_tie == 1.0:
                best_tie = uniform(seed, _TIE, what.key, workers[found].key)
            if score > best_score or (score == best_score and tie < best_tie):
                found, where, begin = worker, position, start
                best_km, best_score, best_tie = km, score, tie
    return found, where, begin, best_km, binding


@kernel
def longest_idle(c: Columns, order: int, workers: np.ndarray, seed: np.uint64) -> tuple[int, int]:
    """Return the worker among these who has been idle for longest, or -1, and the binding reason."""
    what = c.orders[order]
    found, since, best_tie = _NO_ROW, math.inf, 2.0
    binding = _NO_SKILL
    for k in range(len(workers)):
        worker = wide(workers[k])
        who = c.workers[worker]
        if who.plan_length > 0 or who.status != _IDLE:
            binding = max(binding, _TIME_WINDOW)
            continue
        reason = plans.may_serve(who, worker, what, c.services[what.service])
        if reason != _NONE:
            binding = max(binding, reason)
            continue
        tie = uniform(seed, _TIE, what.key, who.key)
        if who.free_at_min < since or (who.free_at_min == since and tie < best_tie):
            found, since, best_tie = worker, who.free_at_min, tie
    return found, binding


@kernel
def distances(
    c: Columns,
    index: Index,
    orders: np.ndarray,
    columns_of: np.ndarray,
    now_min: float,
    max_km: float,
    out: np.ndarray,
    reasons: np.ndarray,
) -> None:
    """Write the trip in km of each feasible (order, worker) pair into ``out``, which comes filled with infinity.

    Args:
        c: The columns.
        index: The index of able workers.
        orders: Rows of orders of one firm.
        columns_of: Column of ``out`` by worker's row.
        now_min: Now.
        max_km: Longest trip.
        out: Shape (orders, workers of the firm).
        reasons: The binding reason by order, raised where a worker came further.
    """
    districts = len(c.districts)
    for i in range(len(orders)):
        order = wide(orders[i])
        what = c.orders[order]
        weekday = weekday_of(index, what.earliest_min)
        first_cell = (wide(what.company_row) * len(c.services) + what.service) * districts
        for n in range(districts):
            if index.gap_km[what.district, n] > max_km:
                reasons[i] = max(reasons[i], _OUT_OF_RANGE)
                break
            cell = first_cell + index.order[what.district, n]
            for k in range(index.starts[cell], index.starts[cell + 1]):
                worker = wide(index.rows[k])
                reason, _, _, km = check(c, index, worker, order, weekday, now_min, max_km)
                if reason == _NONE:
                    out[i, columns_of[worker]] = km
                else:
                    reasons[i] = max(reasons[i], reason)


@entry
@kernel
def first_fit(
    c: Columns, index: Index, worker: int, due: np.ndarray, now_min: float, max_km: float
) -> tuple[int, int, float, float]:
    """Return the first of the orders that fits into one worker's plan.

    Returns:
        (place in the list or -1, position in the plan, start, km).
    """
    orders, roads = c.orders, roads_of(c)
    who = c.workers[worker]
    for k in range(len(due)):
        what = orders[due[k]]
        weekday = weekday_of(index, what.earliest_min)
        service = c.services[what.service]
        reason = plans.may_come(who, worker, what, service, weekday, index.slot_starts, index.slot_min)
        if reason != _NONE:
            continue
        reason, position, start, km = fits(orders, roads, who, what, weekday, now_min, max_km)
        if reason == _NONE:
            return k, position, start, km
    return _NO_ROW, 0, math.inf, math.inf


@kernel
def ways_between(c: Columns, orders: np.ndarray, out: np.ndarray) -> None:
    """Write the way in km from each order's household (row) to each other's (column) into ``out``."""
    roads = roads_of(c)
    for i in range(len(orders)):
        for j in range(len(orders)):
            out[i, j] = order_to_order_km(roads, c.orders[orders[i]], c.orders[orders[j]])


@kernel
def ways_from(c: Columns, workers: np.ndarray, orders: np.ndarray, out: np.ndarray) -> None:
    """Write the way in km from where each worker will be free next (row) to each order's household (column)."""
    roads = roads_of(c)
    for i in range(len(workers)):
        who = c.workers[workers[i]]
        for j in range(len(orders)):
            what = c.orders[orders[j]]
            if who.frozen > 0:
                out[i, j] = order_to_order_km(roads, c.orders[who.plan[who.frozen - 1]], what)
            else:
                out[i, j] = worker_to_order_km(roads, who, what)


@kernel
def times_of(c: Columns, km: np.ndarray, at_min: float, has_ebike: int, out: np.ndarray) -> None:
    """Write the expected minutes of trips of these lengths that begin at ``at_min`` into ``out``; both are flat."""
    roads = roads_of(c)
    for k in range(len(km)):
        out[k] = minutes(roads, km[k], at_min, has_ebike)


@kernel
def keyed_order(keys: np.ndarray, what: np.uint64, occasion: np.uint64, seed: np.uint64) -> np.ndarray:
    """Return the permutation that sorts entities by a draw keyed by each of them."""
    draws = np.empty(len(keys))
    for k in range(len(keys)):
        draws[k] = uniform(seed, what, keys[k], occasion)
    return np.argsort(draws)
