"""The tidy table of indicators: a row per indicator, scope and group."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from sim.records.flows import CITY
from sim.records.indicators import INDICATORS, SCOPES, Indicator
from sim.records.recorder import Recorded
from sim.records.tables import NONE
from sim.records.view import View

FILE = "kpis.csv"


class Kpi(NamedTuple):
    """A row of kpis.csv.

    Attributes:
        indicator: Id of the indicator.
        unit: Unit of the value.
        better: up, down or none.
        scope: city, month, or what is grouped by.
        group: Id of the group; "all" for the city.
        value: NaN where nothing was observed.
        n: Number of simulated observations behind the value.
    """

    indicator: str
    unit: str
    better: str
    scope: str
    group: str
    value: float
    n: float


def kpis(recorded: Recorded) -> list[Kpi]:
    """All indicators of a run for all their scopes and groups, in a fixed order."""
    views = {scope: View(recorded, scope) for scope in SCOPES}
    return [
        row
        for indicator in INDICATORS.values()
        for scope in indicator.scopes
        for row in _rows(indicator, views[scope])
    ]


def city_values(recorded: Recorded) -> dict[str, float | None]:
    """Each indicator's value for the whole city; None where nothing was observed."""
    view = View(recorded, CITY)
    values = {name: float(indicator.estimate(view)[0][0]) for name, indicator in INDICATORS.items()}
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def named_values(recorded: Recorded, names: Iterable[str]) -> dict[str, float | None]:
    """Values by name: an indicator of the whole city, or ``indicator/scope/group``; None where nothing was observed."""
    views = {CITY: View(recorded, CITY)}
    values = {name: _named(recorded, name, views) for name in names}
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def _named(recorded: Recorded, name: str, views: dict[str, View]) -> float:
    indicator, _, place = name.partition("/")
    scope, _, group = place.partition("/")
    scope = scope or CITY
    view = views.setdefault(scope, View(recorded, scope))
    position = view.groups.index(group) if group in view.groups else None
    if scope == CITY:
        position = 0
    return math.nan if position is None else float(INDICATORS[indicator].estimate(view)[0][position])


def city_observations(recorded: Recorded) -> dict[str, float]:
    """The number of simulated observations behind each indicator's value for the whole city."""
    view = View(recorded, CITY)
    return {name: float(indicator.estimate(view)[1][0]) for name, indicator in INDICATORS.items()}


def _rows(indicator: Indicator, view: View) -> Iterator[Kpi]:
    values, counts = indicator.estimate(view)
    for group, value, count in zip(view.groups, values.tolist(), counts.tolist(), strict=True):
        if group != NONE or count > 0:
            yield Kpi(indicator.id, indicator.unit, indicator.better, view.scope, group, value, count)


def write(rows: Iterable[Kpi], folder: Path) -> Path:
    """Write kpis.csv; a missing value is an empty field."""
    path = folder / FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Kpi._fields)
        writer.writerows((*row[:-2], _text(row.value), _text(row.n)) for row in rows)
    return path


def read(folder: Path) -> list[Kpi]:
    """Read the kpis.csv of a results folder."""
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return [_parsed(row) for row in reader]


def _parsed(row: list[str]) -> Kpi:
    indicator, unit, better, scope, group, value, n = row
    return Kpi(indicator, unit, better, scope, group, float(value or "nan"), float(n or "nan"))


def _text(number: float) -> str:
    """The shortest text that reads back as the same number."""
    if math.isnan(number):
        return ""
    return str(int(number)) if number.is_integer() else repr(number)
