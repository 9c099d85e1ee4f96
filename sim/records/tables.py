"""The recorded tables: which columns they have, in which unit, and how each is taken from the model's rows.

Categories are recorded by their ids (``completed``, ``hourly_cleaning``), entities by their stable 64-bit keys, which
are the same in every world with the same seed; 0 stands for none. A time or measure that never came about is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.records.digest import text_bits
from sim.records.period import Period
from sim.sink import STOCK
from sim.state import (
    BASE,
    COMPANY,
    HOUSEHOLD,
    INSTITUTION,
    MONTHS_KEPT,
    ORDER,
    PLACEMENT,
    WORKER,
    Rows,
    World,
)
from sim.vocabulary import (
    ORDER_ENDS,
    PLACEMENT_ENDS,
    FirmForm,
    Grievance,
    HealthClass,
    MoneyKind,
    OrderState,
    PlacementState,
    Reason,
    Satisfaction,
    Sector,
    WorkerStatus,
)

Values = NDArray[Any]
NONE = "none"
FIFTH = "1 poorest .. 5"
INSTITUTION_KINDS = ("institution", "regional_centre", "station")
_UNITS = {
    "min": "min",
    "min2": "min^2",
    "km": "km",
    "fen": "fen",
    "days": "days",
    "quality": "score",
    "gini": "index",
    "concentration": "index",
}


@dataclass(frozen=True)
class Frame:
    """What rows have to be read against: the world's tables and names, the run's days and months."""

    world: World
    period: Period


Take = Callable[[Rows, Frame], Values]
Labels = Callable[[Frame], Sequence[str]]


@dataclass(frozen=True)
class Column:
    """One recorded column.

    Attributes:
        name: Its name in the file and, as `column.<name>`, in the catalogue.
        unit: Unit of a number; "id" for a category, "key" for an entity, "count", "share", "flag" (0 or 1).
        take: Its values from the model's rows; codes where it has labels.
        labels: The ids that the codes stand for.
    """

    name: str
    unit: str
    take: Take
    labels: Labels | None = None


@dataclass(frozen=True)
class Table:
    """A recorded table.

    Attributes:
        name: Name of the file and, as `table.<name>`, in the catalogue.
        dtype: What the model's rows look like from which it is taken.
        columns: The columns in their fixed order.
    """

    name: str
    dtype: np.dtype[Any]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def extract(self, rows: Rows, frame: Frame) -> list[Values]:
        """The columns' values for these rows; codes for categories."""
        return [column.take(rows, frame) for column in self.columns]

    def digestible(self, values: Sequence[Values], frame: Frame) -> list[Values]:
        """The same values with every category turned from its code into a number made from its id."""
        return [
            value if column.labels is None else text_bits(column.labels(frame))[value]
            for column, value in zip(self.columns, values, strict=True)
        ]


def members(enumeration: type[IntEnum]) -> tuple[str, ...]:
    """The ids of an enumeration's members, by their number."""
    return tuple(member.name.lower() for member in enumeration)


