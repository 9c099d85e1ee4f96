"""``jiazheng evidence``: what the model says beside what was published, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Lang, Quiet, Timeout, Workers, face_of
from sim.cli.study_progress import stoppable, study_progress
from sim.names import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cli.face import Face
    from sim.report.evidence.evidence import Held

File = Annotated[Path, typer.Argument(metavar="FILE", help="An evidence file.", show_default=False)]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="DIR", help="The study's folder; results/evidence-<file> if not given."),
]
Page = Annotated[
    Path | None,
    typer.Option("--page", metavar="FILE", help="The page; that of the evidence file if not given."),
]


def evidence(
    context: typer.Context,
    file: File,
    into: Into = None,
    page: Page = None,
    workers: Workers = None,
    timeout: Timeout = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Hold the model against published figures, and write the page that says where it misses.

    Runs that are recorded are not made again: give the same command to go on. Every figure that is missed needs its
    discussion; without one the figures are shown and no page is written.

    [bold]Examples[/bold]

      jiazheng evidence my_evidence.yaml
    """
    from sim.experiments.engines.local import LocalEngine
    from sim.experiments.layout import replacing
    from sim.experiments.memory import check_memory
    from sim.report.evidence.evidence import as_json as plain
    from sim.report.evidence.evidence import discussed, held_of
    from sim.report.evidence.study import ask, missing_runs, question_of
    from sim.report.evidence.validation_page import page as text_of

    face = face_of(context, lang, quiet, as_json)
    folder = into or Path("results") / f"evidence-{file.stem}"
    question = question_of(file)
    engine = LocalEngine(workers, timeout)
    check_memory([question.scenario], engine, missing_runs(question, folder))
    with stoppable(face, face.command):
        progress = study_progress(face, "sweep_progress")
        answers = ask(question, folder, engine, progress=progress)
    held = held_of(question, answers)
    if not face.as_json:
        _show(face, question.digest, held)
    found = discussed(question, held)
    target = page or question.path(question.content.page)
    with replacing(target) as path:
        path.write_text(text_of(question, found), encoding="utf-8", newline="\n")
    if face.as_json:
        figures = {"targets_sha256": question.digest, "page": str(target), "figures": plain(held)}
        face.json({"folder": str(folder), **figures})
        return
    face.write(label("evidence.page", face.lang).format(page=target))


def _show(face: Face, digest: str, held: Sequence[Held]) -> None:
    from sim.report.evidence.evidence import PARTS, number

    def word(name: str) -> str:
        return label(f"evidence.{name}", face.lang)

    face.write(label("calibration.split", face.lang).format(sha256=digest))
    chosen_by_part = {part: [one for one in held if one.part == part] for part in PARTS}
    for part, chosen in chosen_by_part.items():
        if not chosen:
            continue
        rows = []
        for one in chosen:
            low, high = map(number, one.figure.ends)
            name = getattr(one.figure.name, face.lang) if one.figure.name else one.name
            inside = word("yes" if one.in_range else "no")
            rows.append((name, number(one.value), number(one.figure.published), f"{low}..{high}", inside))
        titles = (word(part), *map(word, ("model", "published", "range", "in_range")))
        face.table(titles, rows, [1, 2, 3])
    tests = chosen_by_part["tests"]
    face.write(word("share").format(inside=sum(one.in_range for one in tests), count=len(tests)))
