"""Trips of workers between homes and visits, on the columns."""

from __future__ import annotations

from typing import NamedTuple

from sim.compiled import kernel
from sim.state import Columns, Record, Rows
from sim.world.surroundings import place_on_map
from sim.world.travel import distance_km, travel_time_min


class Roads(NamedTuple):
    """The columns that trips need, a small bundle: compiled code copies it into every call that is not inlined."""

    districts: Rows
    companies: Rows
    travel: Rows


@kernel
def roads_of(c: Columns) -> Roads:
    """Return the columns that trips need."""
    return Roads(c.districts, c.companies, c.travel)


@kernel
def minutes(roads: Roads, km: float, minute: float, has_ebike: int) -> float:
    """Return the expected time of a trip of ``km`` that begins at ``minute``."""
    return travel_time_min(roads.travel[0], km, minute, has_ebike)


@kernel
def trip_side_km(roads: Roads, district: int, company: int) -> float:
    """Return the edge of the patch for a firm's trips within a district; 0, the full-size map, for a local firm's."""
    return roads.districts[district].side_km * roads.companies[company].citywide


@kernel
def order_to_order_km(roads: Roads, a: Record, b: Record) -> float:
    """Return the way from one order's household to another's."""
    return distance_km(
        trip_side_km(roads, a.district, a.company_row), roads.travel[0].detour_factor,
        a.district, a.x_km, a.y_km, a.city_x_km, a.city_y_km,
        b.district, b.x_km, b.y_km, b.city_x_km, b.city_y_km,
    )  # fmt: skip


@kernel
def worker_to_order_km(roads: Roads, a: Record, b: Record) -> float:
    """Return the way from where worker ``a`` is to the household of order ``b``."""
    return distance_km(
        trip_side_km(roads, a.district, a.company_row), roads.travel[0].detour_factor,
        a.district, a.x_km, a.y_km, a.city_x_km, a.city_y_km,
        b.district, b.x_km, b.y_km, b.city_x_km, b.city_y_km,
    )  # fmt: skip


@kernel
def home_to_order_km(roads: Roads, a: Record, b: Record) -> float:
    """Return the way from the home of worker ``a`` to the household of order ``b``."""
    return distance_km(
        trip_side_km(roads, a.home_district, a.company_row), roads.travel[0].detour_factor,
        a.home_district, a.home_x_km, a.home_y_km, a.home_map_x_km, a.home_map_y_km,
        b.district, b.x_km, b.y_km, b.city_x_km, b.city_y_km,
    )  # fmt: skip


@kernel
def home_to_household_km(roads: Roads, a: Record, b: Record) -> float:
    """Return the way from the home of worker ``a`` to household ``b``, which the worker's firm serves."""
    place_x, place_y = place_on_map(roads.companies[a.company_row], b)
    return distance_km(
        trip_side_km(roads, a.home_district, a.company_row), roads.travel[0].detour_factor,
        a.home_district, a.home_x_km, a.home_y_km, a.home_map_x_km, a.home_map_y_km,
        b.district, b.x_km, b.y_km, place_x, place_y,
    )  # fmt: skip