def with_none(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels and, behind them, one for none."""
    return (*labels, NONE)


def code_or_none(codes: Values, count: int) -> Values:
    """Codes in which every negative number is replaced by `count`, the label for none."""
    return np.where(codes < 0, count, codes).astype(np.int16)


def looked_up(rows: Rows, row_column: str, table: str, column: str, world: World) -> Values:
    """A column of the rows that `row_column` refers to; 0 where it refers to none."""
    target = rows[row_column]
    source = world.tables[table].rows[column]
    return np.where(target >= 0, source[np.maximum(target, 0)], source.dtype.type(0))


def firm_form_codes(rows: Rows, world: World) -> Values:
    """The form of each row's company, and the label for none where it has no company."""
    form = looked_up(rows, "company_row", "companies", "form", world)
    return np.where(rows["company_row"] < 0, len(FirmForm), form).astype(np.int16)


def unit_of(name: str) -> str:
    """The unit that a column's name says; a count where it says none."""
    return _UNITS.get(name.rsplit("_", 1)[-1], "count")


def own(name: str, unit: str) -> Column:
    """A column that the model's rows have under the same name."""
    return Column(name, unit, lambda rows, _: np.asarray(rows[name]))


def _flag(name: str, take: Take) -> Column:
    return Column(name, "flag", lambda rows, frame: take(rows, frame).astype(np.int8))


def key(name: str, table: str) -> Column:
    """The stable key of the entity that `<name>_row` refers to; 0 for none."""
    return Column(name, "key", lambda rows, frame: looked_up(rows, f"{name}_row", table, "key", frame.world))


def category(name: str, enumeration: type[IntEnum]) -> Column:
    """A column that holds a member of a closed vocabulary."""
    return Column(name, "id", lambda rows, _: rows[name], lambda _: members(enumeration))


def _of_world(name: str, labels: Labels, source: str | None = None) -> Column:
    def take(rows: Rows, frame: Frame) -> Values:
        return code_or_none(rows[source or name], len(labels(frame)))

    return Column(name, "id", take, lambda frame: with_none(labels(frame)))


def _when(name: str, unit: str, present: Callable[[Rows], Values]) -> Column:
    return Column(name, unit, lambda rows, _: np.where(present(rows), rows[name].astype(np.float64), np.nan))


def _completed(rows: Rows) -> Values:
    return np.asarray(rows["state"] == OrderState.COMPLETED)


def _order_ended(rows: Rows) -> Values:
    return np.isin(rows["state"], ORDER_ENDS)


def _placement_ended(rows: Rows) -> Values:
    return np.isin(rows["state"], PLACEMENT_ENDS)


def _assigned(rows: Rows) -> Values:
    return np.asarray(rows["worker_row"] >= 0)


def _started(rows: Rows) -> Values:
    return np.isin(rows["state"], (PlacementState.ACTIVE, PlacementState.ENDED))


def _income_fifth(rows: Rows, frame: Frame) -> Values:
    fifth = looked_up(rows, "household_row", "households", "income_fifth", frame.world)
    return np.where(rows["household_row"] < 0, 0, fifth + 1).astype(np.int8)


def _firm_form(rows: Rows, frame: Frame) -> Values:
    return firm_form_codes(rows, frame.world)


def _money(kind: MoneyKind) -> Column:
    return Column(f"{kind.name.lower()}_fen", "fen", lambda rows, _: np.asarray(rows["money_fen"][:, kind]))


def _last_month(name: str) -> Column:
    """Revenue or profit of the month of a firm's books that was closed last; 0 before the first."""

    def take(rows: Rows, _: Frame) -> Values:
        place = (rows["months_closed"] - 1) % MONTHS_KEPT
        return np.asarray(rows[f"{name}_by_month_fen"][np.arange(len(rows)), place])

    return Column(f"last_{name}_fen", "fen", take)


def _date(rows: Rows, frame: Frame) -> Values:
    return np.asarray(np.datetime64(frame.period.start) + rows["day"].astype("m8[D]"))


_DISTRICT = _of_world("district", lambda frame: frame.world.district_ids)
_SERVICE = _of_world("service", lambda frame: frame.world.service_ids)
_FIRM_FORM = Column("firm_form", "id", _firm_form, lambda _: with_none(members(FirmForm)))
_INCOME_FIFTH = Column("income_fifth", FIFTH, _income_fifth)
DATE = Column("date", "date", _date)
MONTH = Column("month", "id", lambda rows, _: rows["month"], lambda frame: frame.period.months)
MONEY = tuple(_money(kind) for kind in MoneyKind)

ORDERS = Table(
    "orders",
    ORDER,
    (
        own("key", "key"),
        own("need_key", "key"),
        _SERVICE,
        _DISTRICT,
        key("household", "households"),
        _INCOME_FIFTH,
        key("company", "companies"),
        _FIRM_FORM,
        key("worker", "workers"),
        _flag("recurring", lambda rows, _: rows["placement_row"] >= 0),
        category("state", OrderState),
        category("reason", Reason),
        own("asked_min", "min"),
        own("placed_min", "min"),
        own("wanted_min", "min"),
        own("earliest_min", "min"),
        own("latest_min", "min"),
        _when("assigned_min", "min", _assigned),
        _when("depart_min", "min", _completed),
        _when("arrive_min", "min", _completed),
        _when("start_min", "min", _completed),
        _when("finish_min", "min", _completed),
        _when("ended_min", "min", _order_ended),
        _when("travel_min", "min", _completed),
        _when("travel_km", "km", _completed),
        own("expected_duration_min", "min"),
        _when("duration_min", "min", _completed),
        own("price_fen", "fen"),
        own("support_fen", "fen"),
        own("wage_fen", "fen"),
        _when("quality", "score", _completed),
        own("extra_fen", "fen"),
        category("satisfaction", Satisfaction),
        category("grievance", Grievance),
        _flag("complains", lambda rows, _: rows["complains"]),
        own("offers", "count"),
        own("days_shifted", "days"),
    ),
)

PLACEMENTS = Table(
    "placements",
    PLACEMENT,
    (
        own("key", "key"),
        _SERVICE,
        _DISTRICT,
        key("household", "households"),
        _INCOME_FIFTH,
        key("company", "companies"),
        _FIRM_FORM,
        key("worker", "workers"),
        category("state", PlacementState),
        category("reason", Reason),
        own("requested_min", "min"),
        own("wanted_min", "min"),
        _when("start_min", "min", _started),
        _when("end_min", "min", _started),
        _when("ended_min", "min", _placement_ended),
        own("price_fen_per_month", "fen/month"),
        own("wage_fen_per_month", "fen/month"),
        own("billed_fen", "fen"),
        own("paid_fen", "fen"),
        own("interviews", "count"),
        own("replacements", "count"),
        own("visits", "count"),
        own("judged", "count"),
        own("satisfied", "count"),
        own("dissatisfied", "count"),
        own("complaints", "count"),
        _flag("went_on", lambda rows, _: rows["went_on"]),
    ),
)

STOCKS = Table(
    "stocks",
    STOCK,
    (
        DATE,
        *(
            _DISTRICT if name == "district" else own(name, unit_of(name))
            for name in STOCK.names or ()
            if name != "day"
        ),
    ),
)

WORKERS = Table(
    "workers",
    WORKER,
    (
        own("key", "key"),
        _of_world("home_district", lambda frame: frame.world.district_ids),
        _of_world("trade", lambda frame: frame.world.trade_ids),
        _of_world("origin", lambda frame: frame.world.origin_ids),
        key("company", "companies"),
        _FIRM_FORM,
        own("age_years", "years"),
        _flag("female", lambda rows, _: rows["female"]),
        own("skill_level", "score"),
        _flag("certified", lambda rows, _: rows["certified"]),
        category("health_class", HealthClass),
        _flag("has_ebike", lambda rows, _: rows["has_ebike"]),
        category("status", WorkerStatus),
        own("rating", "score"),
        own("ratings", "count"),
        own("entered_min", "min"),
        _when("left_min", "min", lambda rows: rows["status"] == WorkerStatus.LEFT),
        own("on_duty_min", "min"),
        own("travel_min", "min"),
        own("service_min", "min"),
        own("placed_days", "days"),
        own("completed", "count"),
        own("visit_days", "days"),
        own("refusals", "count"),
        own("income_fen", "fen"),
    ),
)

COMPANIES = Table(
    "companies",
    COMPANY,
    (
        own("key", "key"),
        _DISTRICT,
        category("form", FirmForm),
        _flag("citywide", lambda rows, _: rows["citywide"]),
        own("weight", "count"),
        own("workers", "count"),
        own("requested", "count"),
        own("completed", "count"),
        own("cancelled", "count"),
        own("unserved", "count"),
        own("price_multiplier", "ratio"),
        own("expected_wait_days", "days"),
        own("quality_sum", "score"),
        own("quality_count", "count"),
        own("complaints", "count"),
        own("disputes", "count"),
        own("refunds", "count"),
        own("illegal_actions", "count"),
        own("failures", "count"),
        own("capital_fen", "fen"),
        own("credit_limit_fen", "fen"),
        own("rent_fen_per_month", "fen/month"),
        _last_month("revenue"),
        _last_month("profit"),
        *MONEY,
    ),
)

HOUSEHOLDS = Table(
    "households",
    HOUSEHOLD,
    (
        own("key", "key"),
        _DISTRICT,
        own("members", "persons"),
        own("elders", "persons"),
        own("disability", "0 none .. 3 severe"),
        own("infants", "persons"),
        _flag("pets", lambda rows, _: rows["pets"] > 0),
        Column("income_fifth", FIFTH, lambda rows, _: rows["income_fifth"] + 1),
        own("home_m2", "m2"),
        own("income_fen_per_month", "fen/month"),
        own("active_placements", "count"),
        *MONEY,
    ),
)

INSTITUTIONS = Table(
    "institutions",
    INSTITUTION,
    (
        own("key", "key"),
        _DISTRICT,
        Column("kind", "id", lambda rows, _: rows["kind"], lambda _: INSTITUTION_KINDS),
        key("company", "companies"),
        own("weight", "count"),
        own("beds", "count"),
        own("residents", "persons"),
        own("staff", "persons"),
        own("fee_fen_per_month", "fen/month"),
        own("asked", "count"),
        own("turned_away_full", "count"),
        own("turned_away_short", "count"),
        own("admissions", "count"),
        own("discharges", "count"),
        own("hired", "count"),
        *MONEY,
    ),
)

BASES = Table(
    "bases",
    BASE,
    (
        own("key", "key"),
        _of_world("origin", lambda frame: frame.world.origin_ids),
        _flag("in_region", lambda rows, _: rows["in_region"]),
        _of_world("trade", lambda frame: frame.world.trade_ids),
        own("weight", "count"),
        own("seats", "persons"),
        own("cohort", "count"),
        own("enrolled", "persons"),
        own("passed", "persons"),
        own("placed", "persons"),
        *MONEY,
    ),
)

FLOW = np.dtype(
    [("month", "i4"), ("kind", "i1"), ("payer", "i1"), ("payee", "i1"), ("amount_fen", "i8")], align=True
)
"""What all payers of a sector paid to all payees of a sector in a month, for one kind of money."""

LEDGER = Table(
    "ledger",
    FLOW,
    (
        MONTH,
        category("kind", MoneyKind),
        category("payer", Sector),
        category("payee", Sector),
        own("amount_fen", "fen"),
    ),
)
