"""``jiazheng explain``: where every value of a scenario comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.explain_policies import POLICIES, policy_of, show_meanings, show_no_policy, standing
from sim.cli.options import AsJson, Lang, Overrides, Quiet, ScenarioFile, face_of
from sim.cli.values import show_value, unit_of, with_unit

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.data.sources import Source
    from sim.scenario import Origin, Scenario
    from sim.scenario.explain import Explanation

KeyArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[KEY]", help="A setting or a fact, or the beginning of some.", show_default=False
    ),
]
LONGEST_CELL = 24

CHANGED = "*"
"""Stands in place of the grade of a value that the scenario sets itself."""


def explain(
    context: typer.Context,
    file: ScenarioFile,
    key: KeyArgument = None,
    override: Overrides = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Explain a scenario: value, unit and range of a key, who set it, what it overrode, its source.

    Without KEY: everything that the scenario changes. KEY may be the beginning of several keys. A policy is explained
    with all that it can be told, set or not.

    [bold]Examples[/bold]

      jiazheng explain scenarios/baseline.yaml
      jiazheng explain scenarios/baseline.yaml scale
      jiazheng explain scenarios/baseline.yaml travel.ebike
      jiazheng explain scenarios/elder_voucher.yaml policies
    """
    from sim.scenario import load_scenario
    from sim.scenario.explain import explain_changes, explain_key

    face = face_of(context, lang, quiet, as_json)
    scenario = _with_its_calendar(load_scenario(file, override or ()), key)
    found = explain_key(scenario, key) if key else explain_changes(scenario)
    if not key and not face.as_json:
        face.write(scenario.settings.name.zh if face.lang == "zh" else scenario.settings.name.en)
    if face.as_json:
        face.json([_record(entry) for entry in found])
    elif key == POLICIES and not scenario.policies:
        show_no_policy(face, scenario, str(file))
    elif [entry.key for entry in found] == [key]:
        _show_one(face, found[0], standing(face, scenario, key or ""))
    else:
        _show_many(face, key or "", found, standing(face, scenario, key or ""))
        if key and policy_of(key) is not None:
            show_meanings(face, key, found)
    if not key and not face.as_json:
        face.note("explain_more", file=file, facts=len(scenario.facts))


def _with_its_calendar(scenario: Scenario, key: str | None) -> Scenario:
    """The scenario as it runs, where its calendar is asked for: a file seldom states one."""
    if key is None or key.split(".", maxsplit=1)[0] != "calendar":
        return scenario
    from sim.records.run import with_calendar

    return with_calendar(scenario)


def _show_one(face: Face, entry: Explanation, words: str) -> None:
    face.write(entry.key)
    face.write(f"  {entry.meaning.zh if face.lang == 'zh' else entry.meaning.en}")
    if words:
        face.write(f"  {words}")
    lines = [("value", _value(face, entry))]
    if entry.allowed:
        lines.append(("allowed", ", ".join(entry.allowed)))
    lines += [
        (name, _range(face, low, high, unit_of(entry)))
        for name, low, high in (
            ("range", entry.low, entry.high),
            ("documented", entry.documented_low, entry.documented_high),
        )
        if (low, high) != (None, None)
    ]
    if entry.default is not None and (entry.chain or entry.value is None):
        lines.append(("default", with_unit(entry.default, entry)))
    lines.append(("set_by", entry.chain[-1].place if entry.chain else face.word("default")))
    lines += [("instead_of", f"{show_value(one.value)}  ({one.place})") for one in reversed(entry.chain[:-1])]
    if entry.source:
        lines.append(("source", entry.source))
        lines += [("behind", _observation(source)) for source in entry.behind]
    if entry.grade:
        lines.append(("grade", f"{entry.grade}: {face.word(f'grade_{entry.grade.lower()}')}"))
    if entry.changed and entry.source:
        # Source and grade speak for the value that they come with, not for one that was put in its place.
        lines.append(("note", face.word("of_the_default")))
    face.rows([(face.word(name) if name != "behind" else "", text) for name, text in lines])


def _range(face: Face, low: Any, high: Any, unit: str) -> str:
    """A range as a line shows it; an end that is None is open."""
    ends = ["..." if end is None else show_value(end) for end in (low, high)]
    return f"{ends[0]} {face.word('to')} {ends[1]} {unit}".rstrip()


def _observation(source: Source) -> str:
    """A collected observation as a line below the fact's source."""
    grade = f" ({source.grade})" if source.grade else ""
    return f"[{source.mark}] {source.subject}: {source.value}. {source.source}{grade}"


def _value(face: Face, entry: Explanation) -> str:
    """The value in force; where there is none, what holds instead."""
    if entry.value is not None:
        return with_unit(entry.value, entry)
    if entry.unset is None:
        return face.word("not_set")
    return face.word("not_set_so").format(getattr(entry.unset, face.lang))


def _show_many(face: Face, key: str, found: list[Explanation], words: str) -> None:
    """Show a table; keys without the beginning that they share, files without their folders."""
    common = f"{key}." if key and all(entry.key.startswith(f"{key}.") for entry in found) else ""
    if common:
        face.write(f"{common}*")
    if words:
        face.write(f"  {words}")
    rows = [
        (
            entry.key.removeprefix(common),
            face.word("not_set") if entry.value is None else show_value(entry.value, LONGEST_CELL),
            unit_of(entry),
            CHANGED if entry.changed and entry.grade else entry.grade,
            short_place(entry.chain[-1] if entry.chain else None, face.word("default")),
        )
        for entry in found
    ]
    titles = [face.word(name) for name in ("key", "value", "unit", "grade", "set_by")]
    face.table(titles, rows)


def short_place(origin: Origin | None, default: str) -> str:
    """Return who set a value, a file by its name alone."""
    return origin.place.rsplit("/", 1)[-1] if origin else default


def _record(entry: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON values."""
    return {
        "key": entry.key,
        "value": entry.value,
        "unit": entry.unit,
        "low": entry.low,
        "high": entry.high,
        "documented_low": entry.documented_low,
        "documented_high": entry.documented_high,
        "allowed": list(entry.allowed),
        "default": entry.default,
        "required": entry.required,
        "unset": entry.unset._asdict() if entry.unset else None,
        "set_by": [{"value": one.value, "file": one.file, "line": one.line} for one in entry.chain],
        "source": entry.source,
        "grade": entry.grade,
        "behind": [source._asdict() for source in entry.behind],
        "meaning": entry.meaning._asdict(),
        "changed": entry.changed,
    }
