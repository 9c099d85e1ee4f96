"""Whom a firm can present for a placement or put on a recurring contract."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.clock import DAYS_PER_MONTH, DAYS_PER_WEEK
from sim.compiled import entry, kernel
from sim.market.trips import home_to_household_km, minutes, roads_of
from sim.rng import decision, gumbel, uniform
from sim.state import Columns, Rows
from sim.vocabulary import NO_ROW, FirmForm, Reason, WorkerStatus

if TYPE_CHECKING:
    from sim.market.market import Market

_NO_ROW = NO_ROW
_IDLE = int(WorkerStatus.IDLE)
_NONE = int(Reason.NONE)
_NO_SKILL = int(Reason.NO_SKILL)
_NO_HEALTH_CLASS = int(Reason.NO_HEALTH_CLASS)
_NO_CERTIFICATE = int(Reason.NO_CERTIFICATE)
_IN_PLACEMENT = int(Reason.IN_PLACEMENT)
_ON_LEAVE = int(Reason.ON_LEAVE)
_REFUSED_PAY = int(Reason.REFUSED_PAY)
_TIME_WINDOW = int(Reason.TIME_WINDOW)
_OFF_SHIFT = int(Reason.OFF_SHIFT)
_AGENCY = int(FirmForm.AGENCY)
_WEEK = DAYS_PER_WEEK
_PLACED = int(WorkerStatus.PLACED)
_PRESENT = decision("placement.presented")
_TIE = decision("contract.tie")
_TAKES_CONTRACTS = decision("worker.takes_contracts")


@kernel
def hurdle(c: Columns, worker: int, service: int, wage_fen: float, now_min: float) -> int:
    """Return why a worker is no candidate for a placement now, or ``Reason.NONE``."""
    who = c.workers[worker]
    row = c.services[service]
    if (who.skills >> np.uint32(service)) & np.uint32(1) == 0:
        return _NO_SKILL
    if who.health_class < row.health_class:
        return _NO_HEALTH_CLASS
    if row.certificate_required > who.certified:
        return _NO_CERTIFICATE
    if who.status != _IDLE or who.contracts > 0 or who.plan_length > 0:
        return _IN_PLACEMENT
    if who.absent_from_min <= now_min < who.absent_until_min:
        return _ON_LEAVE
    hours = row.hours_per_week * DAYS_PER_MONTH / _WEEK
    return _REFUSED_PAY if wage_fen < who.reservation_fen_per_h * hours else _NONE


@kernel
def find(
    c: Columns,
    workers: np.ndarray,
    service: int,
    wage_fen: float,
    now_min: float,
    key: np.uint64,
    occasion: np.uint64,
    seed: np.uint64,
) -> tuple[int, int]:
    """Return the candidate with the best rating, by a logit draw, or -1 with the binding reason."""
    found, best = _NO_ROW, -math.inf
    binding = _NO_SKILL
    for k in range(len(workers)):
        reason = hurdle(c, workers[k], service, wage_fen, now_min)
        if reason != _NONE:
            binding = max(binding, reason)
            continue
        who = c.workers[workers[k]]
        score = who.rating + gumbel(seed, _PRESENT, key ^ who.key, occasion)
        if score > best:
            found, best = workers[k], score
    return found, _NONE if found != _NO_ROW else binding


def best_candidate(market: Market, placement: int) -> tuple[int, int]:
    """Return a firm's candidate for a placement, or (-1, reason).

    A firm looks among its own workers first. Agencies share their free workers (a worker is registered with several),
    so an agency without a candidate looks among the other agencies' workers in the district and its neighbours.
    """
    row = market.rows("placements")[placement]
    company = int(row["company_row"])
    service = int(row["service"])
    found, reason = _find(market, market.able(company, service), row)
    if found != NO_ROW or market.rows("companies")["form"][company] != _AGENCY:
        return found, reason
    found, pooled = _find(market, market.able_in_agencies(service), row)
    return found, max(reason, pooled)


def _find(market: Market, workers: Rows, row: Rows) -> tuple[int, int]:
    result: tuple[int, int] = find(
        market.columns, workers, int(row["service"]), float(row["wage_fen_per_month"]), market.now_min,
        np.uint64(row["key"]), np.uint64(row["interviews"]), market.seed,
    )  # fmt: skip
    return result


@kernel
def week_of(weekdays: int, visits: int, first_weekday: int, slot: int, slots_a_day: int) -> np.uint32:
    """Return the bit mask weekday x slot of a contract: one slot on ``visits`` of a worker's working days.

    The days are spread over the week from the household's ``first_weekday`` on: a stride of seven over the number of
    visits meets every weekday once in seven steps, since seven is prime.
    """
    stride = max(1, _WEEK // visits)
    mask = np.uint32(0)
    count = 0
    for k in range(_WEEK):
        weekday = (first_weekday + k * stride) % _WEEK
        if count < visits and (weekdays >> weekday) & 1:
            mask |= np.uint32(1) << np.uint32(slots_a_day * weekday + slot)
            count += 1
    return mask


class Wish(NamedTuple):
    """What a household asks of a recurring contract.

    Attributes:
        key: Key of the contract.
        household, service: Rows.
        visits: Visits a week.
        first_weekday: Weekday that it likes best, Monday 0.
        slot: Slot of the day.
    """

    key: np.uint64
    household: int
    service: int
    visits: int
    first_weekday: int
    slot: int


@entry
@kernel
def nearest_with_slot(
    c: Columns,
    workers: np.ndarray,
    wish: Wish,
    slot_starts: np.ndarray,
    slot_min: float,
    now_min: float,
    willing_share: float,
    seed: np.uint64,
) -> tuple[int, np.uint32, int]:
    """Return the worker nearest to the household who may serve and has the slots free.

    The slot must lie within the worker's shift, the trip from home included. Only the share ``willing_share`` of
    workers takes contracts at all (a lasting, keyed trait); the others live from single orders. Equal trips are
    decided by a draw keyed by (contract, worker).

    Returns:
        (worker or -1, the contract's slots in his week, the binding reason when there is nobody).
    """
    service = c.services[wish.service]
    home = c.households[wish.household]
    roads = roads_of(c)
    start = slot_starts[wish.slot]
    found, best, best_tie, slots = _NO_ROW, math.inf, 2.0, np.uint32(0)
    binding = _NO_SKILL
    for k in range(len(workers)):
        who = c.workers[workers[k]]
        if uniform(seed, _TAKES_CONTRACTS, who.key, np.uint64(0)) >= willing_share:
            continue
        if who.health_class < service.health_class or service.certificate_required > who.certified:
            binding = max(binding, _NO_CERTIFICATE)
            continue
        if who.status >= _PLACED or who.absent_from_min <= now_min < who.absent_until_min:
            binding = max(binding, _ON_LEAVE)
            continue
        week = week_of(who.weekdays, wish.visits, wish.first_weekday, wish.slot, len(slot_starts))
        if who.reserved_slots & week:
            binding = max(binding, _TIME_WINDOW)
            continue
        trip = minutes(roads, home_to_household_km(roads, who, home), start, who.has_ebike)
        in_time = who.shift_start_min + trip <= start + service.window_half_width_min
        if not in_time or start + slot_min > who.shift_end_min:
            binding = max(binding, _OFF_SHIFT)
            continue
        if trip > best:
            continue
        tie = uniform(seed, _TIE, wish.key, who.key)
        if trip < best or tie < best_tie:
            found, best, best_tie, slots = workers[k], trip, tie, week
    return found, slots, binding
