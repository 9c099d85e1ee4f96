"""Which workers belong to which firm in which district, and which firms reach which district: read-only indices.

Both are rebuilt from the tables when membership changes (at most once a day), so they are no part of a saved state.
Entries are in the order of their keys: a table's row numbers decide nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.state import Rows, Table
from sim.vocabulary import NO_ROW, WorkerStatus


class Members(NamedTuple):
    """``rows[starts[i]:starts[i + 1]]`` are the workers of cell ``i = company * districts + home district``."""

    starts: Rows
    rows: Rows


class Reach(NamedTuple):
    """``rows[starts[d]:starts[d + 1]]`` are the firms that serve district ``d``."""

    starts: Rows
    rows: Rows


def index_members(workers: Table, companies: int, districts: int) -> Members:
    """Return the employed workers by firm and home district."""
    used = workers.used
    rows = np.flatnonzero((used["company_row"] != NO_ROW) & (used["status"] != WorkerStatus.LEFT))
    cell = used["company_row"][rows].astype(np.int64) * districts + used["home_district"][rows]
    order = np.lexsort((used["key"][rows], cell))
    counts = np.bincount(cell, minlength=companies * districts)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return Members(starts, rows[order].astype(np.int32))


def count_capacity(workers: Table, members: Members, companies: int, services: int) -> Rows:
    """Return how many workers of each company have the skill for each service: shape (companies, services)."""
    capacity = np.zeros((companies, services), np.int32)
    employer = workers.rows["company_row"][members.rows]
    skills = workers.rows["skills"][members.rows]
    for service in range(services):
        able = (skills >> np.uint32(service)) & np.uint32(1)
        capacity[:, service] = np.bincount(employer, weights=able, minlength=companies)
    return capacity


def index_reach(companies: Table, districts: int) -> Reach:
    """Return the firms that households of each district can choose: local ones and city-wide ones."""
    used = companies.used
    by_key = np.argsort(used["key"], kind="stable")
    lists = [
        by_key[(used["citywide"][by_key] == 1) | (used["district"][by_key] == district)]
        for district in range(districts)
    ]
    starts = np.concatenate([[0], np.cumsum([len(rows) for rows in lists])]).astype(np.int32)
    return Reach(starts, np.concatenate(lists).astype(np.int32))


def index_neighbours(districts: Rows) -> Rows:
    """Return, by district, all districts by the distance of their centres, itself first: shape (n, n), int16."""
    x, y = districts["city_x_km"], districts["city_y_km"]
    km = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    np.fill_diagonal(km, -1.0)
    return np.argsort(km, axis=1, kind="stable").astype(np.int16)
