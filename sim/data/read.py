"""Turn what a data file says into facts, noting every fault on the way."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sim.data.catalogue_meaning import QUANTITY, REGION_FACT, meaning_of, unknown
from sim.data.facts import Bound, Fact, Meaning, Value
from sim.data.yamlfile import Leaf, read_leaves, read_text
from sim.errors import Fault
from sim.names import Message, data_fault, joined

REQUIRED = ("value", "unit", "grade", "source", "meaning")
OPTIONAL = ("low", "high", "allowed", "index")
DISTRICT_COLUMNS = ("district", "quantity", "value", "low", "high", "unit", "year", "source", "grade")
MAY_BE_EMPTY = ("low", "high", "year")


@dataclass
class Reading:
    """Facts read from one or more files, and the faults met."""

    facts: dict[str, Fact] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, fact: Fact) -> None:
        """Take a fact; one that is already there is a fault."""
        first = self.facts.setdefault(fact.path, fact)
        if first is not fact:
            message = data_fault("fact_twice", place=first.origin)
            self.faults.append(Fault(message, fact.file, fact.line, fact.path))


def read_family(path: Path, shown_as: str, family: str, into: Reading) -> None:
    """Read a parameter or services file, whose single top key must be `family`."""
    read = read_leaves(path, shown_as)
    into.faults.extend(read.faults)
    for leaf in read.leaves:
        if leaf.path.split(".")[0] != family:
            message = data_fault("outside_top_key", family=family)
            into.faults.append(Fault(message, shown_as, leaf.line, leaf.path))
            continue
        _take(leaf, shown_as, into)


def read_region(path: Path, shown_as: str, into: Reading) -> dict[str, Fact]:
    """Read a region's YAML file: its `region` facts go into `into`, its overrides are returned.

    A region's fact may leave out its meaning, which all regions share; an override may leave out unit, meaning,
    allowed and index, which it has from the fact that it overrides.
    """
    read = read_leaves(path, shown_as)
    into.faults.extend(read.faults)
    overrides: dict[str, Fact] = {}
    for leaf in read.leaves:
        top, _, rest = leaf.path.partition(".")
        if top == "region":
            _take_region_fact(leaf, shown_as, into)
        elif top == "overrides":
            _override(Leaf(rest, leaf.line, leaf.keys), shown_as, into, overrides)
        else:
            message = data_fault("top_keys")
            into.faults.append(Fault(message, shown_as, leaf.line, leaf.path))
    return overrides


def _take_region_fact(leaf: Leaf, file: str, into: Reading) -> None:
    name = leaf.path.partition(".")[2]
    meaning = meaning_of(REGION_FACT, name)
    if meaning is None:
        into.faults.append(Fault(unknown(REGION_FACT, name), file, leaf.line, leaf.path))
        return
    _take(Leaf(leaf.path, leaf.line, {"meaning": meaning._asdict(), **leaf.keys}), file, into)


def read_districts(path: Path, shown_as: str, into: Reading) -> None:
    """Read a region's districts, a CSV file with one row per district and quantity."""
    rows = csv.DictReader(read_text(path, shown_as).splitlines())
    if tuple(rows.fieldnames or ()) != DISTRICT_COLUMNS:
        into.faults.append(Fault(data_fault("columns", columns=", ".join(DISTRICT_COLUMNS)), shown_as, 1))
        return
    for row in rows:
        _take_district_row(row, shown_as, rows.line_num, into)


def _take_district_row(row: Mapping[str, str], file: str, line: int, into: Reading) -> None:
    message = _row_fault(row)
    meaning = None if message else meaning_of(QUANTITY, row["quantity"])
    if meaning is None:
        into.faults.append(Fault(message or unknown(QUANTITY, row["quantity"]), file, line))
    else:
        into.add(_district_fact(row, meaning, file, line))


def _row_fault(row: Mapping[str, str]) -> Message:
    """Say what is wrong with a row as a row; empty when nothing is."""
    if set(row) != set(DISTRICT_COLUMNS) or None in row.values():
        return data_fault("row_columns", count=len(DISTRICT_COLUMNS), columns=", ".join(DISTRICT_COLUMNS))
    empty = [column for column in DISTRICT_COLUMNS if not row[column] and column not in MAY_BE_EMPTY]
    if empty:
        return data_fault("must_be_filled", columns=", ".join(empty))
    odd = [column for column in ("value", "low", "high") if row[column] and not _reads_as_number(row[column])]
    return joined(data_fault("no_number", column=column, found=repr(row[column])) for column in odd)


