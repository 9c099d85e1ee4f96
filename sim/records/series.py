"""Monthly series of workers, firms and the region, taken from the tables whenever a calendar month closes.

The tables hold running totals; a month is the difference between two closings. Only the totals of the last closing are
kept, so that memory does not grow with the run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.records.buyers import HOUSEHOLD_MONTH, Buyers, hired_care
from sim.records.flows import CITY, group_ids
from sim.records.period import Period
from sim.records.tables import code_or_none, firm_form_codes
from sim.state import KINDS_OF_MONEY, Rows, World
from sim.vocabulary import Destination, FirmForm, MoneyKind, WorkerStatus

WORKER_MONTH = np.dtype(
    [
        ("month", "i4"),
        ("dimension", "i1"),
        ("group", "i2"),
        ("workers", "i8"),
        ("full_month", "i8"),
        ("income_fen", "i8"),
        ("certified", "i8"),
        ("visits_completed", "i8"),
        ("visit_days", "i8"),
        ("moved", "i8"),
        ("left_other_trade", "i8"),
        ("left_home", "i8"),
        ("left_rival_city", "i8"),
        ("left_retired", "i8"),
        ("years", "f8"),
        ("gini", "f8"),
    ]
)
"""A month of a group of workers: present at its end, present all month long, the income of the latter, certified
workers at its end, visits completed, days with at least one and changes of firm of those present at its end, who left
for good in it by destination, years of age in all of those present, Gini coefficient of the income of those present all
month long."""

FIRM_MONTH = np.dtype(
    [
        ("month", "i4"),
        ("dimension", "i1"),
        ("group", "i2"),
        ("rows", "i8"),
        ("firms", "f8"),
        ("workers", "i8"),
        ("requested", "i8"),
        ("completed", "i8"),
        ("cancelled", "i8"),
        ("unserved", "i8"),
        ("failures", "i8"),
        ("complaints", "i8"),
        ("disputes", "i8"),
        ("refunds", "i8"),
        ("concentration", "f8"),
        ("receipts_fen", "i8"),
        ("payments_fen", "i8"),
        ("wages_fen", "i8"),
    ]
)
"""A month of a group of firms: simulated firms, real firms that they stand for, their workers, orders, failures,
complaints, those that went to a mediator, those that ended with a refund, Herfindahl-Hirschman index of completed
orders, receipts and payments net by kind of money, wages of workers. The whole city is that of the firms: circles of
acquaintances stand in their own group alone."""

COMPANY_MONTH = np.dtype(
    [
        ("month", "i4"),
        ("key", "u8"),
        ("form", "i1"),
        ("weight", "f8"),
        ("workers", "i4"),
        ("requested", "i8"),
        ("completed", "i8"),
        ("cancelled", "i8"),
        ("unserved", "i8"),
        ("failures", "i8"),
        ("complaints", "i8"),
        ("disputes", "i8"),
        ("refunds", "i8"),
        ("money_fen", "i8", (KINDS_OF_MONEY,)),
    ]
)
"""A month of one firm; money net by kind."""

REGION_MONTH = np.dtype(
    [
        ("month", "i4"),
        ("households", "i8"),
        ("buyers", "f8"),
        ("households_a_year", "f8"),
        ("care_homes", "i8"),
        ("care_hired", "i8"),
        ("beds", "i8"),
        ("residents", "i8"),
        ("staff", "i8"),
        ("asked", "i8"),
        ("turned_away_full", "i8"),
        ("turned_away_short", "i8"),
        ("admissions", "i8"),
        ("hired", "i8"),
        ("enrolled", "i8"),
        ("passed", "i8"),
        ("placed", "i8"),
        ("births", "i8"),
        ("grown_up", "i8"),
        ("moved_out", "i8"),
        ("onsets", "i8"),
        ("succeeded", "i8"),
        ("moved_home", "i8"),
        ("entered", "i8"),
        ("trained", "i8"),
        ("came_back", "i8"),
    ]
)
"""A month of the region: households; those that bought within the twelve months up to its end, and households observed
for as long (NaN before there are twelve); households with a disabled elder at home, and those of them that have a carer
placed with them; beds, residents and staff of institutions at its end; in it, elders who asked
for a bed of an institution, those who were turned away for want of a bed or of carers, admissions, and carers hired
from other firms; trainees enrolled, passed and placed in it; births, infants who grew up, children who left home,
steps of disability, elders who were succeeded and moves of households; newcomers by kin and from training bases, and
workers who went home for good."""

WORKER_DIMENSIONS = (CITY, "district", "firm_form", "trade", "origin")
FIRM_DIMENSIONS = (CITY, "firm_form")
COUNTERS = (
    "requested", "completed", "cancelled", "unserved", "failures", "complaints", "disputes", "refunds",
)  # fmt: skip
REGION_COUNTERS = {
    "bases": ("enrolled", "passed", "placed"),
    "institutions": ("asked", "turned_away_full", "turned_away_short", "admissions", "hired"),
    "lives": ("births", "grown_up", "moved_out", "onsets", "succeeded", "moved_home"),
    "pools": ("entered", "trained", "came_back"),
}
"""What is counted since time started, by table, and told of each month of the region."""

WORKER_TOTALS = ("income_fen", "completed", "visit_days", "moves")

SERIES = {
    "workers_monthly": WORKER_MONTH,
    "firms_monthly": FIRM_MONTH,
    "companies_monthly": COMPANY_MONTH,
    "region_monthly": REGION_MONTH,
    "households_monthly": HOUSEHOLD_MONTH,
}

State = dict[str, NDArray[Any]]


class MonthlySeries:
    """Closes months; holds the series and the totals of the last closing.

    Args:
        period: The run's days and months.

    Attributes:
        rows: For each name in ``SERIES`` its rows.
        buyers: Notes what households buy within the month.
    """

    def __init__(self, period: Period) -> None:
        self.period = period
        self.rows: dict[str, Rows] = {name: np.zeros(0, dtype) for name, dtype in SERIES.items()}
        self._end_min = 0.0
        self._workers = _totals(
            np.zeros(0, np.uint64), **{name: np.zeros(0, np.int64) for name in WORKER_TOTALS}
        )
        self._companies = np.zeros(0, COMPANY_MONTH)
        self._region = np.zeros(sum(map(len, REGION_COUNTERS.values())), np.int64)
        self.buyers = Buyers()

    def begin(self, world: World) -> None:
        """Note the totals with which the run starts."""
        self._workers = _worker_totals(world)
        self._companies = _company_totals(world, 0)
        self._region = _region_totals(world)

    def close(self, end_min: float, world: World) -> None:
        """Close the month that ends at `end_min`; a second closing at the same time changes nothing."""
        if end_min <= self._end_min:
            return
        month = self.period.month_ending_at(end_min)
        self._close_workers(month, world)
        self._close_companies(month, world)
        self._close_region(month, world)
        self._end_min = end_min

    def state(self) -> State:
        """All that is needed to go on later, as arrays."""
        return {
            **self.rows,
            "end_min": np.array(self._end_min),
            "worker_totals": self._workers,
            "company_totals": self._companies,
            "region_totals": self._region,
            **{f"buyers.{name}": array for name, array in self.buyers.state().items()},
        }

    def restore(self, state: State) -> None:
        """Go on from a saved state."""
        self.rows = {name: state[name] for name in SERIES}
        self._end_min = float(state["end_min"])
        self._workers = state["worker_totals"]
        self._companies = state["company_totals"]
        self._region = state["region_totals"]
        self.buyers.restore({name: state[f"buyers.{name}"] for name in self.buyers.state()})

    def _append(self, name: str, rows: Rows) -> None:
        self.rows[name] = np.concatenate([self.rows[name], rows])

    def _close_workers(self, month: int, world: World) -> None:
        workers = world.tables["workers"].used
        totals = _worker_totals(world)
        income, visits, visit_days, moves = (
            _since(totals["key"], totals[name], self._workers["key"], self._workers[name])
            for name in WORKER_TOTALS
        )
        present = workers["status"] != WorkerStatus.LEFT
        leaving = ~present & (workers["left_min"] > self._end_min)
        full = present & (workers["entered_min"] <= self._end_min)
        parts = []
        for index, (codes, count) in enumerate(_worker_groups(workers, world)):
            part = np.zeros(count, WORKER_MONTH)
            part["month"], part["dimension"], part["group"] = month, index, np.arange(count)
            part["workers"] = np.bincount(codes[present], minlength=count)
            part["full_month"] = np.bincount(codes[full], minlength=count)
            part["certified"] = np.bincount(codes[present & (workers["certified"] > 0)], minlength=count)
            np.add.at(part["income_fen"], codes[full], income[full])
            np.add.at(part["visits_completed"], codes[present], visits[present])
            np.add.at(part["visit_days"], codes[present], visit_days[present])
            np.add.at(part["moved"], codes[present], moves[present])
            np.add.at(part["years"], codes[present], workers["age_years"][present].astype(np.float64))
            for destination in Destination:
                if destination != Destination.NONE:
                    gone = leaving & (workers["destination"] == destination)
                    part[f"left_{destination.name.lower()}"] = np.bincount(codes[gone], minlength=count)
            part["gini"] = [gini(income[full & (codes == group)]) for group in range(count)]
            parts.append(part)
        self._append("workers_monthly", np.concatenate(parts))
        self._workers = totals

    def _close_companies(self, month: int, world: World) -> None:
        totals = _company_totals(world, month)
        flows = totals.copy()
        for name in (*COUNTERS, "money_fen"):
            flows[name] = _since(totals["key"], totals[name], self._companies["key"], self._companies[name])
        firms = flows[flows["form"] != FirmForm.ACQUAINTANCE]
        parts = [_firm_groups(firms, month, 0, np.zeros(len(firms), np.int64), 1)]
        parts.append(_firm_groups(flows, month, 1, flows["form"].astype(np.int64), len(FirmForm) + 1))
        self._append("firms_monthly", np.concatenate(parts))
        self._append("companies_monthly", flows)
        self._companies = totals

    def _close_region(self, month: int, world: World) -> None:
        institutions = world.tables["institutions"].used
        totals = _region_totals(world)
        names = [name for of_table in REGION_COUNTERS.values() for name in of_table]
        row = np.zeros(1, REGION_MONTH)
        row["month"], row["households"] = month, world.tables["households"].size
        for name in ("beds", "residents", "staff"):
            row[name] = institutions[name].sum(dtype=np.int64)
        for name, added in zip(names, totals - self._region, strict=True):
            row[name] = added
        users, row["buyers"] = self.buyers.close(month, world)
        row["households_a_year"] = row["households"] if np.isfinite(row["buyers"][0]) else np.nan
        row["care_homes"], row["care_hired"] = hired_care(world)
        self._append("households_monthly", users)
        self._append("region_monthly", row)
        self._region = totals


def gini(incomes: NDArray[np.int64]) -> float:
    """The Gini coefficient of incomes (0: all alike; towards 1: one has all); NaN where nobody has anything.

    Source: the rank formula, G = 2 sum(i x_i) / (n sum(x)) - (n + 1) / n with x ascending (Dorfman 1979).
    """
    total = int(incomes.sum())
    count = len(incomes)
    if total <= 0:
        return float("nan")
    weighted = int(np.dot(np.arange(1, count + 1), np.sort(incomes)))
    return 2.0 * weighted / (count * total) - (count + 1) / count


def concentration(completed: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    """The Herfindahl-Hirschman index of firms' shares, 0 to 1; a row of weight w stands for w equal firms."""
    total = int(completed.sum())
    if total == 0:
        return float("nan")
    shares = completed / total
    return float(np.sum(shares * shares / np.maximum(weights, 1.0)))


