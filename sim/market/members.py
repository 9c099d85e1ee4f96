"""Who can do what for whom, where: read-only indices over workers, firms and districts.

The indices are rebuilt from the tables every midnight. Entries are in the order of their keys: a table's row numbers
decide nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.state import Reach, Rows, Table
from sim.vocabulary import NO_ROW, ServiceForm, WorkerStatus


class Members(NamedTuple):
    """The firms' workers as they were at midnight.

    Attributes:
        starts: ``rows[starts[i]:starts[i + 1]]`` are those of cell ``i = (company * services + service) * districts
            + home district`` who have the skill and, for visits and contracts, are in no placement and
            do not work in an institution's house.
        rows: Rows of workers by cell, firm by firm, service by service, district by district, by key within.
        firm_starts: ``firm_rows[firm_starts[f]:firm_starts[f + 1]]`` are all workers of firm ``f``.
        firm_rows: Rows of workers by firm, district and key.
        capacity: Number of workers by (company, service).
    """

    starts: Rows
    rows: Rows
    firm_starts: Rows
    firm_rows: Rows
    capacity: Rows


class Neighbours(NamedTuple):
    """By district: all districts from the nearest border outwards, itself first, and the least way to each in km."""

    order: Rows
    gap_km: Rows


def index_members(workers: Table, services: Rows, companies: int, districts: int) -> Members:
    """Return the index of the workers who are in the trade and with a firm."""
    used = workers.used
    rows = np.flatnonzero((used["company_row"] != NO_ROW) & (used["status"] != WorkerStatus.LEFT))
    firm = used["company_row"][rows].astype(np.int64)
    home = used["home_district"][rows].astype(np.int64)
    rows = rows[np.lexsort((used["key"][rows], home, firm))]
    firm, home = used["company_row"][rows].astype(np.int64), used["home_district"][rows].astype(np.int64)
    free = ~np.isin(used["status"][rows], (WorkerStatus.PLACED, WorkerStatus.STAFF))
    able = [
        np.flatnonzero(
            ((used["skills"][rows] >> np.uint32(s)) & 1 > 0) & (free | _may_be_placed(services, s))
        )
        for s in range(len(services))
    ]
    cell = np.concatenate([(firm[a] * len(services) + s) * districts + home[a] for s, a in enumerate(able)])
    member = np.concatenate([rows[a] for a in able])
    by_cell = np.argsort(cell, kind="stable")
    counts = np.bincount(cell, minlength=companies * len(services) * districts)
    return Members(
        starts=_starts(counts),
        rows=member[by_cell].astype(np.int32),
        firm_starts=_starts(np.bincount(firm, minlength=companies)),
        firm_rows=rows.astype(np.int32),
        capacity=counts.reshape(companies, len(services), districts).sum(axis=2).astype(np.int32),
    )


def _may_be_placed(services: Rows, service: int) -> bool:
    return bool(services["form"][service] in {ServiceForm.PLACEMENT, ServiceForm.RESIDENCE})


def _starts(counts: Rows) -> Rows:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def index_reach(companies: Table, districts: int) -> Reach:
    """Return the firms that each district can choose: local ones, city-wide ones, and all houses to live in."""
    used = companies.used
    by_key = np.argsort(used["key"], kind="stable")
    lists = [
        by_key[(used["citywide"][by_key] == 1) | (used["district"][by_key] == district)]
        for district in range(districts)
    ]
    counts = np.array([len(rows) for rows in lists])
    houses = by_key[used["institution_row"][by_key] != NO_ROW]
    return Reach(_starts(counts), np.concatenate(lists).astype(np.int32), houses.astype(np.int32))


def index_neighbours(districts: Rows, detour_factor: float) -> Neighbours:
    """Return the districts around each district; the least way is between the borders of their built-up areas."""
    x, y, radius = districts["city_x_km"], districts["city_y_km"], districts["radius_km"]
    km = np.sqrt((x[:, None] - x[None, :]) ** 2 + (y[:, None] - y[None, :]) ** 2)
    gap = np.maximum(km - radius[:, None] - radius[None, :], 0.0) * detour_factor
    np.fill_diagonal(gap, 0.0)
    np.fill_diagonal(km, -1.0)
    order = np.array([np.lexsort((km[d], gap[d], np.arange(len(km)) != d)) for d in range(len(km))])
    return Neighbours(order.astype(np.int64), np.take_along_axis(gap, order, axis=1))
