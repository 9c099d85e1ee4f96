"""The day's stocks and flows by district, counted at midnight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_WEEK, MINUTES_PER_DAY
from sim.compiled import kernel
from sim.sink import STOCK
from sim.state import Rows
from sim.vocabulary import NO_ROW, FirmForm, OrderState, PlacementState, ServiceForm, WorkerStatus
from sim.world.frame import NEVER_MIN

if TYPE_CHECKING:
    from sim.market.market import Market

_DAY = MINUTES_PER_DAY
_LEFT = int(WorkerStatus.LEFT)
_PLACED = int(WorkerStatus.PLACED)
_COMPLETED = int(OrderState.COMPLETED)
_STAFF = int(WorkerStatus.STAFF)
_NO_ROW = NO_ROW


@kernel
def count_workers(
    workers: Rows, works_visits: np.ndarray, end_min: float, now_min: float, weekday: int, out: Rows
) -> None:
    """Add each worker's state at the end of a day, and his minutes on duty that day, to his home district's row.

    Args:
        workers: The table's used rows.
        works_visits: By trade, whether its services are visits (others seek placements).
        end_min: Midnight after the day.
        now_min: Now: ``end_min``, or earlier on a run's last day.
        weekday: Weekday of the day that ends.
        out: ``STOCK`` rows by district.
    """
    noon = end_min - 0.5 * _DAY
    midnight = end_min - _DAY
    for w in range(len(workers)):
        who = workers[w]
        if who.status == _LEFT:
            continue
        row = out[who.home_district]
        row.workers += 1
        away = who.absent_from_min <= noon < who.absent_until_min
        if away:
            row.workers_on_leave += 1
        if who.status == _PLACED:
            row.workers_placed += 1
        if who.status == _PLACED or who.status == _STAFF:
            continue
        if not works_visits[who.trade] and not away:
            row.workers_seeking += 1
        if who.free_at_min >= midnight and who.completed > 0:
            row.workers_with_visits += 1
            who.visit_days += 1
        if not away and (who.weekdays >> np.uint8(weekday)) & np.uint8(1) and works_visits[who.trade]:
            begun = max(midnight + who.shift_start_min, who.entered_min)
            minutes = max(0.0, min(midnight + who.shift_end_min, now_min) - begun)
            who.on_duty_min += minutes
            row.on_duty_min += minutes


@kernel
def add_minutes(orders: Rows, workers: Rows, since_min: float, out: Rows) -> None:
    """Add trip and service minutes of visits that ended since then to the row of the worker's home district."""
    for k in range(len(orders)):
        row = orders[k]
        if row.state == _COMPLETED and row.ended_min >= since_min:
            home = workers[row.worker_row].home_district
            out[home].travel_min += row.travel_min
            out[home].service_min += row.duration_min


def visit_trades(market: Market) -> Rows:
    """Return by trade whether its workers serve visits and contracts (others seek placements)."""
    services = market.table("services").used
    workers = market.table("workers").used
    visits = 0
    for service in np.flatnonzero(np.isin(services["form"], (ServiceForm.VISIT, ServiceForm.RECURRING))):
        visits |= 1 << int(service)
    placed = 0
    for service in np.flatnonzero(services["form"] == ServiceForm.PLACEMENT):
        placed |= 1 << int(service)
    works = np.ones(len(market.world.trade_ids), bool)
    for trade in range(len(works)):
        skills = workers["skills"][workers["trade"] == trade]
        if len(skills):
            common = int(np.bitwise_and.reduce(skills))
            works[trade] = bool(common & visits) and not common & placed
    return works


def close_day(market: Market, day: int, works_visits: Rows) -> Rows:
    """Return the stocks at the end of ``day``, a row per district, and begin the next day's flows."""
    districts = market.table("districts").size
    rows = np.zeros(districts, STOCK)
    rows["day"], rows["district"] = day, np.arange(districts)
    end_min = (day + 1) * MINUTES_PER_DAY
    weekday = (int(market.weekdays[0]) + day) % DAYS_PER_WEEK
    now_min = min(end_min, market.now_min)
    count_workers(market.table("workers").used, works_visits, end_min, now_min, weekday, rows)
    add_minutes(market.ended_orders.used, market.table("workers").used, end_min - MINUTES_PER_DAY, rows)
    _count_orders(market, rows)
    _count_placements(market, rows)
    residents = market.table("residents").used
    at_home = residents["household_row"][residents["ended_min"] == NEVER_MIN]
    rows["residents"] = _by_district(market.rows("households")["district"][at_home], districts)
    _count_kin(market, rows)
    if len(market.needs):
        homes = market.rows("households")["district"][market.needs["household_row"]]
        rows["needs"] = _by_district(homes, districts)
    for name, counter in (
        ("workers_entered", market.entered), ("workers_left", market.left),
        ("needs_met_outside", market.needs_outside), ("needs_met_by_kin", market.needs_by_kin),
    ):  # fmt: skip
        rows[name] = counter
        counter[:] = 0
    return rows


def _count_orders(market: Market, rows: Rows) -> None:
    orders = market.table("orders").used
    waiting = (orders["state"] == OrderState.OPEN) | (orders["state"] == OrderState.OFFERED)
    booked = orders["state"] == OrderState.ASSIGNED
    rows["open_orders"] = _by_district(orders["district"][waiting], len(rows))
    rows["booked_orders"] = _by_district(orders["district"][booked], len(rows))


def _count_placements(market: Market, rows: Rows) -> None:
    placements = market.table("placements").used
    recurring = market.rows("services")["form"][placements["service"]] == ServiceForm.RECURRING
    searching = placements["state"] == PlacementState.SEARCHING
    active = placements["state"] == PlacementState.ACTIVE
    informal = market.rows("companies")["form"][placements["company_row"]] == FirmForm.ACQUAINTANCE
    for name, chosen in (
        ("searching_placements", searching & ~recurring),
        ("active_placements", active & ~recurring),
        ("active_contracts", active & recurring),
        ("informal_placements", active & informal),
    ):
        rows[name] = _by_district(placements["district"][chosen], len(rows))


def _count_kin(market: Market, rows: Rows) -> None:
    """Count the homes with lasting care by kin, its weekly hours and the paid hours that kin give up for it."""
    homes = market.table("households").used
    homes = homes[homes["kin_service"] != NO_ROW]
    lost = np.clip(homes["kin_care_min"] - homes["kin_free_min"], 0.0, homes["kin_paid_min"])
    rows["kin_care_homes"] = _by_district(homes["district"], len(rows))
    for name, minutes in (("kin_care_min", homes["kin_care_min"]), ("kin_lost_paid_min", lost)):
        rows[name] = np.bincount(homes["district"], weights=minutes.astype(np.float64), minlength=len(rows))


def _by_district(district: Rows, districts: int) -> Rows:
    return np.bincount(district, minlength=districts)