def _totals(keys: NDArray[np.uint64], **columns: NDArray[Any]) -> Rows:
    dtype = np.dtype([("key", "u8"), *((name, column.dtype) for name, column in columns.items())])
    totals = np.zeros(len(keys), dtype)
    totals["key"] = keys
    for name, column in columns.items():
        totals[name] = column
    return totals


def _worker_totals(world: World) -> Rows:
    workers = world.tables["workers"].used
    return _totals(workers["key"], **{name: workers[name].astype(np.int64) for name in WORKER_TOTALS})


def _company_totals(world: World, month: int) -> Rows:
    companies = world.tables["companies"].used
    totals = np.zeros(len(companies), COMPANY_MONTH)
    totals["month"] = month
    for name in ("key", "form", "weight", "workers", *COUNTERS, "money_fen"):
        totals[name] = companies[name]
    return totals


def _region_totals(world: World) -> NDArray[np.int64]:
    """Return what is counted of the region, in the order of ``REGION_COUNTERS``."""
    return np.array(
        [
            world.tables[table].used[name].sum(dtype=np.int64)
            for table, names in REGION_COUNTERS.items()
            for name in names
        ],
        np.int64,
    )


def _since(
    keys: NDArray[np.uint64], totals: NDArray[Any], old_keys: NDArray[np.uint64], old: NDArray[Any]
) -> NDArray[Any]:
    """What was added to running totals since the last closing; a row that has a new owner starts from 0."""
    common = min(len(keys), len(old_keys))
    same = keys[:common] == old_keys[:common]
    added = totals.copy()
    added[:common][same] -= old[:common][same]
    return added


