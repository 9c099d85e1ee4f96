"""What the cubes count of orders and placements: dimensions, measures, and the day to which each row counts.

Orders count to the day on which they were requested, so that requested = completed + cancelled + unserved + open holds
day by day; only `served` counts to the day of the service. Placements count to the day of the request, but those that
started, and how long was searched for them, to the day of the start: by day of request, the long searches of the last
weeks would be missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.records.cube import FIXED_POINT, SQUARE_POINT, Cube
from sim.records.period import Period
from sim.records.tables import code_or_none, firm_form_codes, looked_up, members, with_none
from sim.state import Rows, World
from sim.vocabulary import FirmForm, OrderState, PlacementState, Reason, Satisfaction, ServiceForm

LATE_MIN = 15.0
"""An order is late when its service begins more than this after the end of the window that was agreed, min; the
threshold of the published share of late orders."""

CITY = "city"
WHOLE_CITY = "all"
INCOME_FIFTHS = ("1", "2", "3", "4", "5")
DIMENSIONS = (CITY, "district", "service", "income_fifth", "firm_form", "reason")
"""What orders and placements are grouped by."""

ORDER_MEASURES = {
    "requested": 1,
    "completed": 1,
    "cancelled": 1,
    "unserved": 1,
    "asked_elsewhere": 1,
    "open": 1,
    "refused_offers": 1,
    "served": 1,
    "single": 1,
    "wait_min": FIXED_POINT,
    "wait_min2": SQUARE_POINT,
    "delay_min": FIXED_POINT,
    "late": 1,
    "lateness_min": FIXED_POINT,
    "travel_min": FIXED_POINT,
    "travel_km": FIXED_POINT,
    "service_min": FIXED_POINT,
    "price_fen": 1,
    "wage_fen": 1,
    "quality": FIXED_POINT,
    "judged": 1,
    "satisfied": 1,
    "very_satisfied": 1,
    "dissatisfied": 1,
    "complaints": 1,
    "extra_fen": 1,
}
"""Measures of orders and their fractions per unit. Waits are those of completed single orders: a visit under a
contract is not waited for. All others from `delay_min` on are of completed orders."""

PLACEMENT_MEASURES = {
    "requested": 1,
    "found": 1,
    "withdrawn": 1,
    "unserved": 1,
    "open": 1,
    "started": 1,
    "search_min": FIXED_POINT,
    "contracts_requested": 1,
    "contracts_started": 1,
    "ended": 1,
    "went_private": 1,
    "judged": 1,
    "satisfied": 1,
    "dissatisfied": 1,
    "complaints": 1,
}
"""Measures of placements; `contracts_*` of recurring contracts, those from `ended` on of both, by day of end; what is
judged is each worker's time with a household."""

Codes = dict[str, NDArray[Any]]


def group_ids(world: World) -> dict[str, tuple[str, ...]]:
    """The ids of the groups of every dimension, in the order of their codes; ``none`` comes last."""
    return {
        CITY: (WHOLE_CITY,),
        "district": with_none(world.district_ids),
        "service": with_none(world.service_ids),
        "income_fifth": with_none(INCOME_FIFTHS),
        "firm_form": with_none(members(FirmForm)),
        "reason": members(Reason),
        "trade": with_none(world.trade_ids),
        "origin": with_none(world.origin_ids),
    }


def order_cube(period: Period, world: World) -> Cube:
    """An empty cube of orders."""
    return Cube(period.days, _groups(world), ORDER_MEASURES)


def placement_cube(period: Period, world: World) -> Cube:
    """An empty cube of placements and contracts."""
    return Cube(period.days, _groups(world), PLACEMENT_MEASURES)


def _groups(world: World) -> dict[str, tuple[str, ...]]:
    ids = group_ids(world)
    return {dimension: ids[dimension] for dimension in DIMENSIONS}


def add_orders(cube: Cube, period: Period, rows: Rows, world: World) -> None:
    """Count orders, ended or still open."""
    codes = _codes(rows, world)
    state = rows["state"]
    counts = {
        "requested": np.ones(len(rows), np.int64),
        "completed": state == OrderState.COMPLETED,
        "cancelled": state == OrderState.CANCELLED,
        "unserved": state == OrderState.UNSERVED,
        "asked_elsewhere": rows["reason"] == Reason.ASKED_ELSEWHERE,
        "open": state < OrderState.COMPLETED,
        "refused_offers": rows["offers"],
    }
    cube.add(period.day_of(rows["placed_min"]), codes, counts)
    completed = state == OrderState.COMPLETED
    _add_completed(cube, period, rows[completed], {name: code[completed] for name, code in codes.items()})


