"""``jiazheng calibrate``: which values of the uncertain parameters the published figures do not rule out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Lang, Quiet, Timeout, Workers, face_of
from sim.cli.study_progress import stoppable, study_progress
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.calibration.history import Wave

File = Annotated[Path, typer.Argument(metavar="FILE", help="A calibration file.", show_default=False)]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="DIR", help="The study's folder; results/<file> if not given."),
]


def calibrate(
    context: typer.Context,
    file: File,
    into: Into = None,
    workers: Workers = None,
    timeout: Timeout = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Rule out parameter values by published figures, wave by wave, and keep the sets that remain.

    Runs that are recorded are not made again: give the same command to go on.

    [bold]Examples[/bold]

      jiazheng calibrate my_calibration.yaml
    """
    from sim.experiments.calibration.calibrate import calibrate as make
    from sim.experiments.engines.local import LocalEngine

    face = face_of(context, lang, quiet, as_json)
    folder = into or Path("results") / f"calibrate-{file.stem}"
    progress = study_progress(face, "sweep_progress")
    with stoppable(face, face.command):
        found = make(file, folder, LocalEngine(workers, timeout), progress=progress, heard=_tell(face))
    if face.as_json:
        face.json({"folder": str(folder), **found})
        return
    _show(face, found)
    face.write(label("run.results", face.lang).format(folder=folder))


def _tell(face: Face) -> Any:
    def heard(wave: Wave) -> None:
        details = {"number": wave.number, "runs": wave.runs, "accepted": wave.accepted}
        face.note("calibration_wave", left=f"{wave.left:.2%}", **details)

    return heard


def _show(face: Face, found: dict[str, Any]) -> None:
    def word(name: str) -> str:
        return label(f"calibration.{name}", face.lang)

    face.write(word("split").format(sha256=found["targets_sha256"]))
    face.write(word("sets").format(sets=found["sets"], worth=f"{found['worth_sets']:.1f}"))
    rows = [
        (name, *("–" if one[key] is None else f"{one[key]:.4g}" for key in ("published", "mean", "sd")))
        for name, one in found["targets"].items()
    ]
    face.table([word(name) for name in ("target", "published", "mean", "sd")], rows, [1, 2, 3])
    for key, one in found["parameters"].items():
        said = word("stays") if one["stays_at_prior"] else f"{one['spread_left']:.0%}"
        face.text(f"{key}: {said}")
