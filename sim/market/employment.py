"""A worker changes the firm: the old one's payroll ends, the new one's begins, and both know where he lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.market.payroll import count_one
from sim.world.surroundings import find_home

if TYPE_CHECKING:
    from sim.market.market import Market


def change_firm(market: Market, worker: int, firm: int) -> None:
    """Let a worker be with another firm from now on, and file his time with the old one."""
    row = market.rows("workers")[worker]
    count_one(market.columns.workers, market.columns.companies, worker, market.now_min)
    _file_employment(market, worker)
    row["company_row"] = firm
    row["employed_since_min"] = market.now_min
    row["moves"] += 1
    find_home(market.columns.workers, market.columns.companies, worker)


def _file_employment(market: Market, worker: int) -> None:
    row = market.rows("workers")[worker]
    since = max(float(row["entered_min"]), float(row["employed_since_min"]), 0.0)
    kept = market.employments.add()
    market.employments.rows[kept] = (worker, row["company_row"], since, market.now_min)
