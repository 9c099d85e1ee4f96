"""``jiazheng compare``: what a policy changes, replication by replication, and how sure that is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.face import WIDTH
from sim.cli.options import AsJson, Days, Lang, Overrides, Quiet, Scale, Seed, face_of, overrides_of
from sim.cli.study_progress import study_progress
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.compared import Compared, Row
    from sim.experiments.engines.engine import Engine

Files = Annotated[
    list[Path],
    typer.Argument(metavar="A B [C ...]", help="Scenario files, the baseline first.", show_default=False),
]
Replications = Annotated[
    int, typer.Option("--replications", "-n", min=2, help="Pairs of runs, each pair with its own seed.")
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes; as many as there are processors if not given."),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder that gets the comparison's folder.")]
NoBranch = Annotated[
    bool,
    typer.Option("--no-branch", help="Simulate each world from its start, also where the past is common."),
]
All = Annotated[bool, typer.Option("--all", help="All indicators of the region, not only the main ones.")]
FEW = 10
TITLES = ("outcome", "baseline", "difference", "interval", "verdict")


def compare(  # noqa: PLR0913, PLR0917  an option each
    context: typer.Context,
    files: Files,
    replications: Replications = 10,
    seed: Seed = None,
    scale: Scale = None,
    days: Days = None,
    override: Overrides = None,
    workers: Workers = None,
    out: Out = Path("results"),
    no_branch: NoBranch = False,
    show_all: All = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare scenarios with a baseline: differences, 95% intervals and a verdict for each outcome.

    Each replication runs all scenarios with one seed, so that they differ by the policy and not by chance. What they
    have in common until the first policy is announced is simulated once. Replications that are recorded already are
    not made again: run the command again with a higher number to add some, or after Ctrl-C to go on.

    [bold]Examples[/bold]

      jiazheng compare scenarios/baseline.yaml scenarios/elder_voucher.yaml
      jiazheng compare scenarios/baseline.yaml scenarios/elder_voucher.yaml --replications 20 --scale 0.005 --days 180
    """
    from sim.experiments.compared import record
    from sim.experiments.comparison import Comparison, Source
    from sim.experiments.comparison import compare as make

    face = face_of(context, lang, quiet, as_json)
    settings = tuple(overrides_of(override, seed, scale, days))
    comparison = Comparison(
        tuple(Source.of(file, settings) for file in files), replications, branch=not no_branch
    )
    folder = out / comparison.folder_name
    for scenario in comparison.scenarios:
        face.faults(scenario.warnings, "warning")
    found = make(comparison, folder, _engine(workers), study_progress(face, "comparison_progress"))
    if face.as_json:
        face.json(record(found))
        return
    _show(face, found, show_all=show_all)


def _engine(workers: int | None) -> Engine:
    from sim.experiments.engines.local import LocalEngine

    return LocalEngine(workers)


def _show(face: Face, found: Compared, *, show_all: bool) -> None:
    from sim.experiments.treated import TREATED

    names = [title[face.lang] for title in found.titles]
    for number, name in enumerate(names[1:], start=1):
        rows = [row for row in found.rows if row.policy == number]
        face.write("")
        face.write(label("compare.title", face.lang).format(policy=name, baseline=names[0]))
        pairs = max((row.replications for row in rows), default=0)
        face.write(label("compare.from", face.lang).format(replications=pairs, date=found.from_date))
        if pairs < FEW:
            face.write(label("compare.few", face.lang))
        for scope in (TREATED, "city"):
            chosen = [row for row in rows if row.scope == scope and (show_all or _is_main(row))]
            if chosen:
                face.write("")
                face.write(label(f"compare.{scope}", face.lang).format(n=chosen[0].replications))
                _table(face, [row for row in chosen if _differs(row)])
                _say_same(face, [row for row in chosen if not _differs(row)])
    face.write("")
    face.write(textwrap.fill(label("compare.reading", face.lang), WIDTH))
    if found.seconds_saved > 0.0:
        face.write(label("compare.saved", face.lang).format(seconds=f"{found.seconds_saved:.0f}"))
    if found.failed:
        face.write(label("compare.failed", face.lang).format(failed=found.failed))
    face.write(label("run.results", face.lang).format(folder=found.folder))


def _differs(row: Row) -> bool:
    return row.difference.estimate != 0.0 or row.difference.half_width > 0.0


def _say_same(face: Face, rows: Sequence[Row]) -> None:
    """Name the outcomes that are the same in every replication."""
    if rows:
        names = ", ".join(label(f"indicator.{row.outcome}", face.lang) for row in rows)
        face.write(textwrap.fill(label("compare.same", face.lang).format(names=names), WIDTH))


def _is_main(row: Row) -> bool:
    from sim.records.indicators import INDICATORS

    return row.outcome not in INDICATORS or INDICATORS[row.outcome].main


def _table(face: Face, rows: Sequence[Row]) -> None:
    if not rows:
        return
    titles = [label(f"compare.{name}", face.lang) for name in TITLES]
    cells = [
        (
            _name(row, face.lang),
            _number(row.baseline),
            _signed(row.difference.estimate),
            f"{_signed(row.together.low)} .. {_signed(row.together.high)}",
            row.verdict.text(face.lang),
        )
        for row in rows
    ]
    face.table(titles, cells, numbers=[1, 2, 3])


def _name(row: Row, lang: str) -> str:
    unit = label(f"unit.{row.unit}", lang)
    return f"{label(f'indicator.{row.outcome}', lang)}, {unit}"


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _signed(value: float) -> str:
    return "0" if value == 0.0 else f"{value:+.2g}" if abs(value) < 100 else f"{value:+,.0f}"
