"""What stands behind a mark such as [P006] in the source of a fact: one collected observation a row of sources.csv.

A mark is a letter and three digits, with a letter more where one observation has several parts ([D022a]), or has a
hyphen: E and X with two digits (effects, amounts of measures), S with three (measures as the cities name them). In a
pair of brackets stand one or several, and ranges ([S027-S029], [D022a-c]); a mark without the last letter means all of
its parts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).parent / "sources.csv"
_BRACKETS = re.compile(r"\[([^\[\]]+)\]")
_MARKS = re.compile(
    r"\b([A-Z])(\d{3})([a-z]?)(?:-(?:[A-Z](\d{3})([a-z]?)|([a-z])))?\b|\b([EX]-\d{2}|S-\d{3})\b"
)


class Source(NamedTuple):
    """One collected observation.

    Attributes:
        mark: What facts call it.
        subject: What was observed, where and when.
        value: What was found, its range in brackets, and the unit.
        source: Where it was read; a bracket gives the kind (O official, S survey or academic, P press, C company,
            V weak).
        grade: A, B or C as for facts, A1 to A3 where evidence was ranked within A; "" for a measure's own terms.
    """

    mark: str
    subject: str
    value: str
    source: str
    grade: str


def marks_in(text: str) -> list[str]:
    """The marks of a source's text in their order, ranges written out, none twice."""
    found = (mark for inside in _BRACKETS.findall(text) for mark in _marks(inside))
    return list(dict.fromkeys(found))


def _marks(inside: str) -> Iterator[str]:
    for match in _MARKS.finditer(inside):
        kind, number, part, last_number, _, last_part, hyphened = match.groups()
        if hyphened:
            yield hyphened
        elif last_part:
            yield from (f"{kind}{number}{chr(code)}" for code in range(ord(part), ord(last_part) + 1))
        else:
            last = int(last_number or number)
            yield from (f"{kind}{each:03d}{part}" for each in range(int(number), last + 1))


def sources_of(text: str) -> list[Source]:
    """What stands behind the marks of a source's text; a mark that the table does not know is left out."""
    return [source for mark in marks_in(text) for source in behind(mark)]


def behind(mark: str) -> list[Source]:
    """The row of a mark or, where it has none, those of its parts."""
    known = all_sources()
    parts = [mark] if mark in known else [one for one in known if one[:-1] == mark and one[-1].islower()]
    return [known[part] for part in parts]


@lru_cache(maxsize=1)
def all_sources() -> Mapping[str, Source]:
    """Every row of the table by its mark, in the file's order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {row[0]: Source(*row) for row in rows}
