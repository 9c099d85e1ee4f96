"""Facts: numbers and categories that describe the world, each with unit, range, source and grade.

A `FactTree` maps dotted paths to facts. Code asks it by path (`facts.number("travel.ebike.speed_km_per_h")`)
or fills a frozen dataclass from a whole branch (`facts.into(EBike, "travel.ebike")`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar, cast, get_type_hints

from sim.errors import DataError, UnknownFact

Value = float | int | str | bool | tuple[float, ...]
Bound = float | tuple[float, ...] | None

T = TypeVar("T")

UNITS_WITHIN_ONE = frozenset({"share", "probability"})


class Meaning(NamedTuple):
    """What a fact says, in both languages."""

    en: str
    zh: str


class Origin(NamedTuple):
    """Where a value was set: a file with a line, or the command line with line 0."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the world.

    Attributes:
        path: dotted path in the tree.
        value: number, category, truth value, or a tuple of numbers.
        unit: unit of the value; "category" for text, "boolean" for a truth value.
        low: lower end of the plausible range (scalar, or one per entry); None for text and truth values.
        high: upper end of the plausible range.
        source: where the value comes from, in words.
        grade: A read in a source, B recalled official statistic, C assumption.
        meaning: what it says, in English and Chinese.
        allowed: the categories that are allowed; empty for numbers.
        index: what the entries of a tuple stand for (hour_of_day, month ...); empty for scalars.
        file: the data file that set the value.
        line: the line in that file, counted from 1.
    """

    path: str
    value: Value
    unit: str
    low: Bound
    high: Bound
    source: str
    grade: str
    meaning: Meaning
    allowed: tuple[str, ...] = ()
    index: str = ""
    file: str = ""
    line: int = 0

    @property
    def origin(self) -> Origin:
        """File and line that set the value."""
        return Origin(self.file, self.line)

    @property
    def kind(self) -> str:
        """What sort of value it is: number, text, boolean or list of numbers."""
        return kind_of(self.value)

    def within_range(self, value: Value | None = None) -> bool:
        """Whether `value` (default: the fact's own) lies inside low and high, ends included."""
        tested = self.value if value is None else value
        if self.low is None or self.high is None or isinstance(tested, (str, bool)):
            return True
        entries = tested if isinstance(tested, tuple) else (tested,)
        lows, highs = spread(self.low, len(entries)), spread(self.high, len(entries))
        return all(low <= entry <= high for low, entry, high in zip(lows, entries, highs, strict=True))


def kind_of(value: object) -> str:
    """Name the sort of a value as messages print it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, tuple):
        return "list of numbers"
    return "text" if isinstance(value, str) else type(value).__name__


def spread(bound: float | tuple[float, ...], length: int) -> tuple[float, ...]:
    """A bound as one number per entry: a scalar bound holds for all of them."""
    return bound if isinstance(bound, tuple) else (bound,) * length


class FactTree(Mapping[str, Fact]):
    """Facts by dotted path, in sorted order. It never changes: `with_value` gives another tree."""

    def __init__(self, facts: Iterable[Fact], earlier: Mapping[str, tuple[Fact, ...]] | None = None) -> None:
        """Build a tree.

        Args:
            facts: the facts in force; a path may occur once.
            earlier: per path, the facts that the one in force overrode, oldest first.
        """
        self._facts = {fact.path: fact for fact in sorted(facts, key=lambda fact: fact.path)}
        self._paths = list(self._facts)
        self._earlier = dict(earlier or {})

    def __getitem__(self, path: str) -> Fact:
        try:
            return self._facts[path]
        except KeyError:
            raise UnknownFact(self._unknown(path)) from None

    def __contains__(self, path: object) -> bool:
        return path in self._facts

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, path: str, default: Any = None) -> Any:
        """The fact under `path`, or `default`."""
        return self._facts.get(path, default)

    def number(self, path: str) -> float:
        """The number under `path`, as a float."""
        return float(cast(float, self._value(path, "number")))

    def integer(self, path: str) -> int:
        """The whole number under `path`; a `DataError` if it has a fraction."""
        value = cast(float, self._value(path, "number"))
        if value != int(value):
            raise DataError(f"{self[path].origin}: {path} is {value}, a whole number is needed")
        return int(value)

    def text(self, path: str) -> str:
        """The category or text under `path`."""
        return cast(str, self._value(path, "text"))

    def flag(self, path: str) -> bool:
        """The truth value under `path`."""
        return cast(bool, self._value(path, "boolean"))

    def vector(self, path: str) -> tuple[float, ...]:
        """The list of numbers under `path`, as floats."""
        return tuple(
            float(entry) for entry in cast("tuple[float, ...]", self._value(path, "list of numbers"))
        )

    def children(self, prefix: str = "") -> tuple[str, ...]:
        """The names directly below `prefix`, sorted; empty when nothing lies there.

        `facts.children("districts")` gives the districts' ids.
        """
        skip = len(prefix) + 1 if prefix else 0
        return tuple(sorted({path[skip:].split(".", 1)[0] for path in self._below(prefix)}))

    def under(self, prefix: str) -> tuple[Fact, ...]:
        """All facts below `prefix`, at any depth, sorted by path."""
        return tuple(self._facts[path] for path in self._below(prefix))

    def into(self, kind: type[T], prefix: str) -> T:
        """Fill a dataclass from the branch at `prefix`.

        Field names are the names below `prefix`; a field is a float, int, str, bool, tuple[float, ...] or again a
        dataclass (a branch of its own). Every field must have its fact; facts without a field are left aside.

        Raises:
            UnknownFact: a field has no fact.
            DataError: a fact is not of the field's type.
        """
        values = {name: self._field(hint, f"{prefix}.{name}") for name, hint in _field_types(kind).items()}
        return kind(**values)

    def chain(self, path: str) -> tuple[Fact, ...]:
        """The fact under `path` after all those that it overrode, oldest first."""
        fact = self[path]
        return (*self._earlier.get(path, ()), fact)

    def with_fact(self, fact: Fact) -> FactTree:
        """A tree in which `fact` overrides what stood under its path."""
        earlier = {**self._earlier, fact.path: self.chain(fact.path)}
        return FactTree({**self._facts, fact.path: fact}.values(), earlier)

    def with_value(self, path: str, value: object, origin: Origin | str) -> FactTree:
        """A tree in which `path` has another value; unit, range and meaning stay.

        Args:
            path: path of a known fact.
            value: of the same kind as the fact's value; lists may be lists or tuples.
            origin: who set it; `explain` shows it.

        Raises:
            UnknownFact: no such path.
            DataError: wrong kind, category that is not allowed, wrong length, or below zero where the documented
                range is not.
        """
        place = Origin(origin) if isinstance(origin, str) else origin
        fact = self[path]
        accepted = accepted_value(fact, value, place)
        return self.with_fact(
            replace(fact, value=accepted, source=f"set by {place}", file=place[0], line=place[1])
        )

    def digest(self) -> str:
        """SHA-256 of all paths, values and units: equal digests mean equal worlds."""
        lines = (f"{fact.path}\t{fact.value!r}\t{fact.unit}" for fact in self._facts.values())
        return sha256("\n".join(lines).encode()).hexdigest()

    def _below(self, prefix: str) -> list[str]:
        if not prefix:
            return self._paths
        # "/" is the character after ".", so the range holds exactly the paths that start with "prefix."
        return self._paths[bisect_left(self._paths, f"{prefix}.") : bisect_left(self._paths, f"{prefix}/")]

    def _value(self, path: str, kind: str) -> Value:
        fact = self[path]
        if fact.kind != kind:
            raise DataError(f"{fact.origin}: {path} is a {fact.kind} ({fact.value!r}), a {kind} is needed")
        return fact.value

    def _field(self, hint: Any, path: str) -> Any:
        if is_dataclass(hint):
            return self.into(cast(type[Any], hint), path)
        reader = _READERS.get(hint)
        if reader is None:
            raise TypeError(f"{path}: a field of type {hint} cannot be filled from facts")
        return reader(self, path)

    def _unknown(self, path: str) -> str:
        if self._below(path):
            return f"{path} is a group of facts, not a fact; below it: {', '.join(self.children(path))}"
        near = get_close_matches(path, self._paths, n=3, cutoff=0.7)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return f"no fact has the path {path}{hint}"


_READERS: dict[Any, Callable[[FactTree, str], Any]] = {
    float: FactTree.number,
    int: FactTree.integer,
    str: FactTree.text,
    bool: FactTree.flag,
    tuple[float, ...]: FactTree.vector,
}


def _field_types(kind: type) -> dict[str, Any]:
    if not is_dataclass(kind):
        raise TypeError(f"{kind} is not a dataclass")
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind) if field.init}


def accepted_value(fact: Fact, value: object, place: Origin) -> Value:
    """`value` in the form that facts hold, if it may replace that of `fact`; else a `DataError` naming `place`."""
    offered = tuple(value) if isinstance(value, list) else value
    wrong = _wrong(fact, offered)
    if wrong:
        raise DataError(f"{place}: {fact.path}: {wrong}")
    return cast(Value, offered)


def _wrong(fact: Fact, value: object) -> str:
    """Say why `value` may not stand for `fact`; empty when it may."""
    if kind_of(value) != fact.kind:
        return f"{value!r} is a {kind_of(value)}, a {fact.kind} is needed"
    if isinstance(value, str):
        return _wrong_category(fact, value)
    if isinstance(value, bool):
        return ""
    return _wrong_numbers(fact, cast("float | tuple[float, ...]", value))


def _wrong_category(fact: Fact, value: str) -> str:
    if not fact.allowed or value in fact.allowed:
        return ""
    near = get_close_matches(value, fact.allowed, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{value!r} is not allowed here; allowed: {', '.join(fact.allowed)}{hint}"


def _wrong_numbers(fact: Fact, value: float | tuple[float, ...]) -> str:
    if isinstance(value, tuple) and isinstance(fact.value, tuple) and len(value) != len(fact.value):
        return f"{len(value)} numbers given, {len(fact.value)} are needed ({fact.index})"
    entries = value if isinstance(value, tuple) else (value,)
    for entry in entries:
        wrong = _wrong_number(fact, entry)
        if wrong:
            return wrong
    return ""


def _wrong_number(fact: Fact, entry: object) -> str:
    if isinstance(entry, bool) or not isinstance(entry, (int, float)):
        return f"{entry!r} is not a number"
    if not abs(entry) < float("inf"):
        return f"{entry!r} is not finite"
    if fact.unit in UNITS_WITHIN_ONE and not 0 <= entry <= 1:
        return f"{entry} is outside 0 to 1, as a {fact.unit} must be"
    if entry < 0 and _never_negative(fact):
        return f"{entry} is below 0; its range is {fact.low} to {fact.high} {fact.unit}"
    return ""


def _never_negative(fact: Fact) -> bool:
    if fact.low is None:
        return False
    return min(fact.low) >= 0 if isinstance(fact.low, tuple) else fact.low >= 0
