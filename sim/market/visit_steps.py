"""The life of a visit, step by step, on the columns: assign, depart, arrive, finish, release, cancel.

Each step changes rows and money and returns when the next one is due; the visit desk enters that into the calendar.
Nothing that lies in the future is written down: the actual length of a trip is drawn when it begins, the actual
duration of a service when the worker stands at the door.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.agents.beliefs import experience
from sim.agents.means import left_fen
from sim.agents.satisfaction import Service, judge
from sim.clock import MINUTES_PER_DAY
from sim.compiled import entry, kernel, wide
from sim.market import orders as order_steps
from sim.market import plans
from sim.market.ledger import pay_company, pay_worker
from sim.market.needs import part_of_cv
from sim.market.search import Index, check, weekday_of
from sim.market.support import redeem
from sim.market.trips import (
    Roads,
    home_to_order_km,
    minutes,
    order_to_order_km,
    roads_of,
    worker_to_order_km,
)
from sim.rng import decision, exponential, lognormal, normal, uniform
from sim.state import Columns, Record, Rows
from sim.vocabulary import NO_ROW, DurationLaw, Grievance, MoneyKind, OrderState, Reason, WorkerStatus

_DAY = MINUTES_PER_DAY
_HOUR = 60.0
_NO_ROW = NO_ROW
_ASSIGNED = int(OrderState.ASSIGNED)
_OPEN = int(OrderState.OPEN)
_OFFERED = int(OrderState.OFFERED)
_TRAVELLING = int(OrderState.TRAVELLING)
_IN_SERVICE = int(OrderState.IN_SERVICE)
_COMPLETED = int(OrderState.COMPLETED)
_UNSERVED = int(OrderState.UNSERVED)
_NONE = int(Reason.NONE)
_REFUSED_PAY = int(Reason.REFUSED_PAY)
_W_IDLE = int(WorkerStatus.IDLE)
_W_TRAVELLING = int(WorkerStatus.TRAVELLING)
_W_IN_SERVICE = int(WorkerStatus.IN_SERVICE)
_EXPONENTIAL = int(DurationLaw.EXPONENTIAL)
_LOGNORMAL = int(DurationLaw.LOGNORMAL)
_SERVICE_MONEY = int(MoneyKind.SERVICE)
_WAGE = int(MoneyKind.WAGE)
_OVERCHARGE = int(Grievance.OVERCHARGE)

ILLEGAL, REFUSED, ASSIGNED = 0, 1, 2
STALE, NO_SHOW = -1.0, -2.0

_ACCEPT = decision("worker.accept_offer")
_TRIP = decision("visit.trip_noise")
_DURATION = decision("visit.duration")
_NO_SHOW_DRAW = decision("visit.no_show")
_QUALITY = decision("visit.quality")


class AssignRules(NamedTuple):
    """The part of the market's rules that an assignment needs, as compiled code takes it."""

    acceptance_noise_sd: float
    wait_smoothing: float


@kernel
def accepts(c: Columns, worker: int, order: int, km: float, noise_sd: float, seed: np.uint64) -> bool:
    """Return whether the worker takes the order: pay per hour, trip included, against the reservation wage.

    The taste for this order is a keyed lognormal factor on the reservation wage, so that the answer does not depend on
    when or how often it is asked.
    """
    who = c.workers[worker]
    what = c.orders[order]
    if who.reservation_fen_per_h <= 0.0:
        return True
    hours = (what.expected_duration_min + minutes(roads_of(c), km, what.earliest_min, who.has_ebike)) / _HOUR
    taste = math.exp(noise_sd * normal(seed, _ACCEPT, who.key, what.key))
    return what.wage_fen >= who.reservation_fen_per_h * taste * hours


@kernel
def refuse(c: Columns, worker: int, order: int) -> None:
    """Note on the order that the worker has refused it."""
    row = c.orders[order]
    row.refused_by[row.offers % len(row.refused_by)] = worker
    row.offers += 1
    c.workers[worker].refusals += 1


@entry
@kernel
def try_assign(
    c: Columns,
    index: Index,
    company: int,
    worker: int,
    order: int,
    position: int,
    now_min: float,
    rules: AssignRules,
    seed: np.uint64,
) -> tuple[int, float, int]:
    """Check an assignment, ask the worker, and carry it out.

    Args:
        c: The columns.
        index: The index of able workers.
        company: Row of the firm that acts.
        worker: Row of a worker.
        order: Row of an order.
        position: Place in the plan; -1 for the one that keeps the wanted starts in sequence.
        now_min: Now.
        rules: What the market rules.
        seed: Seed of all draws.

    Returns:
        (``ILLEGAL``, ``REFUSED`` or ``ASSIGNED``, when the worker must leave or infinity if that has not changed, the
        stamp of that departure).
    """
    who = c.workers[worker]
    what = c.orders[order]
    if what.company_row != company or what.state != _OPEN or who.company_row != company:
        return ILLEGAL, math.inf, 0
    weekday = weekday_of(index, c.orders[order].earliest_min)
    reason, fitting, start, km = check(c, index, worker, order, weekday, now_min, math.inf)
    if reason != _NONE or (position >= 0 and position != fitting):
        return ILLEGAL, math.inf, 0
    if not accepts(c, worker, order, km, rules.acceptance_noise_sd, seed):
        refuse(c, worker, order)
        what.reason = _REFUSED_PAY
        return REFUSED, math.inf, 0
    if assign(c, worker, order, fitting, start, now_min, rules.wait_smoothing):
        return ASSIGNED, departure(c, worker, now_min), wide(who.stamp)
    return ASSIGNED, math.inf, 0


