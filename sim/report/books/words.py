"""What the facts behind a contradiction say, in lines that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.data.sources import all_sources

if TYPE_CHECKING:
    from sim.data.facts import Bound, FactTree
    from sim.report.books.observed import Tension


class Said(NamedTuple):
    """One fact of a contradiction: its mark or path, what it is about, its value, its source and grade."""

    name: str
    subject: str
    value: str
    source: str
    grade: str


def contradicting(tension: Tension) -> list[Said]:
    """Return the observations that contradict one another."""
    known = all_sources()
    return [Said(*known[mark]) for mark in tension.marks]


def taken_instead(tension: Tension, facts: FactTree, lang: str) -> list[Said]:
    """Return the facts that the model holds, of those that the region has."""
    found = [facts[path] for path in tension.taken if path in facts]
    return [
        Said(
            fact.path,
            getattr(fact.meaning, lang),
            f"{_number(fact.value)}{_range(fact.low, fact.high)} {fact.unit}",
            fact.source,
            fact.grade,
        )
        for fact in found
    ]


def _number(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, (int, float)) else str(value)


def _range(low: Bound, high: Bound) -> str:
    return "" if low is None or low == high else f" ({_number(low)} to {_number(high)})"
