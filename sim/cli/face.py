"""What a command shows: results on stdout, messages on stderr, in the user's language."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sim.cli.wrap import longest_piece, wrapped
from sim.errors import Fault, JiazhengError, UserError
from sim.names import label

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

WIDTH = 80
"""Columns that every table fits."""


@dataclass(frozen=True)
class Cell:
    """A text in a table, in lines as wide as its column."""

    text: str

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the lines."""
        from rich.text import Text

        yield Text("\n".join(wrapped(self.text, options.max_width)))

    def __rich_measure__(self, _console: Console, options: ConsoleOptions) -> Measurement:
        """Return the columns that it needs, and those that it would like."""
        from rich.cells import cell_len
        from rich.measure import Measurement

        most = max(map(cell_len, self.text.split("\n")))
        return Measurement(min(longest_piece(self.text), most), most).with_maximum(options.max_width)


@dataclass
class Face:
    """How this call of the command line talks.

    Attributes:
        lang: "en" or "zh".
        quiet: Whether notes and warnings are left out; errors are always shown.
        as_json: Whether results are JSON.
        debug: Whether an unexpected error shows its traceback.
        words: What was typed after the program's name.
    """

    lang: str = "en"
    quiet: bool = False
    as_json: bool = False
    debug: bool = False
    words: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """This call, as one types it."""
        return shlex.join(("jiazheng", *self.words))

    def word(self, name: str) -> str:
        """Return a label of the command line."""
        return label(f"cli.{name}", self.lang)

    def write(self, text: str) -> None:
        """Write a line of the result."""
        _write(sys.stdout, text)

    def text(self, text: str) -> None:
        """Write a paragraph of the result, in lines that fit 80 columns."""
        for line in wrapped(text, WIDTH):
            self.write(line)

    def note(self, code: str, **details: object) -> None:
        """Write a message, unless quiet; an error's message is written in any case."""
        from sim.scenario.faults import words

        if not self.quiet or code in ALWAYS_SAID:
            _write(sys.stderr, words(code, details.items(), self.lang))

    def faults(self, faults: Iterable[Fault], severity: str = "") -> None:
        """Write a line for each fault; warnings carry their severity and are left out when quiet."""
        if severity and self.quiet:
            return
        prefix = f"{self.word(severity)}: " if severity else ""
        for fault in faults:
            _write(sys.stderr, prefix + said(fault, self.lang))

    def refuse(self, error: JiazhengError) -> None:
        """Write what an error says."""
        faults = error.faults if isinstance(error, UserError) else ()
        if faults:
            self.faults(faults)
        else:
            _write(sys.stderr, str(error))

    def json(self, content: Any) -> None:
        """Write a result as JSON."""
        self.write(json.dumps(content, ensure_ascii=False, indent=2, default=str))

    def table(
        self, titles: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()
    ) -> None:
        """Write a table that fits 80 columns; plain aligned text when stdout is not a terminal.

        Args:
            titles: Heads of the columns, already in the user's language.
            rows: Cells, a row each.
            numbers: Positions of the columns that are set flush right, and get the width that they need.
        """
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False, header_style="bold")
        for position, title in enumerate(titles):
            is_number = position in numbers
            table.add_column(Cell(title), justify="right" if is_number else "left", no_wrap=is_number)
        for row in rows:
            table.add_row(*map(Cell, row))
        _print(table)

    def rows(self, rows: Iterable[Sequence[str]], widths: Sequence[int] = ()) -> None:
        """Write rows of cells in columns without heads, indented; long texts are wrapped.

        Args:
            rows: Cells, a row each.
            widths: Least widths of the first columns.
        """
        from rich.table import Table

        cells = [tuple(map(Cell, row)) for row in rows]
        grid = Table.grid(padding=(0, 2))
        grid.add_column()
        for position in range(len(cells[0])):
            width = widths[position] if position < len(widths) else None
            grid.add_column(no_wrap=position == 0, overflow="fold", min_width=width)
        for row in cells:
            grid.add_row("", *row)
        _print(grid)


ALWAYS_SAID = ("unexpected", "interrupted", "run_saved", "study_stopped", "study_go_on")


def said(fault: Fault, lang: str) -> str:
    """Return a fault in a language; one that is not from the catalogue has only its own words."""
    from sim.scenario.faults import ScenarioFault

    return fault.say(lang) if isinstance(fault, ScenarioFault) else str(fault)


def _print(table: Table) -> None:
    """Print a table: at a terminal as wide and coloured as it allows, else as plain text."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(highlight=False).print(table)
        return
    console = Console(width=WIDTH, highlight=False, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        _write(sys.stdout, line.rstrip())


def _write(stream: IO[str], text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()