@entry
@kernel
def assign_if_fits(
    c: Columns, index: Index, worker: int, order: int, now_min: float, smoothing: float
) -> tuple[int, float, int]:
    """Give an open order to a worker who need not be asked, if it fits into his plan.

    Returns:
        (the reason why not or ``Reason.NONE``, when the worker must leave or infinity if that has not changed, the
        stamp of that departure).
    """
    weekday = weekday_of(index, c.orders[order].earliest_min)
    reason, position, start, _ = check(c, index, worker, order, weekday, now_min, math.inf)
    if reason == _NONE and assign(c, worker, order, position, start, now_min, smoothing):
        return reason, departure(c, worker, now_min), wide(c.workers[worker].stamp)
    return reason, math.inf, 0


@kernel
def assign(
    c: Columns, worker: int, order: int, position: int, start: float, now_min: float, smoothing: float
) -> bool:
    """Give an open order to a worker at a position of the plan; return whether the plan's head changed."""
    row = c.orders[order]
    if row.state == _OPEN:
        order_steps.remove_open(c, order)
    order_steps.move(c, order, _ASSIGNED, _NONE, now_min)
    row.worker_row = worker
    row.assigned_min = now_min
    plans.insert(c, worker, order, position, start)
    note_wait(c, order, start, smoothing)
    who = c.workers[worker]
    if position == 0 and who.frozen == 0:
        who.stamp += 1
        return True
    return False


@kernel
def note_wait(c: Columns, order: int, start: float, smoothing: float) -> None:
    """Let the firm become known for the wait that it has just promised."""
    row = c.orders[order]
    company = c.companies[row.company_row]
    wait_days = max(0.0, (start - row.wanted_min) / _DAY)
    company.expected_wait_days += smoothing * (wait_days - company.expected_wait_days)


@kernel
def departure(c: Columns, worker: int, now_min: float) -> float:
    """Return when the worker leaves for the head of the plan; infinity for an empty plan."""
    who = c.workers[worker]
    if who.plan_length == 0:
        return math.inf
    order = wide(who.plan[0])
    start = c.orders[order].planned_start_min
    km = next_trip_km(roads_of(c), who, c.orders[order], start)
    leave = start - minutes(roads_of(c), km, start, who.has_ebike)
    return plans.back_from_leave(who, max(now_min, leave))


@kernel
def next_trip_km(roads: Roads, who: Record, what: Record, at_min: float) -> float:
    """Return the trip to an order from home on a new day, else from where the worker is."""
    if who.day_of_place < math.floor(at_min / _DAY) and not plans.works_around_the_clock(who):
        return home_to_order_km(roads, who, what)
    return worker_to_order_km(roads, who, what)


@kernel
def shows_up(c: Columns, worker: int, no_show_probability: float, seed: np.uint64) -> bool:
    """Return whether the worker sets out for the head of the plan at all."""
    who = c.workers[worker]
    order = c.orders[who.plan[0]]
    return uniform(seed, _NO_SHOW_DRAW, order.key, who.key) >= no_show_probability


@entry
@kernel
def set_out(
    c: Columns,
    worker: int,
    stamp: int,
    now_min: float,
    no_show_probability: float,
    trip_noise_cv: float,
    seed: np.uint64,
) -> float:
    """Begin the trip to the head of the plan.

    Returns:
        The time of arrival; ``STALE`` when the departure is no longer planned, ``NO_SHOW`` when the worker stays away.
    """
    who = c.workers[worker]
    if who.stamp != stamp or who.plan_length == 0 or who.frozen > 0:
        return STALE
    if no_show_probability > 0.0 and not shows_up(c, worker, no_show_probability, seed):
        return NO_SHOW
    return depart(c, worker, now_min, trip_noise_cv, seed)


