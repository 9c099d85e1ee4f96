"""The one catalogue of names in English and Chinese; every label that a person reads comes from it.

An id is `<kind>.<member>`, for example `service.hourly_cleaning` or `order_state.completed`. The names lie in
`sim/data/names/*.csv` (columns id, en, zh); those of a region (districts, origins) in its own `names.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from sim.errors import DataError

LANGUAGES = ("en", "zh")
COLUMNS = ("id", *LANGUAGES)
_DATA = Path(__file__).parent / "data"


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


def _files(region: str | Path | None) -> list[Path]:
    shared = sorted((_DATA / "names").glob("*.csv"))
    return shared if region is None else [*shared, _region_file(region)]


def _region_file(region: str | Path) -> Path:
    packaged = _DATA / "regions" / region / "names.csv"
    return packaged if isinstance(region, str) and packaged.is_file() else Path(region) / "names.csv"


def _read(path: Path, names: dict[str, tuple[str, str]]) -> None:
    for line, row in _rows(path):
        if len(row) != len(COLUMNS) or not all(row):
            raise DataError(f"{_shown(path)}:{line}: id, English and Chinese name are needed, not {row}")
        name_id, english, chinese = row
        if name_id in names:
            raise DataError(f"{_shown(path)}:{line}: the id {name_id} has a name already")
        names[name_id] = (english, chinese)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            rows = [(reader.line_num, row) for row in reader if row]
    except UnicodeDecodeError:
        raise DataError(f"{_shown(path)}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise DataError(f"{_shown(path)}: cannot be read ({error.strerror})") from None
    if not rows or tuple(rows[0][1]) != COLUMNS:
        raise DataError(f"{_shown(path)}:1: the columns must be {', '.join(COLUMNS)}")
    return rows[1:]


def missing_name(name_id: str, region: str | Path | None = None) -> str:
    """The message for an id without a name: the line to add, and the file to add it to."""
    near = get_close_matches(name_id, catalogue(region), n=1)
    hint = f" (or did you mean {near[0]}?)" if near else ""
    return (
        f"no name for {name_id}: add the line `{name_id},English,中文` to {home_file(name_id, region)}{hint}"
    )


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
