"""Trips of workers between homes and visits, on the columns."""

from __future__ import annotations

from sim.compiled import kernel
from sim.state import Columns
from sim.world.surroundings import home_on_map, place_on_map
from sim.world.travel import distance_km, travel_time_min


@kernel
def minutes(c: Columns, km: float, minute: float, has_ebike: int) -> float:
    """Return the expected time of a trip of ``km`` that begins at ``minute``."""
    return travel_time_min(c.travel[0], km, minute, has_ebike)


@kernel
def trip_side_km(c: Columns, district: int, company: int) -> float:
    """Return the edge of the patch for a firm's trips within a district; 0, the full-size map, for a local firm's."""
    return c.districts[district].side_km * c.companies[company].citywide


@kernel
def order_to_order_km(c: Columns, first: int, second: int) -> float:
    """Return the way from one order's household to another's."""
    a = c.orders[first]
    b = c.orders[second]
    side = trip_side_km(c, a.district, a.company_row)
    detour = c.travel[0].detour_factor
    return distance_km(
        side, detour,
        a.district, a.x_km, a.y_km, a.city_x_km, a.city_y_km,
        b.district, b.x_km, b.y_km, b.city_x_km, b.city_y_km,
    )  # fmt: skip


@kernel
def worker_to_order_km(c: Columns, worker: int, order: int) -> float:
    """Return the way from where the worker is to an order's household."""
    a = c.workers[worker]
    b = c.orders[order]
    side = trip_side_km(c, a.district, a.company_row)
    detour = c.travel[0].detour_factor
    return distance_km(
        side, detour,
        a.district, a.x_km, a.y_km, a.city_x_km, a.city_y_km,
        b.district, b.x_km, b.y_km, b.city_x_km, b.city_y_km,
    )  # fmt: skip


@kernel
def home_to_order_km(c: Columns, worker: int, order: int) -> float:
    """Return the way from the worker's home to an order's household."""
    a = c.workers[worker]
    b = c.orders[order]
    side = trip_side_km(c, a.home_district, a.company_row)
    detour = c.travel[0].detour_factor
    home_x, home_y = home_on_map(c.companies[a.company_row], a)
    return distance_km(
        side, detour,
        a.home_district, a.home_x_km, a.home_y_km, home_x, home_y,
        b.district, b.x_km, b.y_km, b.city_x_km, b.city_y_km,
    )  # fmt: skip


@kernel
def home_to_household_km(c: Columns, worker: int, household: int) -> float:
    """Return the way from the worker's home to a household that the worker's firm serves."""
    a = c.workers[worker]
    b = c.households[household]
    side = trip_side_km(c, a.home_district, a.company_row)
    detour = c.travel[0].detour_factor
    home_x, home_y = home_on_map(c.companies[a.company_row], a)
    place_x, place_y = place_on_map(c.companies[a.company_row], b)
    return distance_km(
        side, detour,
        a.home_district, a.home_x_km, a.home_y_km, home_x, home_y,
        b.district, b.x_km, b.y_km, place_x, place_y,
    )  # fmt: skip
