"""``jiazheng run``: simulate a scenario and write its results."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    AsJson,
    Days,
    Lang,
    Overrides,
    Quiet,
    Scale,
    ScenarioFile,
    Seed,
    face_of,
    overrides_of,
)
from sim.errors import Fault, UserError
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.cli.progress import RunWatcher
    from sim.records.read import Results
    from sim.records.run import Run

Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder that gets the results folder.")]
Until = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Stop at this date; needs --save.")
]
Save = Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Save the run there at --until.")]
Resume = Annotated[Path | None, typer.Option("--resume", metavar="FILE", help="Go on from a saved run.")]
Force = Annotated[bool, typer.Option("--force", help="Run again even if these results are there.")]


def run(  # noqa: PLR0913, PLR0917  an option each
    context: typer.Context,
    file: ScenarioFile,
    seed: Seed = None,
    scale: Scale = None,
    days: Days = None,
    out: Out = Path("results"),
    override: Overrides = None,
    until: Until = None,
    save: Save = None,
    resume: Resume = None,
    force: Force = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Simulate a scenario, write its results and show the main indicators.

    The results folder is DIR/<scenario>-<seed>-<identity>; equal identity means an equal result, so a run whose results
    are there already is not made again. Ctrl-C saves the run and prints the command that goes on.

    [bold]Examples[/bold]

      jiazheng run scenarios/baseline.yaml
      jiazheng run scenarios/baseline.yaml --seed 2 --scale 0.002 --days 60
      jiazheng run scenarios/baseline.yaml --until 2026-07-01 --save half.run
      jiazheng run scenarios/baseline.yaml --resume half.run
    """
    from sim.records.run import execute, execute_until, plan
    from sim.scenario import load_scenario

    face = face_of(context, lang, quiet, as_json)
    settings = overrides_of(override, seed, scale, days)
    scenario = load_scenario(file, settings)
    planned = plan(scenario, out)
    known = planned.warnings()
    face.faults(known, "warning")
    command = _command(file, out, settings)
    if until is not None or save is not None:
        until_min, path = _stop(planned, until, save)
        with _watched(face, planned, command, until_min) as watcher:
            execute_until(planned, until_min, path, watcher, resume)
        _show_saved(face, planned, until_min, path, command)
        return
    done = None if force else planned.done()
    if done is None:
        with _watched(face, planned, command) as watcher:
            results = execute(planned, watcher, resume)
        _show(face, results, simulated=True)
        _warn_of(face, results, known)
    else:
        face.note("results_there")
        _show(face, done, simulated=False)
        _warn_of(face, done, known)


def _command(file: Path, out: Path, overrides: list[str]) -> str:
    """The command of this run without --resume, as one would type it."""
    given = (word for one in overrides for word in ([one] if one.startswith("--") else ["-o", one]))
    words = ["jiazheng", "run", str(file), *given]
    return shlex.join([*words, *([] if out == Path("results") else ["--out", str(out)])])


def _stop(planned: Run, until: str | None, save: Path | None) -> tuple[float, Path]:
    """When a run is to stop, in minutes since its start, and where it is saved."""
    from sim.clock import MINUTES_PER_DAY

    if until is None or save is None:
        raise _not_so("until_with_save")
    try:
        when = date.fromisoformat(until)
    except ValueError:
        raise _not_so("until_no_date", found=until) from None
    period = planned.period
    day = (when - period.start).days
    if not 0 < day <= period.days:
        raise _not_so("until_outside", found=until, start=period.start, end=period.date_of(period.days))
    return day * MINUTES_PER_DAY, save


def _not_so(code: str, **details: object) -> UserError:
    from sim.records.refusal import refusal

    return refusal(UserError, code, "--until", **details)


@contextmanager
def _watched(face: Face, planned: Run, command: str, until_min: float | None = None) -> Iterator[RunWatcher]:
    """Show the progress of the block's run; where Ctrl-C stopped it, say how to go on, and leave."""
    from sim.cli.progress import watching
    from sim.cli.stopping import stopping
    from sim.records.run import Stopped

    try:
        with (
            watching(planned, face.lang, until_min, quiet=face.quiet) as watcher,
            stopping(watcher, face),
        ):
            yield watcher
    except Stopped as stopped:
        _say_saved(face, planned, stopped.now_min, stopped.path, command)
        raise typer.Exit(stopped.exit_code) from None


def _say_saved(face: Face, planned: Run, now_min: float, path: Path, command: str) -> None:
    resume = f"{command} --resume {shlex.quote(str(path))}"
    face.note("run_saved", when=planned.period.moment(now_min), command=resume)


def _show_saved(face: Face, planned: Run, now_min: float, path: Path, command: str) -> None:
    if face.as_json:
        face.json({"saved": str(path), "now_min": now_min, "identity": planned.identity})
    _say_saved(face, planned, now_min, path, command)


def _show(face: Face, results: Results, *, simulated: bool) -> None:
    from sim.cli.indicator_table import show_results

    if face.as_json:
        face.json(_record(results, simulated=simulated))
        return
    show_results(face, results.manifest)
    face.write(label("run.results", face.lang).format(folder=results.folder))


def _warn_of(face: Face, results: Results, known: Sequence[Fault]) -> None:
    """Say at the end which warnings the run added, and that there are some."""
    warnings = results.manifest.warnings
    said = set(map(str, known))
    face.faults((Fault(text) for text in warnings if text not in said), "warning")
    if warnings:
        face.note("run_warnings", count=len(warnings), file="manifest.json")


def _record(results: Results, *, simulated: bool) -> dict[str, Any]:
    """The outcome as JSON values."""
    from sim.records.indicators import INDICATORS

    manifest = results.manifest
    return {
        "results": str(results.folder),
        "identity": manifest.identity,
        "seed": manifest.seed,
        "simulated_now": simulated,
        "seconds": manifest.timings["seconds"],
        "counts": manifest.counts,
        "digests": manifest.digests,
        "indicators": {
            name: {
                "value": value,
                "unit": INDICATORS[name].unit,
                "better": INDICATORS[name].better,
                "n": manifest.observations.get(name),
                "half_width": manifest.half_widths.get(name),
            }
            for name, value in manifest.indicators.items()
        },
        "warnings": list(manifest.warnings),
    }
