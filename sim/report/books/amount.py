"""An amount with the range that its facts leave it, and the names of the facts that it was computed from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.data.sources import all_sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.data.facts import FactTree

_NUMBERS = re.compile(r"^(-?[\d.]+)(?: \((-?[\d.]+) to (-?[\d.]+)\))?")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that is not negative, with the ends of its range.

    Sums, products and quotients carry the ranges by interval arithmetic (Moore 1966): an amount lies between what all
    lows and all highs together make of it. A fact that occurs twice counts as two, so ranges are rather too wide.

    Attributes:
        value: The value.
        low: Lower end.
        high: Upper end.
        facts: Paths of facts and marks of sources behind it.
    """

    value: float
    low: float
    high: float
    facts: frozenset[str] = field(default=frozenset())

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.value + other.value, self.low + other.low, self.high + other.high, self.facts | other.facts
        )

    def __sub__(self, other: Amount) -> Amount:
        value, low, high = self.value - other.value, self.low - other.high, self.high - other.low
        return Amount(max(value, 0.0), max(low, 0.0), max(high, 0.0), self.facts | other.facts)

    def __mul__(self, other: Amount) -> Amount:
        return Amount(
            self.value * other.value, self.low * other.low, self.high * other.high, self.facts | other.facts
        )

    def __truediv__(self, other: Amount) -> Amount:
        return Amount(
            self.value / other.value, self.low / other.high, self.high / other.low, self.facts | other.facts
        )

    def meets(self, other: Amount) -> bool:
        """Return whether the two ranges have a value in common."""
        return self.low <= other.high and other.low <= self.high


def exact(value: float) -> Amount:
    """Return a number without a range."""
    return Amount(value, value, value)


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the sum."""
    return sum(amounts, start=exact(0.0))


def of_fact(facts: FactTree, path: str) -> Amount:
    """Return a fact's value with its documented range; a value set outside of it widens the range."""
    fact, value = facts[path], facts.number(path)
    low = value if fact.low is None or isinstance(fact.low, tuple) else min(fact.low, value)
    high = value if fact.high is None or isinstance(fact.high, tuple) else max(fact.high, value)
    return Amount(value, low, high, frozenset((path,)))


def of_source(mark: str, unit: float = 1.0) -> Amount:
    """Return what was observed under a mark of the table of sources, in units of ``unit``.

    Raises:
        ValueError: The observation is not a number.
    """
    found = _NUMBERS.match(all_sources()[mark].value)
    if found is None:
        raise ValueError(f"{mark} is not a number")
    value, low, high = (float(end or found[1]) * unit for end in found.groups())
    return Amount(value, low, high, frozenset((mark,)))