@entry
@kernel
def end_visit(
    c: Columns,
    index: Index,
    worker: int,
    now_min: float,
    weights: Rows,
    judgement: Rows,
    quality_sd: float,
    late_limit_min: float,
    dropped: np.ndarray,
    seed: np.uint64,
) -> tuple[int, int, int, int, float, int]:
    """End the service, time the rest of the day anew, and plan the next departure.

    Returns:
        (row of the order, row of its firm, orders that wait there, number of orders written to ``dropped``, when the
        worker leaves next or infinity, the stamp of that departure).
    """
    order = finish(c, weights, judgement, worker, now_min, quality_sd, seed)
    count = 0
    if c.workers[worker].plan_length > 0:
        count = retime_day(c, worker, now_min, weekday_of(index, now_min), late_limit_min, dropped)
    company = wide(c.orders[order].company_row)
    waiting = wide(c.companies[company].open_orders)
    return order, company, waiting, count, departure(c, worker, now_min), wide(c.workers[worker].stamp)


@kernel
def depart(c: Columns, worker: int, now_min: float, trip_noise_cv: float, seed: np.uint64) -> float:
    """Begin the trip to the head of the plan; return the time of arrival."""
    who = c.workers[worker]
    order = wide(who.plan[0])
    row = c.orders[order]
    km = next_trip_km(roads_of(c), who, row, now_min)
    trip = minutes(roads_of(c), km, now_min, who.has_ebike)
    trip *= lognormal(1.0, trip_noise_cv, seed, _TRIP, row.key, np.uint64(0))
    order_steps.move(c, order, _TRAVELLING, _NONE, now_min)
    row.depart_min = now_min
    row.travel_km = km
    row.travel_min = trip
    who.frozen = 1
    who.status = _W_TRAVELLING
    return now_min + trip


@kernel
def actual_duration(c: Columns, order: int, seed: np.uint64) -> float:
    """Draw how long the service takes, around what was expected."""
    row = c.orders[order]
    service = c.services[row.service]
    if service.duration_law == _EXPONENTIAL:
        return exponential(row.expected_duration_min, seed, _DURATION, row.key, np.uint64(0))
    if service.duration_law == _LOGNORMAL:
        unknown_cv = part_of_cv(service.duration_cv, 1.0 - service.known_spread_share)
        drawn = lognormal(row.expected_duration_min, unknown_cv, seed, _DURATION, row.key, np.uint64(0))
        return min(max(drawn, service.duration_min_min), service.duration_max_min)
    return row.expected_duration_min


@entry
@kernel
def arrive(c: Columns, worker: int, now_min: float, seed: np.uint64) -> float:
    """Reach the household, wait for the agreed time if early, and return when the service will be over."""
    who = c.workers[worker]
    order = wide(who.plan[0])
    row = c.orders[order]
    who.district = row.district
    who.community_row = row.community_row
    who.x_km = row.x_km
    who.y_km = row.y_km
    who.city_x_km = row.city_x_km
    who.city_y_km = row.city_y_km
    who.day_of_place = np.int32(math.floor(now_min / _DAY))
    who.status = _W_IN_SERVICE
    order_steps.move(c, order, _IN_SERVICE, _NONE, now_min)
    row.arrive_min = now_min
    row.start_min = max(now_min, row.earliest_min)
    row.planned_start_min = row.start_min
    return row.start_min + actual_duration(c, order, seed)


@kernel
def finish(
    c: Columns,
    weights: Rows,
    judgement: Rows,
    worker: int,
    now_min: float,
    quality_sd: float,
    seed: np.uint64,
) -> int:
    """End the service: rate, judge, pay, let the household learn, free the worker; return the order's row."""
    who = c.workers[worker]
    order = wide(who.plan[0])
    row = c.orders[order]
    row.finish_min = now_min
    row.duration_min = now_min - row.start_min
    rate(c, worker, order, quality_sd, seed)
    harm = take_verdict(c, weights, judgement, worker, order, seed)
    settle(c, worker, order)
    experience(c, weights, wide(row.household_row), wide(row.company_row), row.quality - harm, row.key, seed)
    order_steps.move(c, order, _COMPLETED, _NONE, now_min)
    plans.remove(c, worker, order)
    who.frozen = 0
    who.stamp += 1
    who.status = _W_IDLE
    who.free_at_min = now_min
    who.day_of_place = np.int32(math.floor(now_min / _DAY))
    who.travel_min += row.travel_min
    who.service_min += row.duration_min
    who.completed += 1
    c.households[row.household_row].last_company_row = row.company_row
    return order


