"""How far a study has come, on stderr: a line whenever one of its runs has ended, and how to go on after Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from sim.errors import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.progress import Progress, Tally


def study_progress(face: Face, message: str) -> Progress:
    """Return who says how many runs have ended and how long the rest will take; nobody when quiet.

    Args:
        face: Where it is said.
        message: Code of the message; its gaps are ``ended``, ``total``, ``failed`` and ``left``.
    """
    from sim.experiments.progress import unseen

    if face.quiet:
        return unseen

    def show(tally: Tally) -> None:
        ended = tally.found + tally.done + tally.failed
        known = tally.remaining_s is not None or ended == tally.total
        left = f"{tally.remaining_s or 0.0:.0f}" if known else "?"
        face.note(message, ended=ended, total=tally.total, failed=tally.failed, left=left)

    return show


@contextmanager
def stoppable(face: Face, command: str) -> Iterator[None]:
    """Where Ctrl-C stops the block's study, say what is recorded and how to go on, and leave.

    Args:
        face: Where it is said.
        command: What a person types to go on.
    """
    from sim.experiments.errors import StudyStopped

    try:
        yield
    except StudyStopped as stopped:
        face.note("study_stopped", recorded=stopped.recorded, total=stopped.total)
    except KeyboardInterrupt:
        face.note("interrupted")
    else:
        return
    face.note("study_go_on", command=command)
    raise typer.Exit(EXIT_INTERRUPTED)
