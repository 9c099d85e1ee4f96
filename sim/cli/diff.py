"""``jiazheng diff``: what two scenarios really disagree about, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.explain import NO_UNITS, short_place, show_value
from sim.cli.options import AsJson, Lang, Quiet, ScenarioFile, face_of

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.scenario import Origin
    from sim.scenario.difference import Difference

LONGEST_CELL = 30

All = Annotated[
    bool, typer.Option("--all", help="Also each fact of the regions themselves, when they differ.")
]


def diff(
    context: typer.Context,
    first: ScenarioFile,
    second: ScenarioFile,
    everything: All = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare two resolved scenarios key by key: both values, and the file and line that set each.

    The order of keys, comments and the way a file is split by extends make no difference. Between two regions the
    facts of the regions themselves are counted, not listed.

    [bold]Examples[/bold]

      jiazheng diff scenarios/baseline.yaml scenarios/zhongshan.yaml
      jiazheng diff old.yaml new.yaml --json
    """
    from sim.cli.reading import read_scenario
    from sim.scenario.difference import differences

    face = face_of(context, lang, quiet, as_json)
    pair = (read_scenario(first), read_scenario(second))
    found = differences(*pair)
    if face.as_json:
        face.json([_record(one) for one in found])
        return
    shown = [one for one in found if everything or not one.regional]
    if shown:
        _show(face, shown)
    if len(shown) < len(found):
        face.note("regions_differ", count=len(found) - len(shown))
    same = pair[0].identity == pair[1].identity
    face.note("same_run" if same else "other_run", count=len(found))


def _show(face: Face, found: list[Difference]) -> None:
    rows = []
    for one in found:
        rows.append((one.key, "A", *_cells(face, one.first, one.unit, one.first_origin)))
        rows.append(("", "B", *_cells(face, one.second, one.unit, one.second_origin)))
    face.table([face.word("key"), "", face.word("value"), face.word("set_by")], rows)


def _cells(face: Face, value: Any, unit: str, origin: Origin | None) -> tuple[str, str]:
    if value is None:
        return "-", ""
    unit = "" if unit in NO_UNITS else unit
    return f"{show_value(value, LONGEST_CELL)} {unit}".rstrip(), short_place(origin, face.word("default"))


def _record(one: Difference) -> dict[str, Any]:
    """Return a difference as JSON values."""
    origins = [
        {"file": origin.file, "line": origin.line} if origin else None
        for origin in (one.first_origin, one.second_origin)
    ]
    return {
        "key": one.key,
        "first": one.first,
        "second": one.second,
        "first_set_by": origins[0],
        "second_set_by": origins[1],
        "unit": one.unit,
        "regional": one.regional,
    }
