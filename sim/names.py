"""The one catalogue of names in English and Chinese; every label that a person reads comes from it.

An id is `<kind>.<member>`, for example `service.hourly_cleaning` or `order_state.completed`. The names lie in
`sim/data/names/*.csv` (columns id, en, zh); those of a region (districts, origins) in its own `names.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from sim.errors import DataError, Fault

LANGUAGES = ("en", "zh")
COLUMNS = ("id", *LANGUAGES)
BETWEEN = {"en": "; ", "zh": "；"}
"""What stands between two messages about one thing."""
_DATA = Path(__file__).parent / "data"


class Message(str):
    """What is wrong with a data file: a text in English that can also be said in Chinese.

    Attributes:
        parts: For each sentence its id in the catalogue and what fills its gaps; for one that is not from there the
            sentence itself and None.
    """

    parts: tuple[tuple[str, Mapping[str, object] | None], ...]

    def say(self, lang: str) -> str:
        """Return the words in a language."""
        return BETWEEN[lang].join(
            text if gaps is None else label(text, lang).format_map(gaps) for text, gaps in self.parts
        )


def data_fault(code: str, **gaps: object) -> Message:
    """Return what the catalogue says under ``data_fault.<code>``, its gaps filled."""
    return _message([(f"data_fault.{code}", gaps)])


def joined(messages: Iterable[str]) -> Message:
    """Return several messages as one."""
    return _message(
        part for one in messages for part in (one.parts if isinstance(one, Message) else [(one, None)])
    )


def _message(parts: Iterable[tuple[str, Mapping[str, object] | None]]) -> Message:
    given = tuple(parts)
    unsaid = Message()
    unsaid.parts = given
    said = Message(unsaid.say("en"))
    said.parts = given
    return said


def label(name_id: str, lang: str = "en", region: str | Path | None = None) -> str:
    """The name of a thing in a language.

    Args:
        name_id: id in the catalogue.
        lang: "en" or "zh".
        region: id or folder of the region whose own names count too (its districts, its workers' origins).

    Raises:
        DataError: the id or the language is unknown; the message names the file to edit.
    """
    if lang not in LANGUAGES:
        raise DataError(f"unknown language {lang}; known: {', '.join(LANGUAGES)}")
    names = catalogue(region)
    if name_id not in names:
        raise DataError(missing_name(name_id, region))
    return names[name_id][LANGUAGES.index(lang)]


@lru_cache(maxsize=16)
def catalogue(region: str | Path | None = None) -> Mapping[str, tuple[str, str]]:
    """All names by id as (English, Chinese), those of `region` included.

    Raises:
        DataError: a file is not well formed, or an id stands in two places.
    """
    names: dict[str, tuple[str, str]] = {}
    for path in _files(region):
        _read(path, names)
    return names


def group_name(scope: str, group: str, lang: str, region: str | Path | None) -> str:
    """Return the name of a group of a scope; its id where the catalogue has none (months, a user's own region)."""
    known, name_id = catalogue(region), f"{scope}.{group}"
    return known[name_id][LANGUAGES.index(lang)] if name_id in known else group


def _files(region: str | Path | None) -> list[Path]:
    shared = sorted((_DATA / "names").glob("*.csv"))
    return shared if region is None else [*shared, _region_file(region)]


def _region_file(region: str | Path) -> Path:
    packaged = _DATA / "regions" / region / "names.csv"
    return packaged if isinstance(region, str) and packaged.is_file() else Path(region) / "names.csv"


def _read(path: Path, names: dict[str, tuple[str, str]]) -> None:
    for line, row in _rows(path):
        if len(row) != len(COLUMNS) or not all(row):
            raise _fault(_said(path, "name_row", found=row), path, line)
        name_id, english, chinese = row
        if name_id in names:
            raise _fault(_said(path, "name_twice", name=name_id), path, line)
        names[name_id] = (english, chinese)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            rows = [(reader.line_num, row) for row in reader if row]
    except UnicodeDecodeError:
        raise _fault(_said(path, "names_not_utf8"), path) from None
    except OSError as error:
        raise _fault(_said(path, "unreadable", reason=error.strerror), path) from None
    if not rows or tuple(rows[0][1]) != COLUMNS:
        raise _fault(_said(path, "columns", columns=", ".join(COLUMNS)), path, 1)
    return rows[1:]


def _said(path: Path, code: str, **gaps: object) -> Message:
    """Return what is wrong with a file of names.

    A file of the shared catalogue, which holds the words for that, is told of in plain English.
    """
    if path.parent != _DATA / "names":
        return data_fault(code, **gaps)
    told = ", ".join(f"{name}: {value}" for name, value in gaps.items())
    return joined([f"{code.replace('_', ' ')} ({told})" if told else code.replace("_", " ")])


def _fault(message: Message, path: Path, line: int = 0) -> DataError:
    fault = Fault(message, _shown(path), line)
    return DataError(str(fault), (fault,))


def missing_name(name_id: str, region: str | Path | None = None) -> Message:
    """The message for an id without a name: the line to add, and the file to add it to."""
    near = get_close_matches(name_id, catalogue(region), n=1)
    file, line = home_file(name_id, region), f"{name_id},English,中文"
    if near:
        return data_fault("no_name_near", name=name_id, line=line, file=file, near=near[0])
    return data_fault("no_name", name=name_id, line=line, file=file)


def home_file(name_id: str, region: str | Path | None) -> str:
    """The file, as messages call it, in which an id belongs: that of its kind, or the region's own."""
    kind = name_id.partition(".")[0]
    shared = _DATA / "names" / f"{kind}.csv"
    if kind in REGIONAL and region is not None:
        return _shown(_region_file(region))
    for path in _files(region):
        if path != shared and any(row[0].startswith(f"{kind}.") for _, row in _rows(path)):
            return _shown(path)
    return _shown(shared)


# Kinds whose members each region names itself.
REGIONAL = ("region", "district", "origin")


def _shown(path: Path) -> str:
    return f"sim/data/{path.relative_to(_DATA).as_posix()}" if path.is_relative_to(_DATA) else str(path)
