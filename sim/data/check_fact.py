"""What every single fact is held to: grade, unit, range, categories, meaning in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import chain

from sim.data.facts import UNITS_WITHIN_ONE, Bound, Fact, spread
from sim.errors import Fault
from sim.names import Message, data_fault

GRADES = ("A", "B", "C")
ENTRIES = {"month": 12, "hour_of_day": 24, "weekday": 7, "festival_phase": 5}

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


def _messages(fact: Fact) -> Iterator[Message]:
    yield from _wording(fact)
    if isinstance(fact.value, bool):
        yield from _unit_is(fact, "boolean")
    elif isinstance(fact.value, str):
        yield from _category(fact)
    else:
        yield from _numbers(fact)


def _wording(fact: Fact) -> Iterator[Message]:
    odd = [name for name in fact.path.split(".") if not _NAME.fullmatch(name)]
    if odd:
        yield data_fault("name_form", names=", ".join(odd))
    if fact.grade not in GRADES:
        yield data_fault("grade", found=repr(fact.grade))
    if not fact.source.strip():
        yield data_fault("source_empty")
    if not fact.unit.strip():
        yield data_fault("unit_empty")
    if not fact.meaning.en.strip() or _CHINESE.search(fact.meaning.en):
        yield data_fault("meaning_en")
    if not _CHINESE.search(fact.meaning.zh):
        yield data_fault("meaning_zh")


def _unit_is(fact: Fact, unit: str) -> Iterator[Message]:
    if fact.unit != unit:
        yield data_fault(f"unit_of_{fact.kind}", found=repr(fact.unit), needed=unit)


def _category(fact: Fact) -> Iterator[Message]:
    yield from _unit_is(fact, "category")
    if fact.value not in fact.allowed:
        code = "not_among_allowed" if fact.allowed else "nothing_allowed"
        yield data_fault(code, found=repr(fact.value), allowed=", ".join(fact.allowed))


def _numbers(fact: Fact) -> Iterator[Message]:
    yield from _unit_by_name(fact)
    entries = _entries(fact)
    if not all(map(math.isfinite, chain(entries, _ends(fact.low), _ends(fact.high)))):
        yield data_fault("not_finite")
        return
    if not _same_length(fact, len(entries)):
        yield data_fault("bounds_length", count=len(entries))
        return
    yield from _range(fact)
    yield from _list(fact, entries)


def _unit_by_name(fact: Fact) -> Iterator[Message]:
    name = fact.path.rpartition(".")[2]
    ending = next((ending for ending in UNIT_BY_ENDING if name.endswith(ending)), "")
    # What is said "per" something else has that in its unit: price_per_income_share is no share.
    if not ending or "_per_" in name.removesuffix(ending):
        return
    units = UNIT_BY_ENDING[ending]
    if fact.unit not in units:
        promised = " / ".join(sorted(units))
        yield data_fault("unit_by_name", found=repr(fact.unit), ending=ending, units=promised)


def _entries(fact: Fact) -> tuple[float, ...]:
    return fact.value if isinstance(fact.value, tuple) else (float(fact.value),)


def _ends(bound: Bound) -> tuple[float, ...]:
    if bound is None:
        return ()
    return bound if isinstance(bound, tuple) else (bound,)


def _same_length(fact: Fact, length: int) -> bool:
    return all(not isinstance(bound, tuple) or len(bound) == length for bound in (fact.low, fact.high))


def _range(fact: Fact) -> Iterator[Message]:
    if not fact.within_range():
        yield data_fault("outside_own_range", found=fact.value, low=fact.low, high=fact.high)
    length = len(_entries(fact))
    lows, highs = spread(fact.low or 0.0, length), spread(fact.high or 0.0, length)
    if fact.unit in UNITS_WITHIN_ONE and not all(0 <= bound <= 1 for bound in chain(lows, highs)):
        yield data_fault("bounds_of_share", unit=fact.unit)


def _list(fact: Fact, entries: tuple[float, ...]) -> Iterator[Message]:
    if not isinstance(fact.value, tuple):
        return
    expected = ENTRIES.get(fact.index, len(entries))
    if len(entries) != expected:
        yield data_fault("entries", found=len(entries), index=fact.index, needed=expected)
    total = math.fsum(entries)
    if fact.unit == "share" and any(entries) and abs(total - 1) > TOLERANCE:
        yield data_fault("shares_sum", total=f"{total:.6g}")
