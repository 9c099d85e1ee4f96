"""``jiazheng validate``: all faults of all files in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.face import Face
from sim.cli.options import AsJson, Days, Lang, Overrides, Quiet, Scale, Seed, face_of, overrides_of
from sim.errors import EXIT_USER_ERROR

if TYPE_CHECKING:
    from sim.scenario import Estimate, Examination
    from sim.scenario.faults import ScenarioFault

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Scenario files.", show_default=False)]


def validate(
    context: typer.Context,
    files: Files,
    seed: Seed = None,
    scale: Scale = None,
    days: Days = None,
    override: Overrides = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Check scenario files, and the files that they extend, and report every fault at once.

    Each fault names file and line, the key, what was found and what is allowed. Warnings do not make a file invalid.
    The exit status is 0 when all files are valid and 2 when one is not.

    [bold]Examples[/bold]

      jiazheng validate scenarios/baseline.yaml
      jiazheng validate scenarios/*.yaml --json
      jiazheng validate scenarios/baseline.yaml --scale 0.05 --days 60
    """
    face = face_of(context, lang, quiet, as_json)
    settings = overrides_of(override, seed, scale, days)
    checked = [(str(file), *_check(file, settings)) for file in files]
    if face.as_json:
        face.json([_record(name, found, needed, face.lang) for name, found, needed in checked])
    else:
        for name, found, needed in checked:
            _show(face, name, found, needed)
    if any(found.faults for _, found, _ in checked):
        raise typer.Exit(EXIT_USER_ERROR)


def _check(file: Path, overrides: list[str]) -> tuple[Examination, Estimate | None]:
    """Return what was found, warnings about space and resources included, and what a run would need."""
    from sim.records.space import space_warnings
    from sim.scenario import Examination, examine
    from sim.scenario.estimate import estimate_resources, resource_faults

    found = examine(file, overrides)
    if found.scenario is None:
        return found, None
    needed = estimate_resources(found.scenario)
    lacking = resource_faults(found.scenario, needed, Path())
    warnings = (*found.warnings, *space_warnings(found.scenario), *lacking)
    return Examination(found.scenario, (), warnings), needed


def _show(face: Face, name: str, found: Examination, needed: Estimate | None) -> None:
    from sim.scenario.estimate import megabytes

    face.faults(found.warnings, "warning")
    face.faults(found.faults)
    if needed is None:
        face.write(face.word("invalid").format(name=name, faults=len(found.faults)))
        return
    face.write(
        face.word("valid").format(
            name=name,
            warnings=len(found.warnings),
            memory=megabytes(needed.memory_bytes),
            disk=megabytes(needed.disk_bytes),
            orders=f"{needed.orders:,}",
        )
    )


def _record(name: str, found: Examination, needed: Estimate | None, lang: str) -> dict[str, Any]:
    """Return the outcome of one file as JSON values."""
    return {
        "file": name,
        "valid": not found.faults,
        "faults": [_fault_record(fault, lang) for fault in found.faults],
        "warnings": [_fault_record(fault, lang) for fault in found.warnings],
        "identity": found.scenario.identity if found.scenario else None,
        "estimate": vars(needed) if needed else None,
    }


def _fault_record(fault: ScenarioFault, lang: str) -> dict[str, Any]:
    from sim.scenario.faults import words

    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "key": fault.path,
        "code": fault.code,
        "message": words(fault.code, fault.details, lang),
    }
