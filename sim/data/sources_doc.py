"""Write docs/sources.md: what stands behind the marks in the sources of facts.

Run `python -m sim.data.sources_doc` after sim/data/sources.csv has changed; a test compares the page with the table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.data.sources import Source, all_sources

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"

HEAD = """\
# Sources

What stands behind the marks, such as [P006], in the sources of facts ([parameters.md](parameters.md)): one collected
observation a row, with what was found and where. `jiazheng explain FILE KEY` prints the rows behind a fact beside it.
This page is written by `python -m sim.data.sources_doc` from `sim/data/sources.csv`; edit the table, not the page.

A bracket in the source gives its kind: [O] official, [S] survey or academic, [P] press, [C] company, [V] weak; the
capital letters before it (CA7-25, DJ-MT) are its short name where others refer to it. Grades: **A** read in a source
(A1 official or peer-reviewed, A2 press or a copy of an official text, A3 promotional), **B** recalled official
statistic, **C** assumption or derived. That a source was read does not make it true; where sources contradict each
other, both stand. A mark without its last letter means all of its parts (D010: D010a, D010b ...).
"""


def page() -> str:
    """The whole page as Markdown."""
    lines = [_row(Source._fields), _row("---" for _ in Source._fields)]
    lines += [_row(source) for source in all_sources().values()]
    return "\n".join((HEAD, *lines)) + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(arguments: Sequence[str]) -> None:
    """Write the page to the path given, or into the repository's docs."""
    target = Path(arguments[0]) if arguments else PAGE
    target.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