def _reads_as_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _district_fact(row: Mapping[str, str], meaning: Meaning, file: str, line: int) -> Fact:
    source = f"{row['year']}: {row['source']}" if row["year"].strip("-") else row["source"]
    value = float(row["value"])
    return Fact(
        path=f"districts.{row['district']}.{row['quantity']}",
        value=int(value) if value.is_integer() and "." not in row["value"] else value,
        unit=row["unit"],
        low=float(row["low"] or value),
        high=float(row["high"] or value),
        source=source,
        grade=row["grade"],
        meaning=meaning,
        file=file,
        line=line,
    )


def _take(leaf: Leaf, file: str, into: Reading) -> None:
    faults = key_faults(leaf, file)
    into.faults.extend(faults)
    if not faults:
        into.add(fact_of(leaf, file))


def _override(leaf: Leaf, file: str, into: Reading, overrides: dict[str, Fact]) -> None:
    base = into.facts.get(leaf.path)
    if base is None:
        near = get_close_matches(leaf.path, into.facts, n=1)
        message = (
            data_fault("overrides_nothing_near", near=near[0]) if near else data_fault("overrides_nothing")
        )
        into.faults.append(Fault(message, file, leaf.line, leaf.path))
        return
    if leaf.keys.get("unit", base.unit) != base.unit:
        message = data_fault("overrides_other_unit", found=leaf.keys["unit"], needed=base.unit)
        into.faults.append(Fault(message, file, leaf.line, leaf.path))
        return
    inherited = {"unit": base.unit, "meaning": base.meaning._asdict()}
    inherited |= {"allowed": list(base.allowed)} if base.allowed else {}
    inherited |= {"index": base.index} if base.index else {}
    whole = Leaf(leaf.path, leaf.line, inherited | dict(leaf.keys))
    faults = key_faults(whole, file)
    into.faults.extend(faults)
    if not faults:
        overrides[leaf.path] = fact_of(whole, file)


def key_faults(leaf: Leaf, file: str) -> list[Fault]:
    """What keeps a leaf from being a fact: keys missing, unknown or of the wrong form."""
    missing = [key for key in REQUIRED if leaf.keys.get(key) in (None, "")]
    unknown = sorted(set(leaf.keys) - {*REQUIRED, *OPTIONAL})
    messages = []
    if missing:
        messages.append(data_fault("lacks", names=", ".join(missing)))
    if unknown:
        known = ", ".join((*REQUIRED, *OPTIONAL))
        messages.append(data_fault("unknown_keys", names=", ".join(unknown), known=known))
    messages.extend(_form_faults(leaf.keys))
    return [Fault(message, file, leaf.line, leaf.path) for message in messages]


def _form_faults(keys: Mapping[str, Any]) -> list[Message]:
    messages = _value_faults(keys)
    texts = (key for key in ("unit", "grade", "source", "index") if not isinstance(keys.get(key, ""), str))
    messages.extend(data_fault("must_be_text", key=key) for key in texts)
    meaning = keys.get("meaning", {})
    if not isinstance(meaning, dict) or (meaning and set(meaning) != {"en", "zh"}):
        messages.append(data_fault("meaning_form"))
    if not isinstance(keys.get("allowed", []), list):
        messages.append(data_fault("allowed_form"))
    return messages


def _value_faults(keys: Mapping[str, Any]) -> list[Message]:
    value = keys.get("value")
    listed = isinstance(value, list)
    if isinstance(value, dict) or (listed and not (value and all(map(_is_number, value)))):
        return [data_fault("value_form")]
    messages = [data_fault("bound_form", key=key) for key in ("low", "high") if not _is_bound(keys.get(key))]
    if listed or _is_number(value):
        lacking = [key for key in ("low", "high") if keys.get(key) is None]
        messages.extend(data_fault("bound_lacking", key=key) for key in lacking)
    if listed and not keys.get("index"):
        messages.append(data_fault("index_lacking"))
    return messages


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_bound(value: object) -> bool:
    return value is None or _is_number(value) or (isinstance(value, list) and all(map(_is_number, value)))


def fact_of(leaf: Leaf, file: str) -> Fact:
    """The fact that a faultless leaf states."""
    keys = leaf.keys
    value: Value = tuple(keys["value"]) if isinstance(keys["value"], list) else keys["value"]
    numeric = isinstance(value, tuple) or _is_number(value)
    return Fact(
        path=leaf.path,
        value=value,
        unit=keys["unit"],
        low=_bound(keys["low"]) if numeric else None,
        high=_bound(keys["high"]) if numeric else None,
        source=keys["source"],
        grade=keys["grade"],
        meaning=Meaning(str(keys["meaning"]["en"]), str(keys["meaning"]["zh"])),
        allowed=tuple(str(entry) for entry in keys.get("allowed", [])),
        index=keys.get("index", ""),
        file=file,
        line=leaf.line,
    )


def _bound(value: Any) -> Bound:
    return tuple(value) if isinstance(value, list) else value
