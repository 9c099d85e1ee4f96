"""Whom a firm can present for a placement or put on a recurring contract."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_MONTH
from sim.compiled import kernel
from sim.market.trips import home_to_household_km, minutes
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
_DAYS_PER_WEEK = 7.0
_PRESENT = decision("placement.presented")
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
    hours = row.hours_per_week * DAYS_PER_MONTH / _DAYS_PER_WEEK
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
def week_of(weekdays: int, visits: int, slot: int) -> np.uint32:
    """Return the bit mask weekday x slot of a contract: the first ``visits`` of a worker's working days, one slot."""
    mask = np.uint32(0)
    count = 0
    for weekday in range(7):
        if count < visits and (weekdays >> weekday) & 1:
            mask |= np.uint32(1) << np.uint32(3 * weekday + slot)
            count += 1
    return mask


@kernel
def nearest_with_slot(
    c: Columns,
    workers: np.ndarray,
    household: int,
    service: int,
    visits: int,
    slot: int,
    slot_start_min: float,
    slot_min: float,
    now_min: float,
    willing_share: float,
    seed: np.uint64,
) -> tuple[int, int]:
    """Return the worker nearest to the household who may serve and has the slot free, or -1 with the reason.

    The slot must lie within the worker's shift, the trip from home included. Only the share ``willing_share`` of
    workers takes contracts at all (a lasting, keyed trait); the others live from single orders.
    """
    row = c.services[service]
    found, best = _NO_ROW, math.inf
    binding = _NO_SKILL
    for k in range(len(workers)):
        who = c.workers[workers[k]]
        if uniform(seed, _TAKES_CONTRACTS, who.key, np.uint64(0)) >= willing_share:
            continue
        if who.health_class < row.health_class or row.certificate_required > who.certified:
            binding = max(binding, _NO_CERTIFICATE)
            continue
        if who.status > 2 or who.absent_from_min <= now_min < who.absent_until_min:
            binding = max(binding, _ON_LEAVE)
            continue
        if who.reserved_slots & week_of(who.weekdays, visits, slot):
            binding = max(binding, _TIME_WINDOW)
            continue
        km = home_to_household_km(c, workers[k], household)
        trip = minutes(c, km, slot_start_min, who.has_ebike)
        in_time = who.shift_start_min + trip <= slot_start_min + row.window_half_width_min
        if not in_time or slot_start_min + slot_min > who.shift_end_min:
            binding = max(binding, _OFF_SHIFT)
            continue
        if trip < best:
            found, best = workers[k], trip
    return found, binding
