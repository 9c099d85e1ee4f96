"""A booking: what a household and a firm agree on when an order is placed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.agents.choice import price_fen
from sim.agents.informal import worker_share
from sim.clock import DAYS_PER_MONTH
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
    """Enter a new order and draw whether the household will cancel it.

    The household wants to know who comes within ``confirm_within_min``, and before the window ends.

    Returns:
        When it cancels, uniform between now and the wanted start, or infinity.
    """
    book(c, order, b)
    c.orders[order].confirm_by_min = max(min(now_min + confirm_within_min, b.latest_min), now_min)
    request(c, order, now_min)
    if cancel_probability <= 0.0 or uniform(seed, _CANCELS, b.key, np.uint64(0)) >= cancel_probability:
        return math.inf
    share = uniform(seed, _CANCEL_TIME, b.key, np.uint64(0))
    return now_min + share * max(0.0, b.wanted_min - now_min)


@kernel
def book(c: Columns, order: int, b: Booking) -> None:
    """Fill an order's row from a booking."""
    row = c.orders[order]
    home = c.households[b.household]
    service = c.services[b.service]
    row.key = b.key
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
