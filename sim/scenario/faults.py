"""Faults and warnings of scenario files: a code, the place, and the words from the catalogue of names.

The words stand in ``sim/data/names/message.csv`` in English and Chinese; a fault keeps what fills their gaps, so that
it can be said in either language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol, runtime_checkable

from sim.errors import Fault
from sim.names import label
from sim.scenario.nodes import Place

MOST_LISTED = 30
"""Allowed keys or values that a message lists before it says how many more there are."""


@runtime_checkable
class Sayable(Protocol):
    """What can be said in either language."""

    def say(self, lang: str) -> str:
        """Return the words."""


@dataclass(frozen=True)
class ScenarioFault(Fault):
    """A fault that can be said in both languages.

    Attributes:
        code: Its message's id in the catalogue, without ``message.``.
        details: What fills the gaps of the message, by name.
        column: Column in the line, from 1; 0 where it has none.
    """

    code: str = ""
    details: tuple[tuple[str, object], ...] = field(default=(), compare=False)
    column: int = 0

    def say(self, lang: str) -> str:
        """Return place, key and message in a language."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (where, self.path, words(self.code, self.details, lang)) if part)


def words(code: str, details: Iterable[tuple[str, object]], lang: str = "en") -> str:
    """Return a message with its gaps filled.

    A detail named ``near`` or ``allowed`` is a list and brings its own sentence, or nothing when it is empty.
    """
    gaps = {name: _filled(name, value, lang) for name, value in details}
    return label(f"message.{code}", lang).format_map(gaps).strip()


def _filled(name: str, value: object, lang: str) -> str:
    text = value.say(lang) if isinstance(value, Sayable) else str(value)
    if name not in {"near", "allowed"}:
        return text
    return label(f"message.{name}", lang).format(text) if text else ""


def fault(code: str, place: Place, path: str = "", **details: object) -> ScenarioFault:
    """Return a fault at a place; ``details`` fill the gaps of its message."""
    gaps = tuple(details.items())
    return ScenarioFault(words(code, gaps), place.file, place.line, path, code, gaps, place.column)


def near(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known words most like ``word`` (at most 3, comma-separated), or ""."""
    return ", ".join(get_close_matches(word, list(known), n=3, cutoff=cutoff))


def listed(known: Iterable[str]) -> str:
    """Return the known words as a message lists them."""
    names = list(known)
    more = f", ... ({len(names)})" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


@dataclass
class Findings:
    """What the checks found, in the order of finding; a key that has a fault gets no second one at its place."""

    faults: list[ScenarioFault] = field(default_factory=list)
    warnings: list[ScenarioFault] = field(default_factory=list)

    def add(self, *found: ScenarioFault) -> None:
        """Take faults."""
        for one in found:
            if not any(_same_key(one, known) for known in self.faults):
                self.faults.append(one)

    def warn(self, *found: ScenarioFault) -> None:
        """Take warnings."""
        self.warnings.extend(one for one in found if one not in self.warnings)


def _same_key(one: ScenarioFault, other: ScenarioFault) -> bool:
    return (one.file, one.line, one.path) == (other.file, other.line, other.path)
