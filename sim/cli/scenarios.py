"""``jiazheng list``: the scenarios at hand, and what they can be made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import AsJson, Lang, Quiet, face_of

Folder = Annotated[Path, typer.Option("--folder", help="Where to look for scenario files.")]
DEFAULT_FOLDER = Path("scenarios")


def list_all(
    context: typer.Context,
    folder: Folder = DEFAULT_FOLDER,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """List the scenarios in ./scenarios, the regions, the policies and the dispatchers, a line each.

    [bold]Examples[/bold]

      jiazheng list
      jiazheng list --folder my/scenarios --lang zh
    """
    face = face_of(context, lang, quiet, as_json)
    content = {
        "scenarios": _scenarios(folder, face.lang),
        "regions": _regions(face.lang),
        "policies": _policies(face.lang),
        "dispatchers": _dispatchers(face.lang),
    }
    if face.as_json:
        face.json(content)
        return
    for title, rows in content.items():
        if rows:
            face.table([face.word(title), ""], [tuple(row.values()) for row in rows])
            face.write("")
    if not content["scenarios"]:
        face.note("no_scenarios", folder=folder)


def _scenarios(folder: Path, lang: str) -> list[dict[str, Any]]:
    return [{"file": file.as_posix(), "name": _title(file, lang)} for file in sorted(folder.glob("*.yaml"))]


def _title(file: Path, lang: str) -> str:
    """Return a scenario's name; for a file that is not valid, its first fault."""
    from sim.cli.face import said
    from sim.scenario import examine

    found = examine(file)
    if found.scenario is None:
        return said(found.faults[0], lang)
    return str(getattr(found.scenario.settings.name, lang))


def _regions(lang: str) -> list[dict[str, Any]]:
    from sim.data import list_regions
    from sim.names import label

    return [{"region": region, "name": label(f"region.{region}", lang, region)} for region in list_regions()]


def _policies(lang: str) -> list[dict[str, Any]]:
    from sim.scenario import registered_policies
    from sim.scenario.policy_names import policy_meaning

    return [{"policy": name, "name": getattr(policy_meaning(name), lang)} for name in registered_policies()]


def _dispatchers(lang: str) -> list[dict[str, Any]]:
    from sim.names import label
    from sim.scenario import registered_dispatchers

    return [
        {"dispatcher": name, "name": label(f"dispatcher.{name}", lang)} for name in registered_dispatchers()
    ]
