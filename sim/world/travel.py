"""Distances and door-to-door travel times by walk, e-bike and metro or bus, by hour of day.

Within a district a trip is measured on the wrap-around patch, so that local distances are those of full density at any
scale; between districts it is measured on the full-size map. A plane distance times the detour factor is the way.
The time is that of the quickest mode: a fixed time for leaving, parking, waiting and lifts, and the way at the speed
of the hour in which the trip begins.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

import numpy as np

from sim.clock import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR
from sim.compiled import kernel
from sim.data.facts import FactTree
from sim.state import Rows


class Mode(IntEnum):
    """Modes of travel, in the order of the table's rows."""

    WALK = 0
    EBIKE = 1
    TRANSIT = 2


TRAVEL = np.dtype(
    [
        ("speed_km_per_h", "f8", (len(Mode), HOURS_PER_DAY)),
        ("overhead_min", "f8", (len(Mode),)),
        ("detour_factor", "f8"),
        ("noise_cv", "f8"),
        ("zero", "i1"),
    ],
    align=True,
)
"""One record. speed_km_per_h: by mode and hour of departure, 0 where a mode does not run; overhead_min: fixed time a
trip; detour_factor: way over plane distance; noise_cv: coefficient of variation of a trip's time around the expected
one; zero: 1 when no trip takes any time (a laboratory)."""

_DAY = MINUTES_PER_DAY
_HOUR = MINUTES_PER_HOUR
_WALK = int(Mode.WALK)
_EBIKE = int(Mode.EBIKE)
_TRANSIT = int(Mode.TRANSIT)


def travel_table(facts: FactTree) -> Rows:
    """Return the travel table of the facts under ``travel``: an array of one ``TRAVEL`` record."""
    table = np.zeros(1, TRAVEL)
    for mode in Mode:
        path = f"travel.{mode.name.lower()}"
        by_hour = facts.vector(f"{path}.relative_speed_by_hour")
        speed = facts.number(f"{path}.speed_km_per_h")
        table["speed_km_per_h"][0, mode] = [speed * relative for relative in by_hour]
        table["overhead_min"][0, mode] = facts.number(f"{path}.overhead_min")
    table["detour_factor"] = facts.number("travel.detour_factor")
    table["noise_cv"] = facts.number("travel.noise_cv")
    return table


def no_travel() -> Rows:
    """Return the travel table of a laboratory: every place is reached at once."""
    table = np.zeros(1, TRAVEL)
    table["detour_factor"] = 1.0
    table["zero"] = 1
    return table


@kernel
def torus_km(side_km: float, x_a: float, y_a: float, x_b: float, y_b: float) -> float:
    """Return the shortest plane distance between two points of a square whose edges are joined."""
    dx = abs(x_a - x_b)
    dy = abs(y_a - y_b)
    dx = min(dx, side_km - dx)
    dy = min(dy, side_km - dy)
    return math.sqrt(dx * dx + dy * dy)


@kernel
def distance_km(
    side_km: float,
    detour_factor: float,
    district_a: int,
    x_a: float,
    y_a: float,
    city_x_a: float,
    city_y_a: float,
    district_b: int,
    x_b: float,
    y_b: float,
    city_x_b: float,
    city_y_b: float,
) -> float:
    """Return the length of the way between two places, in km.

    Args:
        side_km: Edge of the patch of the first place's district; 0 where the full-size map counts within it, too.
        detour_factor: Way over plane distance.
        district_a: Row of the first place's district.
        x_a: Position on its patch, likewise ``y_a``.
        y_a: See ``x_a``.
        city_x_a: Position on the full-size map, likewise ``city_y_a``.
        city_y_a: See ``city_x_a``.
        district_b: Row of the second place's district, and so on.
        x_b: See ``x_a``.
        y_b: See ``x_a``.
        city_x_b: See ``city_x_a``.
        city_y_b: See ``city_x_a``.
    """
    if district_a == district_b and side_km > 0.0:
        return detour_factor * torus_km(side_km, x_a, y_a, x_b, y_b)
    dx = city_x_a - city_x_b
    dy = city_y_a - city_y_b
    return detour_factor * math.sqrt(dx * dx + dy * dy)


@kernel
def mode_time_min(travel: Any, mode: int, km: float, hour: int) -> float:
    """Return the door-to-door time by one mode; infinity when it does not run in that hour."""
    speed = travel.speed_km_per_h[mode, hour]
    if speed <= 0.0:
        return math.inf
    return travel.overhead_min[mode] + _HOUR * km / speed


@kernel
def travel_time_min(travel: Any, km: float, minute_of_day: float, has_ebike: int) -> float:
    """Return the expected door-to-door time of the quickest mode, in minutes.

    Args:
        travel: The ``TRAVEL`` record.
        km: Length of the way.
        minute_of_day: Departure; minutes since any midnight.
        has_ebike: 1 when the traveller has an e-bike at hand.
    """
    if travel.zero == 1:
        return 0.0
    hour = int((minute_of_day % _DAY) // _HOUR)
    time = min(mode_time_min(travel, _WALK, km, hour), mode_time_min(travel, _TRANSIT, km, hour))
    if has_ebike == 1:
        time = min(time, mode_time_min(travel, _EBIKE, km, hour))
    return time
