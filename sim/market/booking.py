"""A booking: what a household and a firm agree on when an order is placed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.agents.choice import price_fen
from sim.agents.informal import worker_share
from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY
from sim.compiled import entry, kernel
from sim.market.orders import request
from sim.market.support import reserve
from sim.rng import decision, exponential, uniform
from sim.state import Columns
from sim.vocabulary import NO_ROW, ServiceForm
from sim.world.surroundings import place_on_map

_NO_ROW = NO_ROW
_RECURRING = int(ServiceForm.RECURRING)
_DAYS_PER_WEEK = 7.0
_CANCELS = decision("order.cancels")
_CANCEL_TIME = decision("order.cancel_time")
_PATIENCE = decision("order.patience_days")
_FLEXIBLE = decision("order.flexible_min")
_SAME_KEY = np.uint64(0)

Asked = tuple[int, int, int, int]
"""Rows of the firms that a household has asked for a need before, -1 where there are none (``FIRMS_REMEMBERED``)."""

NOBODY_ASKED: Asked = (NO_ROW, NO_ROW, NO_ROW, NO_ROW)


class Booking(NamedTuple):
    """One visit as it is ordered.

    Attributes:
        key: Stable key of the order.
        household, company, service: Rows.
        placement: Row of the recurring contract that the visit belongs to, or -1.
        wanted_min: Wanted start; the window reaches ``half_width_min`` to both sides.
        earliest_min: Earliest start; usually wanted minus half the window.
        latest_min: Latest start.
        duration_min: Expected duration.
        days_patient: Days by which the household lets the start be moved.
        regular: Row of the contract's regular worker, or -1.
        monthly_fen: What the contract was agreed at, a month; 0 where the firm's price of today holds.
        need: Key of the first order for the same need; 0 where this is the first.
        since_min: When that was placed; negative where this is the first.
        asked: Firms that had the need before.
    """

    key: np.uint64
    household: int
    company: int
    service: int
    placement: int
    wanted_min: float
    earliest_min: float
    latest_min: float
    duration_min: float
    days_patient: int
    regular: int = NO_ROW
    monthly_fen: int = 0
    need: np.uint64 = _SAME_KEY
    since_min: float = -1.0
    asked: Asked = NOBODY_ASKED


@kernel
def patient_days(mean: float, key: np.uint64, seed: np.uint64) -> int:
    """Return by how many days a household lets its wanted start be moved: geometric with the given mean."""
    if mean <= 0.0:
        return 0
    # The floor of an exponential with this scale is geometric with exactly the mean.
    scale = 1.0 / math.log(1.0 + 1.0 / mean)
    return math.floor(exponential(scale, seed, _PATIENCE, key, np.uint64(0)))


@entry
@kernel
def place(
    c: Columns,
    order: int,
    b: Booking,
    now_min: float,
    confirm_within_min: float,
    cancel_probability: float,
    seed: np.uint64,
) -> float:
    """Enter a new order and draw whether the household will cancel it: once for a need, whichever firm has it.

    The household wants to know who comes within ``confirm_within_min``, and before the window ends.

    Returns:
        When it cancels, uniform between now and the wanted start, or infinity.
    """
    book(c, order, b, now_min)
    c.orders[order].confirm_by_min = max(min(now_min + confirm_within_min, b.latest_min), now_min)
    request(c, order, now_min)
    need = c.orders[order].need_key
    if cancel_probability <= 0.0 or uniform(seed, _CANCELS, need, np.uint64(0)) >= cancel_probability:
        return math.inf
    share = uniform(seed, _CANCEL_TIME, need, np.uint64(0))
    return now_min + share * max(0.0, b.wanted_min - now_min)


@entry
@kernel
def offer_other_times(
    c: Columns, order: int, now_min: float, notice_min: float, flexible_mean_min: float, seed: np.uint64
) -> bool:
    """Widen an order's window on its day by what the household can bear; return whether that adds a time to come.

    It is asked once for a need. How far it can come away from the wanted start is exponential with the given mean.
    """
    row = c.orders[order]
    if row.any_time or flexible_mean_min <= 0.0:
        return False
    row.any_time = 1
    by_min = c.services[row.service].window_half_width_min
    by_min += exponential(flexible_mean_min, seed, _FLEXIBLE, row.need_key, np.uint64(0))
    wanted = (
        row.wanted_min + math.floor((row.latest_min - row.wanted_min) / MINUTES_PER_DAY) * MINUTES_PER_DAY
    )
    midnight = math.floor(wanted / MINUTES_PER_DAY) * MINUTES_PER_DAY
    earliest = max(wanted - by_min, midnight, now_min + notice_min)
    latest = min(wanted + by_min, midnight + MINUTES_PER_DAY - 1.0)
    if latest <= earliest or (earliest >= row.earliest_min and latest <= row.latest_min):
        return False
    row.earliest_min = min(earliest, max(row.earliest_min, now_min))
    row.latest_min = max(latest, row.latest_min)
    return True


@kernel
def book(c: Columns, order: int, b: Booking, now_min: float) -> None:
    """Fill an order's row from a booking."""
    row = c.orders[order]
    home = c.households[b.household]
    service = c.services[b.service]
    row.key = b.key
    row.need_key = b.need if b.need != _SAME_KEY else b.key
    row.asked_min = b.since_min if b.since_min >= 0.0 else now_min
    for k in range(len(b.asked)):
        row.asked[k] = b.asked[k]
    row.any_time = 0
    row.service = b.service
    row.household_row = b.household
    row.company_row = b.company
    row.worker_row = _NO_ROW
    row.placement_row = b.placement
    row.regular_row = b.regular
    row.district = home.district
    row.community_row = home.community_row
    row.x_km = home.x_km
    row.y_km = home.y_km
    row.city_x_km, row.city_y_km = place_on_map(c.companies[b.company], home)
    row.wanted_min = b.wanted_min
    row.earliest_min = b.earliest_min
    row.latest_min = b.latest_min
    row.expected_duration_min = b.duration_min
    row.days_patient = b.days_patient
    row.refused_by[:] = _NO_ROW
    row.next_open = _NO_ROW
    row.previous_open = _NO_ROW
    price = price_fen(c, b.service, b.company, b.duration_min)
    if service.form == _RECURRING:
        # A contract is priced by the month; a visit is its share of the month's visits.
        monthly = b.monthly_fen if b.monthly_fen > 0 else price
        price = math.floor(monthly * _DAYS_PER_WEEK / (DAYS_PER_MONTH * service.visits_per_week) + 0.5)
    row.price_fen = price
    reserve(c, order)
    share = worker_share(c, b.service, b.company)
    row.wage_fen = np.int64(math.floor(row.price_fen * share + 0.5))