@kernel
def take_verdict(
    c: Columns, weights: Rows, judgement: Rows, worker: int, order: int, seed: np.uint64
) -> float:
    """Note what the household thinks of the visit and what it was asked for on the spot; return the harm in points."""
    row, who = c.orders[order], c.workers[worker]
    skill = who.skill_level - weights[0].reference_quality
    late = max(0.0, row.start_min - row.latest_min)
    company = wide(row.company_row)
    service = Service(
        wide(row.household_row), company, skill, row.quality, late, True, row.key, who.key
    )  # fmt: skip
    verdict = judge(c, weights, judgement, service, seed)
    row.satisfaction, row.grievance = verdict.satisfaction, verdict.grievance
    row.complains, row.clear = verdict.complains, verdict.clear
    row.extra_fen = 0
    if verdict.grievance == _OVERCHARGE:
        left = left_fen(c, wide(row.household_row), weights[0].budget_share)
        asked = np.int64(math.floor(judgement[0].overcharge_share * row.price_fen))
        row.extra_fen = max(np.int64(0), min(asked, left))
    return verdict.harm


@kernel
def settle(c: Columns, worker: int, order: int) -> None:
    """Let household and government pay the firm, and the firm the worker, as agreed when the order was placed.

    What the worker asks for on the spot is his.
    """
    row = c.orders[order]
    company = wide(row.company_row)
    own = row.price_fen - row.support_fen + row.extra_fen
    pay_company(c, wide(row.household_row), company, _SERVICE_MONEY, own)
    c.households[row.household_row].spent_fen += row.extra_fen
    redeem(c, order)
    pay_worker(c, company, worker, _WAGE, row.wage_fen + row.extra_fen)


@kernel
def rate(c: Columns, worker: int, order: int, quality_sd: float, seed: np.uint64) -> None:
    """Draw the quality that the household experienced and add it to the worker's and the firm's record."""
    who = c.workers[worker]
    row = c.orders[order]
    company = c.companies[row.company_row]
    row.quality = who.skill_level + company.quality + quality_sd * normal(seed, _QUALITY, row.key, who.key)
    who.ratings += 1
    who.rating += (row.quality - who.rating) / who.ratings
    company.quality_sum += row.quality
    company.quality_count += 1


@kernel
def retime_day(
    c: Columns, worker: int, now_min: float, weekday: int, late_limit_min: float, dropped: np.ndarray
) -> int:
    """Time the rest of today's plan anew from now; write the orders that would start too late into ``dropped``.

    Returns:
        How many orders were written; they have left the plan and are still in state ASSIGNED.
    """
    who = c.workers[worker]
    count = 0
    k = 0
    while k < who.plan_length:
        order = wide(who.plan[k])
        row = c.orders[order]
        if k == 0:
            km = next_trip_km(roads_of(c), who, row, row.earliest_min)
            shift_start = plans.shift_window(who, row.earliest_min, weekday)[0]
            same_day = math.floor(row.earliest_min / _DAY) == math.floor(now_min / _DAY)
            ready = max(now_min, shift_start) if same_day else now_min
            begin = plans.start_after(roads_of(c), who, row, ready, km)
        else:
            before = c.orders[who.plan[k - 1]]
            km = order_to_order_km(roads_of(c), before, row)
            ready = before.planned_start_min + before.expected_duration_min
            begin = plans.start_after(roads_of(c), who, row, ready, km)
        if begin <= row.planned_start_min + 1e-6 and k > 0:
            break
        if begin > row.latest_min + late_limit_min and count < len(dropped):
            plans.remove(c, worker, order)
            dropped[count] = order
            count += 1
            continue
        if math.floor(row.earliest_min / _DAY) != math.floor(now_min / _DAY):
            break
        row.planned_start_min = begin
        k += 1
    return count


@kernel
def release(c: Columns, order: int, reason: int, now_min: float) -> None:
    """Open an assigned order again after its worker cannot come; the plan must have dropped it."""
    row = c.orders[order]
    row.worker_row = _NO_ROW
    order_steps.move(c, order, _OPEN, reason, now_min)
    order_steps.push_open(c, order)


@entry
@kernel
def close(
    c: Columns, order: int, state: int, reason: int, now_min: float, smoothing: float
) -> tuple[int, float, int]:
    """End an order that has not begun.

    Returns:
        (the worker who had it or -1, when he must leave now or infinity if that has not changed, the stamp of that
        departure).
    """
    row = c.orders[order]
    worker = wide(row.worker_row) if row.state == _ASSIGNED else wide(_NO_ROW)
    head_changed = False
    if row.state == _OPEN:
        order_steps.remove_open(c, order)
    elif row.state == _ASSIGNED:
        head_changed = plans.remove(c, worker, order) == 0
    if state == _UNSERVED:
        # A firm that sends nobody becomes known for it like one that makes its customers wait.
        company = c.companies[row.company_row]
        company.expected_wait_days += smoothing * (row.days_shifted + 1.0 - company.expected_wait_days)
    order_steps.move(c, order, state, reason, now_min)
    if not head_changed:
        return worker, math.inf, 0
    who = c.workers[worker]
    who.stamp += 1
    leave = departure(c, worker, now_min) if who.frozen == 0 else math.inf
    return worker, leave, wide(who.stamp)
