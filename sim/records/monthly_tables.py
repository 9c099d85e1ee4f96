"""The monthly series and the daily sums as recorded tables: a row per month or day, dimension and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np

from sim.records.buyers import HOUSEHOLD_DIMENSIONS, HOUSEHOLD_MONTH
from sim.records.cube import Cube
from sim.records.flows import DIMENSIONS, ORDER_MEASURES, PLACEMENT_MEASURES, group_ids
from sim.records.series import (
    COMPANY_MONTH,
    FIRM_DIMENSIONS,
    FIRM_MONTH,
    REGION_MONTH,
    WORKER_DIMENSIONS,
    WORKER_MONTH,
)
from sim.records.tables import DATE, MONEY, MONTH, Column, Frame, Table, Values, category, own, unit_of
from sim.state import Rows
from sim.vocabulary import FirmForm


def _dimension(dimensions: Sequence[str]) -> Column:
    return Column("dimension", "id", lambda rows, _: rows["dimension"], lambda _: dimensions)


def _group(dimensions: Sequence[str]) -> Column:
    """The group's id; what a group's number means depends on the dimension."""

    def take(rows: Rows, frame: Frame) -> Values:
        ids = group_ids(frame.world)
        first = np.array([0, *accumulate(len(ids[dimension]) for dimension in dimensions)], np.int16)
        return np.asarray(first[rows["dimension"]] + rows["group"])

    def labels(frame: Frame) -> tuple[str, ...]:
        ids = group_ids(frame.world)
        return tuple(group for dimension in dimensions for group in ids[dimension])

    return Column("group", "id", take, labels)


def _series(name: str, dtype: np.dtype[np.void], dimensions: Sequence[str]) -> Table:
    keys = ("month", "dimension", "group") if dimensions else ("month",)
    columns = [own(column, unit_of(column)) for column in dtype.names or () if column not in keys]
    grouping = (_dimension(dimensions), _group(dimensions)) if dimensions else ()
    return Table(name, dtype, (MONTH, *grouping, *columns))


def _daily_dtype(measures: Mapping[str, int]) -> np.dtype[np.void]:
    """Day, dimension, group and measures; a measure that is a count is a whole number."""
    columns = [(name, "i8" if scale == 1 else "f8") for name, scale in measures.items()]
    return np.dtype([("day", "i4"), ("dimension", "i1"), ("group", "i2"), *columns])


def _daily(name: str, measures: Mapping[str, int]) -> Table:
    columns = [own(measure, unit_of(measure)) for measure in measures]
    return Table(name, _daily_dtype(measures), (DATE, _dimension(DIMENSIONS), _group(DIMENSIONS), *columns))


WORKERS_MONTHLY = _series("workers_monthly", WORKER_MONTH, WORKER_DIMENSIONS)
FIRMS_MONTHLY = _series("firms_monthly", FIRM_MONTH, FIRM_DIMENSIONS)
REGION_MONTHLY = _series("region_monthly", REGION_MONTH, ())
HOUSEHOLDS_MONTHLY = _series("households_monthly", HOUSEHOLD_MONTH, HOUSEHOLD_DIMENSIONS)
COMPANIES_MONTHLY = Table(
    "companies_monthly",
    COMPANY_MONTH,
    (
        MONTH,
        own("key", "key"),
        category("form", FirmForm),
        own("weight", "count"),
        own("workers", "count"),
        own("requested", "count"),
        own("completed", "count"),
        own("cancelled", "count"),
        own("unserved", "count"),
        *MONEY,
    ),
)
ORDERS_DAILY = _daily("orders_daily", ORDER_MEASURES)
PLACEMENTS_DAILY = _daily("placements_daily", PLACEMENT_MEASURES)


def daily_rows(cube: Cube) -> Rows:
    """A cube's days and groups in which anything happened, a row each, measures in their units."""
    dtype = _daily_dtype(cube.scales)
    parts = [_dimension_rows(cube, dimension, dtype) for dimension in DIMENSIONS]
    return np.concatenate(parts)


def _dimension_rows(cube: Cube, dimension: str, dtype: np.dtype[np.void]) -> Rows:
    day, group = np.nonzero(np.asarray(cube.sums[dimension].any(axis=0)))
    rows = np.zeros(len(day), dtype)
    rows["day"], rows["dimension"], rows["group"] = day, DIMENSIONS.index(dimension), group
    for name in cube.scales:
        rows[name] = cube.of(dimension, name)[day, group]
    return rows
