"""A run's recorded sums, seen by one scope: arrays with a number per group, measured days only.

A *scope* is the whole city, the calendar months, or one way of grouping (district, service ...). An indicator is
written once over a :class:`View` and so holds for every scope that its sources know.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.clock import DAYS_PER_MONTH
from sim.records.buyers import HOUSEHOLD_DIMENSIONS
from sim.records.cube import Cube
from sim.records.flows import CITY, group_ids
from sim.records.recorder import Recorded
from sim.records.series import FIRM_DIMENSIONS, WORKER_DIMENSIONS
from sim.state import Rows
from sim.vocabulary import MoneyKind, Sector

Numbers = NDArray[np.float64]

MONTH = "month"
REASON = "reason"
FEN_PER_YUAN = 100.0
_DIMENSIONS_OF = {
    "workers_monthly": WORKER_DIMENSIONS,
    "firms_monthly": FIRM_DIMENSIONS,
    "region_monthly": (CITY,),
    "households_monthly": HOUSEHOLD_DIMENSIONS,
}


class View:
    """The measured part of a run by the groups of one scope.

    Args:
        recorded: What the run has left behind.
        scope: "city", "month" or a dimension.
    """

    def __init__(self, recorded: Recorded, scope: str) -> None:
        self.recorded = recorded
        self.scope = scope
        self._period = recorded.frame.period

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The ids of the scope's groups."""
        if self.scope == MONTH:
            return self._period.months
        return group_ids(self.recorded.frame.world)[self.scope]

    @cached_property
    def days(self) -> Numbers:
        """Measured days behind each group."""
        return self._by_time(self._period.measured_days[:, None].astype(np.float64))

    @cached_property
    def closed_months(self) -> Numbers:
        """Measured months behind each group, in months of mean length; for what is known by month only."""
        days = np.where(self._period.measured_months, self._period.days_of_month, 0) / DAYS_PER_MONTH
        return days if self.scope == MONTH else np.full(len(self.groups), days.sum())

    def orders(self, measure: str) -> Numbers:
        """Sum of a measure of orders (``flows.ORDER_MEASURES``)."""
        return self._cube(self.recorded.orders, measure)

    def ended_orders(self) -> Numbers:
        """Orders that have reached an end; all of them for every reason, so that shares by reason add up."""
        view = View(self.recorded, CITY) if self.scope == REASON else self
        ended = view.orders("completed") + view.orders("cancelled") + view.orders("unserved")
        return np.broadcast_to(ended, len(self.groups)).astype(np.float64)

    def placements(self, measure: str) -> Numbers:
        """Sum of a measure of placements (``flows.PLACEMENT_MEASURES``)."""
        return self._cube(self.recorded.placements, measure)

    def stock(self, name: str) -> Numbers:
        """Sum of a daily stock or flow (columns of ``STOCK``) over the measured days."""
        rows = self.recorded.stocks
        districts = len(self.recorded.frame.world.district_ids) + 1
        daily = np.zeros((self._period.days, districts))
        np.add.at(daily, (rows["day"], rows["district"]), rows[name].astype(np.float64))
        return self._by_time(daily if self.scope == "district" else daily.sum(axis=1, keepdims=True))

    def monthly(self, series: str, name: str, weight: str | None = None) -> Numbers:
        """Sum of a column of a monthly series over the measured months, each value times its row's weight."""
        rows = self._series(series)
        values = rows[name].astype(np.float64)
        return self._by_month(rows, values if weight is None else values * rows[weight])

    def monthly_days(self, series: str, name: str) -> Numbers:
        """Sum of a column of a monthly series over the measured months, each value times the month's days."""
        rows = self._series(series)
        return self._by_month(rows, rows[name] * self._period.days_of_month[rows["month"]].astype(np.float64))

    def paid_yuan(
        self, payer: Sector | None = None, payee: Sector | None = None, kinds: Iterable[MoneyKind] = MoneyKind
    ) -> Numbers:
        """Payments in the measured months, yuan; of all sectors where none is named."""
        rows = self.recorded.ledger
        chosen = self._period.measured_months[rows["month"]] & np.isin(rows["kind"], list(kinds))
        if payer is not None:
            chosen &= rows["payer"] == payer
        if payee is not None:
            chosen &= rows["payee"] == payee
        sums = np.zeros(len(self.groups), np.int64)
        groups = rows["month"] if self.scope == MONTH else np.zeros(len(rows), np.int64)
        np.add.at(sums, groups[chosen], rows["amount_fen"][chosen])
        return sums / FEN_PER_YUAN

    def per_month(self, count: Numbers) -> Numbers:
        """A count of simulated events as events per month of mean length in the whole region."""
        return ratio(count * DAYS_PER_MONTH, self.days) / self.recorded.scale

    def mean_stock(self, name: str) -> Numbers:
        """Mean of a daily stock over the measured days, for the whole region."""
        return ratio(self.stock(name), self.days) / self.recorded.scale

    def _cube(self, cube: Cube, measure: str) -> Numbers:
        return self._by_time(cube.of(CITY if self.scope == MONTH else self.scope, measure))

    def _by_time(self, daily: Numbers) -> Numbers:
        """Sum f8[days, columns] over the measured days: by month for the city's one column, else by column."""
        measured = np.where(self._period.measured_days[:, None], daily, 0.0)
        if self.scope == MONTH:
            return np.bincount(self._period.month_of_day, measured[:, 0], len(self.groups)).astype(np.float64)
        sums = measured.sum(axis=0)
        return sums if len(sums) == len(self.groups) else np.full(len(self.groups), sums[0])

    def _series(self, series: str) -> Rows:
        rows = self.recorded.series[series]
        if "dimension" not in (rows.dtype.names or ()):
            return rows
        dimension = CITY if self.scope == MONTH else self.scope
        return rows[rows["dimension"] == _DIMENSIONS_OF[series].index(dimension)]

    def _by_month(self, rows: Rows, values: Numbers) -> Numbers:
        """Sum values of a series' rows over the measured months; a value that is not known counts nothing."""
        if self.scope == MONTH:
            groups = rows["month"]
        else:
            groups = rows["group"] if "group" in (rows.dtype.names or ()) else np.zeros(len(rows), np.int64)
        known = self._period.measured_months[rows["month"]] & ~np.isnan(values)
        return np.bincount(groups[known], values[known], len(self.groups)).astype(np.float64)


def ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """The quotient, NaN where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=denominator != 0)
