"""The surroundings of a local firm: where, relative to its shop, it meets its households and finds its workers.

A simulated agency stands for real ones that have as many workers as it has itself, spread over tens of square
kilometres. At small scales the patch of its district is smaller than that, and trips on it would be too short. Trips of
local firms are therefore measured on the full-size map, on which every household that orders, and every worker who
lives in the firm's district, has a fixed place in the disc of the firm's reach around its shop. So a local firm's
distances are the same at every scale.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.compiled import kernel
from sim.rng import combine, decision
from sim.state import Rows
from sim.world.draws import point_in_disc

_PLACE = decision("company.place_in_surroundings")


@kernel
def near_shop(company: Any, person: np.uint64) -> tuple[float, float]:
    """Return the place of somebody, given by key, in a local firm's surroundings on the full-size map."""
    dx, dy = point_in_disc(company.reach_km, company.surroundings, _PLACE, combine(company.key, person))
    return company.city_x_km + dx, company.city_y_km + dy


@kernel
def place_on_map(company: Any, household: Any) -> tuple[float, float]:
    """Return where on the full-size map a firm serves a household."""
    if company.citywide == 1:
        return household.city_x_km, household.city_y_km
    return near_shop(company, household.key)


@kernel
def home_on_map(company: Any, worker: Any) -> tuple[float, float]:
    """Return where on the full-size map a firm's worker lives; somebody from another district lives far away."""
    if company.citywide == 1 or worker.home_district != company.district:
        return worker.home_city_x_km, worker.home_city_y_km
    return near_shop(company, worker.key)


@kernel
def find_home(workers: Rows, companies: Rows, worker: int) -> None:
    """Note where a worker's firm finds him at home on the full-size map; due whenever he changes the firm."""
    row = workers[worker]
    row.home_map_x_km, row.home_map_y_km = home_on_map(companies[row.company_row], row)


@kernel
def start_at_home(workers: Rows, companies: Rows) -> None:
    """Let workers begin where their firm finds them at home."""
    for w in range(len(workers)):
        find_home(workers, companies, w)
        row = workers[w]
        row.city_x_km, row.city_y_km = row.home_map_x_km, row.home_map_y_km
