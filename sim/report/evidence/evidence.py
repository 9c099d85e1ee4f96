"""Each published figure beside what the runs say: in range or missed, and how near to an input it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.data.facts import FactTree
from sim.data.sources import behind, marks_in
from sim.errors import Fault
from sim.experiments.calibration.targets import Target
from sim.experiments.errors import StudyError
from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.mean import mean_interval
from sim.records.measures import unit_of_value
from sim.report.evidence.evidence_file import read_discussions
from sim.report.evidence.study import Answers, ParameterSet, Question
from sim.scenario.faults import fault, near
from sim.scenario.nodes import Place

PARTS = ("targets", "checks", "tests")
ELSEWHERE = "elsewhere"
"""Part of the figures of another region, which are shown and not judged."""
SETS_RANGE = (0.05, 0.95)
"""Quantiles of the parameter sets between which the second interval lies."""

Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Held:
    """A figure and what the runs say about it.

    Attributes:
        part: targets, checks, tests or elsewhere.
        name: Its id.
        figure: The published figure.
        interval: Of the mean over replications; None where a run has not observed it.
        sets: Range over the calibrated parameter sets; None without any.
        inputs: Paths of parameters whose source is the same observation.
    """

    part: str
    name: str
    figure: Target
    interval: Interval | None
    sets: tuple[float, float] | None
    inputs: tuple[str, ...]

    @property
    def value(self) -> float | None:
        """The model's value: the mean over replications."""
        return None if self.interval is None else self.interval.estimate

    @property
    def in_range(self) -> bool:
        """Whether the value lies in the published range, its ends included; never where nothing was observed."""
        low, high = self.figure.ends
        return self.value is not None and low <= self.value <= high

    @property
    def is_missed(self) -> bool:
        """Whether the figure is one of this region's and out of range."""
        return self.part != ELSEWHERE and not self.in_range

    @property
    def is_decided(self) -> bool:
        """Whether the interval lies wholly in the range or wholly outside."""
        low, high = self.figure.ends
        if self.interval is None:
            return True
        return not any(self.interval.low < end < self.interval.high for end in (low, high))

    @property
    def unit(self) -> str:
        """Unit of value and figure."""
        if self.figure.unit or self.figure.over is not None:
            return self.figure.unit or "ratio"
        return unit_of_value(self.figure.value)


@dataclass(frozen=True)
class Evidence:
    """All figures of a region.

    Attributes:
        held: In the order of the file: targets, checks, tests; then those of elsewhere.
        discussions: Paragraph by missed figure, with the numbers filled in.
    """

    held: tuple[Held, ...]
    discussions: Mapping[str, str]

    def part(self, name: str) -> tuple[Held, ...]:
        """Return the figures of a part."""
        return tuple(one for one in self.held if one.part == name)

    def inside(self, name: str) -> int:
        """Return how many figures of a part are in range."""
        return sum(one.in_range for one in self.part(name))

    @property
    def misses(self) -> tuple[Held, ...]:
        """Figures that are out of range."""
        return tuple(one for one in self.held if one.is_missed)


def held_of(question: Question, answers: Answers) -> tuple[Held, ...]:
    """Return each figure beside what the runs say."""
    cited = _paths_by_mark(question.facts)
    parts = {name: getattr(question.figures, name) for name in PARTS} | {ELSEWHERE: question.elsewhere}
    return tuple(
        Held(
            part,
            name,
            figure,
            _interval(figure, answers.runs),
            _range_of_sets(figure, answers.sets, question.sets),
            tuple(dict.fromkeys(path for mark in figure.marks for path in cited.get(mark, ()))),
        )
        for part, figures in parts.items()
        for name, figure in figures.items()
    )


def discussed(question: Question, held: Sequence[Held]) -> Evidence:
    """Return the figures with a discussion of every miss.

    Raises:
        StudyError: A miss has none, or one stands for a figure that is in range or that there is not.
    """
    file = question.path(question.content.discussion)
    written = read_discussions(file)
    missed = {one.name: one for one in held if one.is_missed}
    faults = tuple(_faults(written, missed, held, Place(str(file))))
    if faults:
        raise StudyError("\n".join(map(str, faults)), faults)
    return Evidence(tuple(held), {name: _filled(written[name], one) for name, one in missed.items()})


def number(value: float | None) -> str:
    """Return a value as the page and its paragraphs write it, with three digits that count."""
    if value is None:
        return "not observed"
    digits = 3 if abs(value) < 1000.0 else 0
    return f"{value:.{digits}g}" if digits else f"{value:,.0f}"


def _faults(
    written: Mapping[str, str], missed: Mapping[str, Held], held: Sequence[Held], place: Place
) -> Iterator[Fault]:
    for name, one in missed.items():
        if name not in written:
            low, high = map(number, one.figure.ends)
            yield fault("evidence_undiscussed", place, name=name, value=number(one.value), low=low, high=high)
    values = {one.name: one.value for one in held if one.part != ELSEWHERE}
    for name in written:
        if name in values and name not in missed:
            yield fault("evidence_discussed_in_range", place, name=name, value=number(values[name]))
        elif name not in values:
            yield fault("evidence_discussed_unknown", place, name=name, near=near(name, values))


def _filled(text: str, one: Held) -> str:
    low, high = one.figure.ends
    gaps = {"value": one.value, "published": one.figure.published, "low": low, "high": high}
    for gap, value in gaps.items():
        text = text.replace(f"{{{gap}}}", number(value))
    return " ".join(text.split())


def _interval(figure: Target, runs: Sequence[Values]) -> Interval | None:
    found = [figure.of(values) for values in runs]
    known = [value for value in found if value is not None]
    return mean_interval(known) if len(known) == len(found) else None


def _range_of_sets(
    figure: Target, answers: Sequence[Sequence[Values]], sets: Sequence[ParameterSet]
) -> tuple[float, float] | None:
    """Return the weighted quantiles of the sets' means."""
    pairs = []
    for runs, one in zip(answers, sets, strict=True):
        found = [value for value in map(figure.of, runs) if value is not None]
        if found:
            pairs.append((float(np.mean(found)), one.weight))
    if not pairs:
        return None
    values, weights = np.array(sorted(pairs)).T
    reached = np.cumsum(weights) / weights.sum()
    low, high = (values[int(np.searchsorted(reached, share))] for share in SETS_RANGE)
    return float(low), float(high)


def _paths_by_mark(facts: FactTree) -> dict[str, list[str]]:
    """Return by mark the paths of the facts whose source names it, itself or among all its parts."""
    found: dict[str, list[str]] = {}
    for path in facts:
        marks = {mark for fact in facts.chain(path) for mark in marks_in(fact.source)}
        for mark in {source.mark for one in marks for source in behind(one)} | marks:
            found.setdefault(mark, []).append(path)
    return found


def as_json(evidence: Sequence[Held]) -> dict[str, Any]:
    """Return the figures as JSON values."""
    return {
        one.name: {
            "part": one.part,
            "value": one.value,
            "interval": None if one.interval is None else [one.interval.low, one.interval.high],
            "sets": one.sets,
            "published": one.figure.published,
            "range": list(one.figure.ends),
            "unit": one.unit,
            "in_range": None if one.part == ELSEWHERE else one.in_range,
            "used_as_input": list(one.inputs),
        }
        for one in evidence
    }
