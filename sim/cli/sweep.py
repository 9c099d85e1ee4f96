"""``jiazheng sweep``: studies of many runs, from a study file to tables."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Lang, Quiet, Timeout, Workers, face_of
from sim.cli.study_progress import stoppable, study_progress
from sim.errors import EXIT_FAILURE
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.sequential import Look
    from sim.experiments.status import Status

STANDING = ("planned", "done", "failed", "missing", "unplanned")
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Studies of many runs: plan, run, status, resume, collect, gc. They read and write files only.",
)
StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="A study file.", show_default=False)]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A study's folder.", show_default=False)]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="DIR", help="The study's folder; results/<study> if not given."),
]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Make runs again that have failed.")]
Replace = Annotated[bool, typer.Option("--replace", help="Let runs go that the study file no longer names.")]
Remove = Annotated[bool, typer.Option("--remove", help="Remove them; without it they are only counted.")]


@app.command()
def plan(
    context: typer.Context,
    study: StudyPath,
    into: Into = None,
    replace: Replace = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write the plan of a study file into its folder, or let a plan grow that is there; nothing is run."""
    from sim.experiments.sweep import plan_sweep

    face = face_of(context, lang, quiet, as_json)
    folder = into or Path("results") / study.stem
    written = plan_sweep(study, folder, replace=replace)
    if face.as_json:
        face.json({"folder": str(folder), **vars(written)})
        return
    numbers = {"added": written.added, "kept": written.kept, "dropped": written.dropped}
    face.write(label("sweep.planned", face.lang).format(folder=folder, **numbers))


