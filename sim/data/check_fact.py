"""What every single fact is held to: grade, unit, range, categories, meaning in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import chain

from sim.data.facts import UNITS_WITHIN_ONE, Bound, Fact, spread
from sim.errors import Fault

GRADES = ("A", "B", "C")
ENTRIES = {"month": 12, "hour_of_day": 24, "weekday": 7}

# The unit that a name's ending promises, longest ending first.
UNIT_BY_ENDING = {
    "_yuan_per_month": {"yuan/month"},
    "_yuan_per_year": {"yuan/year"},
    "_yuan_per_h": {"yuan/h"},
    "_km_per_h": {"km/h"},
    "_per_km2": {"persons/km2"},
    "_probability": {"probability"},
    "_months": {"months"},
    "_share": {"share"},
    "_years": {"years"},
    "_days": {"days"},
    "_km2": {"km2"},
    "_deg": {"deg"},
    "_min": {"min"},
    "_km": {"km"},
    "_h": {"h", "hour of day"},
}
TOLERANCE = 1e-6

_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def faults_of(fact: Fact) -> list[Fault]:
    """All faults of one fact."""
    return [Fault(message, fact.file, fact.line, fact.path) for message in _messages(fact)]


def _messages(fact: Fact) -> Iterator[str]:
    yield from _wording(fact)
    if isinstance(fact.value, bool):
        yield from _unit_is(fact, "boolean")
    elif isinstance(fact.value, str):
        yield from _category(fact)
    else:
        yield from _numbers(fact)


def _wording(fact: Fact) -> Iterator[str]:
    odd = [name for name in fact.path.split(".") if not _NAME.fullmatch(name)]
    if odd:
        yield f"{', '.join(odd)}: names are lower-case words, digits and single underscores"
    if fact.grade not in GRADES:
        yield f"grade is {fact.grade!r}; allowed: A read in a source, B recalled official statistic, C assumption"
    if not fact.source.strip():
        yield "source is empty"
    if not fact.unit.strip():
        yield "unit is empty"
    if not fact.meaning.en.strip() or _CHINESE.search(fact.meaning.en):
        yield "meaning.en must be English"
    if not _CHINESE.search(fact.meaning.zh):
        yield "meaning.zh must be Chinese"


def _unit_is(fact: Fact, unit: str) -> Iterator[str]:
    if fact.unit != unit:
        yield f"unit is {fact.unit!r}; for a {fact.kind} it must be {unit}"


def _category(fact: Fact) -> Iterator[str]:
    yield from _unit_is(fact, "category")
    if fact.value not in fact.allowed:
        yield f"{fact.value!r} is not among the allowed: {', '.join(fact.allowed) or '(none are given)'}"


def _numbers(fact: Fact) -> Iterator[str]:
    yield from _unit_by_name(fact)
    entries = _entries(fact)
    if not all(map(math.isfinite, chain(entries, _ends(fact.low), _ends(fact.high)))):
        yield "value, low and high must be finite"
        return
    if not _same_length(fact, len(entries)):
        yield f"low and high must be one number or {len(entries)} numbers, as value is"
        return
    yield from _range(fact)
    yield from _list(fact, entries)


def _unit_by_name(fact: Fact) -> Iterator[str]:
    name = fact.path.rpartition(".")[2]
    ending = next((ending for ending in UNIT_BY_ENDING if name.endswith(ending)), "")
    # What is said "per" something else has that in its unit: price_per_income_share is no share.
    if not ending or "_per_" in name.removesuffix(ending):
        return
    units = UNIT_BY_ENDING[ending]
    if fact.unit not in units:
        yield f"unit is {fact.unit!r}, but a name that ends in {ending} promises {' or '.join(sorted(units))}"


def _entries(fact: Fact) -> tuple[float, ...]:
    return fact.value if isinstance(fact.value, tuple) else (float(fact.value),)


def _ends(bound: Bound) -> tuple[float, ...]:
    if bound is None:
        return ()
    return bound if isinstance(bound, tuple) else (bound,)


def _same_length(fact: Fact, length: int) -> bool:
    return all(not isinstance(bound, tuple) or len(bound) == length for bound in (fact.low, fact.high))


def _range(fact: Fact) -> Iterator[str]:
    if not fact.within_range():
        yield f"value {fact.value} is outside its own range, {fact.low} to {fact.high}"
    length = len(_entries(fact))
    lows, highs = spread(fact.low or 0.0, length), spread(fact.high or 0.0, length)
    if fact.unit in UNITS_WITHIN_ONE and not all(0 <= bound <= 1 for bound in chain(lows, highs)):
        yield f"low and high of a {fact.unit} must lie between 0 and 1"


def _list(fact: Fact, entries: tuple[float, ...]) -> Iterator[str]:
    if not isinstance(fact.value, tuple):
        return
    expected = ENTRIES.get(fact.index, len(entries))
    if len(entries) != expected:
        yield f"{len(entries)} entries; index {fact.index} has {expected}"
    total = math.fsum(entries)
    if fact.unit == "share" and any(entries) and abs(total - 1) > TOLERANCE:
        yield f"the shares add to {total:.6g}, not to 1"
