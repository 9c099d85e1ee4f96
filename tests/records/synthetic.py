"""A small made-up world and rows of orders, placements and stocks that are consistent in states and times."""

from __future__ import annotations

from datetime import date

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.records.period import Period
from sim.sink import STOCK
from sim.state import DTYPES, ORDER, PLACEMENT, Rows, Table, World
from sim.vocabulary import FirmForm, OrderState, PlacementState, Reason, ServiceForm, WorkerStatus

PERIOD = Period(date(2026, 1, 20), 50, 5)
"""Touches three months; the first measured day lies within January, the first measured month is February."""
SCALE = 0.25
DISTRICTS = ("north", "south")
SERVICES = ("cleaning", "weekly", "nanny")
FORMS = (ServiceForm.VISIT, ServiceForm.RECURRING, ServiceForm.PLACEMENT)
END_MIN = PERIOD.days * MINUTES_PER_DAY
_ORDER_ENDS = (OrderState.COMPLETED, OrderState.CANCELLED, OrderState.UNSERVED)
_PLACEMENT_STATES = (PlacementState.ENDED, PlacementState.WITHDRAWN, PlacementState.UNSERVED)


def make_world(seed: int = 0) -> World:
    """Return a world of 40 households, 12 workers and a firm of each form."""
    draw = np.random.default_rng(seed)
    tables = {name: Table(dtype) for name, dtype in DTYPES.items()}
    households = _rows("households", 40)
    households["income_fifth"] = draw.integers(0, 5, 40)
    companies = _rows("companies", len(FirmForm))
    companies["form"] = np.arange(len(FirmForm))
    companies["workers"] = np.arange(len(FirmForm)) + 2
    companies["weight"] = draw.integers(1, 5, len(FirmForm))
    workers = _rows("workers", 12)
    workers["home_district"] = np.arange(12) % len(DISTRICTS)
    workers["company_row"] = np.arange(12) % len(FirmForm)
    workers["status"] = WorkerStatus.IDLE
    services = _rows("services", len(SERVICES))
    services["form"] = FORMS
    for name, rows in (
        ("households", households),
        ("companies", companies),
        ("workers", workers),
        ("services", services),
        ("institutions", _rows("institutions", 2)),
        ("bases", _rows("bases", 1)),
    ):
        tables[name] = Table.of(rows)
    return World(tables, np.zeros(0), DISTRICTS, SERVICES, ("cleaner",), ("here", "away"), np.uint64(seed))


def _rows(name: str, count: int) -> Rows:
    rows = np.zeros(count, DTYPES[name])
    rows["key"] = np.arange(1, count + 1) * 1_000_003
    return rows


def make_orders(seed: int, count: int, *, ended: bool = True) -> Rows:
    """Return orders in the order of their end; times run forward, what did not happen is 0."""
    draw = np.random.default_rng(seed)
    rows = np.zeros(count, ORDER)
    rows["key"] = draw.integers(1, 2**63, count)
    rows["service"] = draw.integers(0, 2, count)
    rows["district"] = draw.integers(0, len(DISTRICTS), count)
    rows["household_row"] = draw.integers(0, 40, count)
    rows["company_row"] = draw.integers(0, len(FirmForm), count)
    rows["placement_row"] = np.where(rows["service"] == 1, draw.integers(0, 9, count), -1)
    rows["offers"] = draw.integers(0, 4, count)
    rows["placed_min"] = draw.uniform(0.0, END_MIN, count)
    rows["asked_min"] = rows["placed_min"] - np.where(
        rows["placed_min"] > 120.0, 120.0 * (rows["key"] % 2), 0.0
    )
    rows["wanted_min"] = rows["placed_min"] + draw.exponential(600.0, count)
    rows["earliest_min"] = rows["wanted_min"] - 30.0
    rows["latest_min"] = rows["wanted_min"] + 30.0
    rows["price_fen"] = draw.integers(5_000, 50_000, count)
    rows["wage_fen"] = rows["price_fen"] * 3 // 4
    rows["worker_row"] = -1
    if not ended:
        rows["state"] = OrderState.OPEN
        return rows
    rows["state"] = draw.choice(_ORDER_ENDS, count, p=(0.6, 0.2, 0.2))
    rows["reason"] = np.where(rows["state"] == OrderState.COMPLETED, 0, draw.integers(1, len(Reason), count))
    rows["ended_min"] = np.minimum(rows["placed_min"] + draw.exponential(500.0, count), END_MIN)
    _serve(rows, draw)
    return rows[np.argsort(rows["ended_min"], kind="stable")]


def _serve(rows: Rows, draw: np.random.Generator) -> None:
    """Give completed orders their trip and service; some start late."""
    done = rows["state"] == OrderState.COMPLETED
    count = int(done.sum())
    served = rows[done]
    served["worker_row"] = draw.integers(0, 12, count)
    served["travel_min"] = draw.exponential(20.0, count)
    served["travel_km"] = served["travel_min"] / 4.0
    served["duration_min"] = draw.exponential(120.0, count) + 1.0
    served["start_min"] = served["wanted_min"] + draw.exponential(30.0, count) - 10.0
    served["arrive_min"] = served["start_min"]
    served["depart_min"] = served["arrive_min"] - served["travel_min"]
    served["assigned_min"] = served["placed_min"] + 1.0
    served["finish_min"] = served["start_min"] + served["duration_min"]
    served["quality"] = draw.normal(0.6, 0.2, count)
    served["ended_min"] = served["finish_min"]
    rows[done] = served


def make_placements(seed: int, count: int) -> Rows:
    """Return ended placements and contracts; those that never started have start -1."""
    draw = np.random.default_rng(seed)
    rows = np.zeros(count, PLACEMENT)
    rows["key"] = draw.integers(1, 2**63, count)
    rows["service"] = draw.integers(1, 3, count)
    rows["district"] = draw.integers(0, len(DISTRICTS), count)
    rows["household_row"] = draw.integers(0, 40, count)
    rows["company_row"] = draw.integers(0, len(FirmForm), count)
    rows["worker_row"] = -1
    rows["state"] = draw.choice(_PLACEMENT_STATES, count)
    rows["requested_min"] = draw.uniform(1.0, 0.8 * END_MIN, count)
    started = rows["state"] == PlacementState.ENDED
    searched = draw.exponential(3.0 * MINUTES_PER_DAY, count)
    rows["start_min"] = np.where(started, np.minimum(rows["requested_min"] + searched, END_MIN - 1.0), -1.0)
    rows["ended_min"] = np.minimum(np.maximum(rows["start_min"], rows["requested_min"]) + 100.0, END_MIN)
    return rows


def make_stocks(seed: int) -> list[Rows]:
    """Return a day's rows for each day of the period."""
    draw = np.random.default_rng(seed)
    days = []
    for day in range(PERIOD.days):
        rows = np.zeros(len(DISTRICTS), STOCK)
        for name in STOCK.names or ():
            rows[name] = draw.integers(1, 100, len(DISTRICTS))
        rows["day"] = day
        rows["district"] = np.arange(len(DISTRICTS))
        days.append(rows)
    return days