@app.command()
def run(
    context: typer.Context,
    study: StudyPath,
    into: Into = None,
    workers: Workers = None,
    timeout: Timeout = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Plan a study file, make the runs that are missing, and collect the tables.

    [bold]Examples[/bold]

      jiazheng sweep run scenarios/sweeps/voucher_depth.yaml
    """
    from sim.experiments.sweep import plan_sweep

    face = face_of(context, lang, quiet, as_json)
    folder = into or Path("results") / study.stem
    plan_sweep(study, folder)
    _execute(face, folder, workers, timeout, retry_failed=False)


@app.command()
def resume(
    context: typer.Context,
    folder: Folder,
    workers: Workers = None,
    timeout: Timeout = None,
    retry_failed: RetryFailed = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make the runs of a planned study that are missing, and collect the tables."""
    _execute(face_of(context, lang, quiet, as_json), folder, workers, timeout, retry_failed=retry_failed)


@app.command()
def status(
    context: typer.Context, folder: Folder, lang: Lang = None, quiet: Quiet = False, as_json: AsJson = False
) -> None:
    """Say how a study stands, whoever works on it."""
    _show_status(face_of(context, lang, quiet, as_json), folder)


@app.command()
def collect(
    context: typer.Context, folder: Folder, lang: Lang = None, quiet: Quiet = False, as_json: AsJson = False
) -> None:
    """Write the tables of a study: outcomes, runs and failures, as Parquet."""
    from sim.experiments.collect import collect as write
    from sim.experiments.summary import summarise

    face = face_of(context, lang, quiet, as_json)
    collected = write(folder)
    summarise(folder)
    if face.as_json:
        face.json({"tables": str(collected.folder), "done": collected.done, "failed": collected.failed})
        return
    face.write(label("sweep.collected", face.lang).format(folder=collected.folder, done=collected.done))


@app.command()
def gc(
    context: typer.Context,
    folder: Folder,
    remove: Remove = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Count the records of runs that the plan no longer names, and remove them with --remove."""
    from sim.experiments.gc import gc as sweep_out

    face = face_of(context, lang, quiet, as_json)
    garbage = sweep_out(folder, dry_run=not remove)
    if face.as_json:
        face.json({"records": garbage.records, "removed": remove})
        return
    word = "sweep.removed" if remove else "sweep.garbage"
    face.write(label(word, face.lang).format(records=garbage.records))


def _execute(
    face: Face, folder: Path, workers: int | None, timeout: float | None, *, retry_failed: bool
) -> None:
    from sim.cli.precision import tell_looks
    from sim.experiments.collect import collect as write
    from sim.experiments.engines.local import LocalEngine
    from sim.experiments.memory import check_sweep_memory
    from sim.experiments.plan import read_plan
    from sim.experiments.status import status as read_status
    from sim.experiments.sweep import make_sweep

    progress = study_progress(face, "sweep_progress")
    engine = LocalEngine(workers, timeout)
    check_sweep_memory(read_plan(folder), engine, read_status(folder).missing)
    with stoppable(face, _going_on(folder, workers, timeout, retry_failed=retry_failed)):
        look = make_sweep(
            folder, engine, retry_failed=retry_failed, progress=progress, heard=tell_looks(face)
        )
    write(folder)
    found = _show_status(face, folder, look)
    _summarise(face, folder)
    if found.failed:
        _tell_failures(face, folder, found)


def _summarise(face: Face, folder: Path) -> None:
    """Write what the study shows point by point, and show it; a task of a user's own may have no numbers."""
    from sim.cli.summary_table import show_summary
    from sim.experiments.layout import COLLECTED
    from sim.experiments.plan import read_plan
    from sim.experiments.summary import FILE, summarise

    lines = summarise(folder)
    if not face.as_json:
        show_summary(face, lines, read_plan(folder).columns, folder / COLLECTED / FILE)


def _tell_failures(face: Face, folder: Path, found: Status) -> None:
    """Say where the failures stand; a study in which no run has a result has failed itself."""
    from sim.experiments.layout import COLLECTED

    file = folder / COLLECTED / "failures.parquet"
    face.note("study_failed_runs", failed=found.failed, folder=shlex.quote(str(folder)), file=file)
    if not found.done:
        raise typer.Exit(EXIT_FAILURE)


def _going_on(folder: Path, workers: int | None, timeout: float | None, *, retry_failed: bool) -> str:
    """The command that makes the runs that are still missing, in the same way."""
    numbers = {"--workers": workers, "--timeout": timeout}
    given = [word for name, number in numbers.items() if number is not None for word in (name, f"{number:g}")]
    flags = ["--retry-failed"] if retry_failed else []
    return shlex.join(["jiazheng", "sweep", "resume", str(folder), *given, *flags])


def _show_status(face: Face, folder: Path, look: Look | None = None) -> Status:
    from sim.experiments.status import status as read

    found = read(folder)
    if face.as_json:
        _show_json(face, folder, found, look)
    else:
        _show_words(face, folder, found, look)
    return found


def _show_json(face: Face, folder: Path, found: Status, look: Look | None) -> None:
    numbers = {name: getattr(found, name) for name in STANDING}
    first = None if found.first_failure is None else vars(found.first_failure)
    precision = {} if look is None else {"precision": vars(look)}
    conflicts = len(found.conflicts)
    face.json({"folder": str(folder), **numbers, "conflicts": conflicts, "first_failure": first, **precision})


def _show_words(face: Face, folder: Path, found: Status, look: Look | None) -> None:
    from sim.cli.precision import show_look

    numbers = {name: getattr(found, name) for name in STANDING}
    words = [label(f"sweep.{'planned_runs' if name == 'planned' else name}", face.lang) for name in numbers]
    face.rows([(word, f"{number:,}") for word, number in zip(words, numbers.values(), strict=True)])
    for (stage, kind), number in sorted(found.failures.items()):
        face.write(label("sweep.failure", face.lang).format(number=number, kind=kind, stage=stage))
    if found.first_failure is not None:
        face.text(label("sweep.first_failure", face.lang).format(message=found.first_failure.message))
    for damage in found.damages:
        face.write(label("sweep.damage", face.lang).format(path=damage.path, start=damage.start))
    for path in found.foreign:
        face.write(label("sweep.foreign", face.lang).format(path=path))
    if found.conflicts:
        face.write(label("sweep.conflicts", face.lang).format(number=len(found.conflicts)))
    if look is not None:
        show_look(face, look)
    face.write(label("run.results", face.lang).format(folder=folder))