def _add_completed(cube: Cube, period: Period, rows: Rows, codes: Codes) -> None:
    single = rows["placement_row"] < 0
    wait = np.where(single, rows["start_min"] - rows["asked_min"], 0.0)
    past_window = rows["start_min"] - rows["latest_min"]
    values = {
        "single": single,
        "wait_min": wait,
        "wait_min2": wait * wait,
        "delay_min": rows["start_min"] - rows["wanted_min"],
        "late": past_window > LATE_MIN,
        "lateness_min": np.maximum(past_window, 0.0),
        "travel_min": rows["travel_min"],
        "travel_km": rows["travel_km"],
        "service_min": rows["duration_min"],
        "price_fen": rows["price_fen"],
        "wage_fen": rows["wage_fen"],
        "quality": rows["quality"],
        "judged": rows["satisfaction"] != Satisfaction.NONE,
        "satisfied": rows["satisfaction"] >= Satisfaction.FAIRLY,
        "very_satisfied": rows["satisfaction"] == Satisfaction.VERY,
        "dissatisfied": rows["satisfaction"] == Satisfaction.DISSATISFIED,
        "complaints": rows["complains"],
        "extra_fen": rows["extra_fen"],
    }
    cube.add(period.day_of(rows["placed_min"]), codes, values)
    cube.add(_day_of_service(period, rows["finish_min"]), codes, {"served": np.ones(len(rows), np.int64)})


def _day_of_service(period: Period, finish_min: NDArray[np.float64]) -> NDArray[np.int64]:
    """The day that a service ended on; one that ends at the very end of the run counts to the last day."""
    return np.minimum(period.day_of(finish_min), period.days - 1)


def add_placements(cube: Cube, period: Period, rows: Rows, world: World) -> None:
    """Count placements and recurring contracts, ended or not.

    Requests and starts leave out those with which the run began, and those that a household and its worker had already
    when they left a firm.
    """
    _add_ends(cube, period, rows[rows["state"] == PlacementState.ENDED], world)
    rows = rows[(rows["start_min"] != 0.0) & (rows["went_on"] == 0)]
    codes = _codes(rows, world)
    state = rows["state"]
    contract = world.tables["services"].rows["form"][rows["service"]] == ServiceForm.RECURRING
    started = np.isin(state, (PlacementState.ACTIVE, PlacementState.ENDED))
    counts = {
        "requested": ~contract,
        "found": started & ~contract,
        "withdrawn": (state == PlacementState.WITHDRAWN) & ~contract,
        "unserved": (state == PlacementState.UNSERVED) & ~contract,
        "open": np.isin(state, (PlacementState.SEARCHING, PlacementState.AGREED)) & ~contract,
        "contracts_requested": contract,
    }
    cube.add(period.day_of(rows["requested_min"]), codes, counts)
    starts = {
        "started": ~contract[started],
        "search_min": np.where(contract, 0.0, rows["start_min"] - rows["requested_min"])[started],
        "contracts_started": contract[started],
    }
    begun = {name: code[started] for name, code in codes.items()}
    cube.add(period.day_of(rows["start_min"][started]), begun, starts)


def _add_ends(cube: Cube, period: Period, rows: Rows, world: World) -> None:
    private = rows["reason"] == Reason.WENT_PRIVATE
    counts = {"ended": np.ones(len(rows), np.int64), "went_private": private}
    counts |= {name: rows[name] for name in ("judged", "satisfied", "dissatisfied", "complaints")}
    cube.add(_day_of_service(period, rows["ended_min"]), _codes(rows, world), counts)


def _codes(rows: Rows, world: World) -> Codes:
    """Each row's group in every dimension."""
    fifth = looked_up(rows, "household_row", "households", "income_fifth", world)
    return {
        CITY: np.zeros(len(rows), np.int16),
        "district": code_or_none(rows["district"], len(world.district_ids)),
        "service": code_or_none(rows["service"], len(world.service_ids)),
        "income_fifth": np.where(rows["household_row"] < 0, len(INCOME_FIFTHS), fifth).astype(np.int16),
        "firm_form": firm_form_codes(rows, world),
        "reason": rows["reason"],
    }