def _worker_groups(workers: Rows, world: World) -> list[tuple[NDArray[Any], int]]:
    """Codes and number of groups by ``WORKER_DIMENSIONS``."""
    ids = group_ids(world)
    counts = [len(ids[dimension]) for dimension in WORKER_DIMENSIONS]
    codes = [
        np.zeros(len(workers), np.int16),
        code_or_none(workers["home_district"], len(world.district_ids)),
        firm_form_codes(workers, world),
        code_or_none(workers["trade"], len(world.trade_ids)),
        code_or_none(workers["origin"], len(world.origin_ids)),
    ]
    return list(zip(codes, counts, strict=True))


def _firm_groups(flows: Rows, month: int, dimension: int, codes: NDArray[np.int64], count: int) -> Rows:
    part = np.zeros(count, FIRM_MONTH)
    part["month"], part["dimension"], part["group"] = month, dimension, np.arange(count)
    part["rows"] = np.bincount(codes, minlength=count)
    np.add.at(part["firms"], codes, flows["weight"])
    np.add.at(part["workers"], codes, flows["workers"])
    for name in COUNTERS:
        np.add.at(part[name], codes, flows[name])
    money = flows["money_fen"].copy()
    money[:, MoneyKind.WRITE_OFF] = 0  # a creditor's loss is nobody's receipt
    np.add.at(part["receipts_fen"], codes, np.maximum(money, 0).sum(axis=1))
    np.add.at(part["payments_fen"], codes, np.maximum(-money, 0).sum(axis=1))
    np.add.at(part["wages_fen"], codes, -flows["money_fen"][:, MoneyKind.WAGE])
    for group in range(count):
        chosen = flows[codes == group]
        part["concentration"][group] = concentration(chosen["completed"], chosen["weight"])
    return part
