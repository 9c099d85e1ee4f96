"""What a sweep shows, point by point: means, and differences to the reference point, with their intervals.

``summary.csv`` has a row a point and outcome: the point's columns, ``outcome``, ``unit``, ``replications``, ``mean``,
``low``, ``high`` (95% interval of the mean) and ``difference``, ``difference_low``, ``difference_high`` (to the first
point with the same uncertainties, replication by replication; empty for that point itself). Intervals are those of each
outcome by itself and measure chance alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.experiments.layout import COLLECTED, replacing
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, read_plan
from sim.experiments.points import Place, place_of, references
from sim.experiments.statistics import Interval, mean_interval
from sim.experiments.store import read_store
from sim.records.indicators import INDICATORS

FILE = "summary.csv"
COLUMNS = (
    "outcome", "unit", "replications", "mean", "low", "high", "difference", "difference_low", "difference_high",
)  # fmt: skip
Series = Mapping[int, float]
"""Observed values by replication."""


@dataclass(frozen=True)
class Line:
    """One outcome at one point.

    Attributes:
        place: The point's values.
        outcome, unit: Which outcome; the unit is "" where the task is not one of the market's.
        replications: Runs that observed it.
        mean: Its mean over them.
        interval: 95% interval of the mean; None with fewer than two.
        difference: To the reference point, from the replications that both observed; None for the reference itself.
    """

    place: Place
    outcome: str
    unit: str
    replications: int
    mean: float
    interval: Interval | None
    difference: Interval | None


def summarise(folder: Path) -> list[Line]:
    """Return what a study's recorded runs show, points in the order of the plan; write it beside the tables.

    Raises:
        StudyError: There is no sound plan.
        OutputError: The system refuses to write.
    """
    plan = read_plan(folder)
    lines = list(_lines(plan, _observed(plan, folder)))
    with replacing(folder / COLLECTED / FILE) as path, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*plan.columns, *COLUMNS))
        writer.writerows(_cells(line) for line in lines)
    return lines


def _observed(plan: Plan, folder: Path) -> dict[Place, dict[str, dict[int, float]]]:
    """Return the values of each point by outcome and replication."""
    store = read_store(folder)
    entries = [store.entries[run.identity] for run in plan.runs if run.identity in store.entries]
    outcomes: dict[str, Outcome] = {one.identity: one for one in store.outcomes(entries)}
    seen: dict[Place, dict[str, dict[int, float]]] = {place_of(run): {} for run in plan.runs}
    for run in plan.runs:
        found = outcomes.get(run.identity)
        if found is not None and found.ok:
            for name, value in found.values.items():
                if value is not None:
                    seen[place_of(run)].setdefault(name, {})[run.replication] = value
    return seen


def _lines(plan: Plan, seen: Mapping[Place, Mapping[str, Series]]) -> Iterator[Line]:
    for place, reference in references(plan).items():
        for name, values in seen[place].items():
            there = seen[reference].get(name, {}) if reference != place else {}
            yield Line(
                place,
                name,
                INDICATORS[name].unit if name in INDICATORS else "",
                len(values),
                sum(values.values()) / len(values),
                _interval(list(values.values())),
                _interval([values[number] - there[number] for number in values if number in there]),
            )


def _interval(values: Sequence[float]) -> Interval | None:
    return mean_interval(values) if len(values) > 1 else None


def _cells(line: Line) -> tuple[object, ...]:
    mean = ("", "") if line.interval is None else (line.interval.low, line.interval.high)
    found = line.difference
    difference = ("", "", "") if found is None else (found.estimate, found.low, found.high)
    return (*line.place, line.outcome, line.unit, line.replications, line.mean, *mean, *difference)
