"""A sweep's means and differences on the terminal, point by point, as far as they fit a screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.shown import NOTHING, digits, reading, together
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.summary import Line

MOST_LINES = 60
"""A longer table is not shown; the file has it."""
INDENT = "  "
TITLES = ("outcome", "mean", "difference", "interval")


def show_summary(face: Face, lines: Sequence[Line], columns: Sequence[str], file: Path) -> None:
    """Show the mean of each outcome at each point and its difference to the reference point; name the file.

    Args:
        face: Where it is shown.
        lines: What the sweep shows.
        columns: Names of the points' columns.
        file: Where all of it stands.
    """
    if lines and len(lines) <= MOST_LINES:
        face.write("")
        face.table(
            [label(f"sweep.{title}", face.lang) for title in TITLES], _rows(face, lines, columns), [1, 2, 3]
        )
        face.text(label("sweep.summary_reading", face.lang))
    face.write(label("sweep.summary_file", face.lang).format(file=file))


def _rows(face: Face, lines: Sequence[Line], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for place, of_place in groupby(lines, key=lambda line: line.place):
        named = zip((column.rpartition(".")[2] for column in columns), place, strict=True)
        yield (", ".join(f"{name} {_value(value)}" for name, value in named), "", "", "")
        yield from (_row(face, line) for line in of_place)


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(face: Face, line: Line) -> tuple[str, ...]:
    seen = reading(line.unit, line.mean)
    unit = label(f"unit.{seen.unit}", face.lang) if seen.unit else ""
    name = label(f"indicator.{line.outcome}", face.lang) if line.unit else line.outcome
    title = INDENT + (label("compare.with_unit", face.lang).format(name=name, unit=unit) if unit else name)
    if line.difference is None:
        return title, digits(line.mean * seen.factor), NOTHING, NOTHING
    ends = (line.difference.estimate, line.difference.low, line.difference.high)
    estimate, low, high = together(*(value * seen.factor for value in ends))
    return title, digits(line.mean * seen.factor), estimate, f"{low} .. {high}"
