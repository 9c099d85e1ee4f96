"""``jiazheng diff``: what two scenarios really disagree about, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Lang, Quiet, ScenarioFile, face_of
from sim.cli.values import NO_UNITS, show_value

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.scenario import Origin
    from sim.scenario.difference import Difference

VALUE_WIDTH = 24
LONGEST_VALUE = 48

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

      jiazheng diff scenarios/baseline.yaml mine.yaml
      jiazheng diff old.yaml new.yaml --json
    """
    from sim.scenario import load_scenario
    from sim.scenario.difference import differences

    face = face_of(context, lang, quiet, as_json)
    pair = (load_scenario(first), load_scenario(second))
    found = differences(*pair)
    if face.as_json:
        face.json([_record(one) for one in found])
        return
    shown = [one for one in found if everything or not one.regional]
    names = [str(getattr(scenario.settings.name, face.lang)) for scenario in pair]
    face.rows([("A", first.as_posix(), names[0]), ("B", second.as_posix(), names[1])])
    for one in shown:
        _show(face, one.key, one)
    if len(shown) < len(found):
        face.note("regions_differ", count=len(found) - len(shown))
    same = pair[0].identity == pair[1].identity
    face.note("same_run" if same else "other_run", count=len(found))


def _show(face: Face, key: str, one: Difference) -> None:
    """Show a key with its value and its place in either scenario."""
    face.write(key)
    face.rows(
        [
            ("A", _value(one.first, one.unit), _place(face, one.first, one.first_origin)),
            ("B", _value(one.second, one.unit), _place(face, one.second, one.second_origin)),
        ],
        widths=(1, VALUE_WIDTH),
    )


def _value(value: Any, unit: str) -> str:
    unit = "" if value is None or unit in NO_UNITS else unit
    return f"{show_value(value, LONGEST_VALUE)} {unit}".rstrip()


def _place(face: Face, value: Any, origin: Origin | None) -> str:
    if value is None:
        return ""
    return origin.place if origin else face.word("default")


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
