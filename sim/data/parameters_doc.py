"""Write docs/parameters.md: every fact with its value, range, grade, meaning and source.

Run `python -m sim.data.parameters_doc` after a data file has changed; a test compares the page with the data.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sim.data.check_fact import GRADES
from sim.data.facts import Bound, Fact, Value
from sim.data.load import list_regions, load_facts, overridden, shared_facts
from sim.names import label

PAGE = Path(__file__).parents[2] / "docs" / "parameters.md"

HEAD = """\
# Parameters

Every number that describes the world, as the data files under `sim/data/` state it. This page is written by
`python -m sim.data.parameters_doc`; edit the data files, not the page.

Grades: **A** read in a source, **B** recalled official statistic, **C** assumption or derived from one. The range is
what the sources or, for assumptions, the authors hold plausible; grade says how far to trust the value, not the
source. Marks in brackets (such as [P006]) name the collected facts behind a value: [sources.md](sources.md). "By
entry" means that each entry of a list has a range of its own. Values of services and parameters hold for the country
unless a region overrides them; what a scenario changes is shown by `jiazheng explain`.
"""
COLUMNS = ("path", "value", "unit", "range", "grade", "meaning", "source")

Section = tuple[str, Sequence[Fact]]


def page() -> str:
    """The whole page as Markdown."""
    sections = list(_sections())
    parts = [HEAD, "## How many facts of each grade\n", _summary(sections)]
    parts.extend(f"## {title}\n\n{_table(facts)}" for title, facts in sections)
    return "\n".join(parts)


def _sections() -> Iterator[Section]:
    shared = shared_facts()
    for family in shared.children():
        yield family, shared.under(family)
    for region in list_regions():
        tree, name = load_facts(region), label(f"region.{region}", "en", region)
        yield f"{name}: the region", tree.under("region")
        yield f"{name}: its own values of parameters and services", overridden(tree)
        yield f"{name}: districts", tree.under("districts")


def _summary(sections: Iterable[Section]) -> str:
    lines = [_row(("section", *GRADES, "all")), _row("---" for _ in range(len(GRADES) + 2))]
    total: Counter[str] = Counter()
    for title, facts in sections:
        found = Counter(fact.grade for fact in facts)
        total += found
        lines.append(_row((title, *_counts(found))))
    lines.append(_row(("**all**", *_counts(total))))
    return "\n".join(lines) + "\n"


def _counts(found: Counter[str]) -> tuple[str, ...]:
    return (*(str(found[grade]) for grade in GRADES), str(found.total()))


def _table(facts: Iterable[Fact]) -> str:
    lines = [_row(COLUMNS), _row("---" for _ in COLUMNS)]
    lines.extend(_row(_cells(fact)) for fact in facts)
    return "\n".join(lines) + "\n"


def _cells(fact: Fact) -> tuple[str, ...]:
    meaning = f"{fact.meaning.en} / {fact.meaning.zh}"
    return (f"`{fact.path}`", _shown(fact.value), fact.unit, _range(fact), fact.grade, meaning, fact.source)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return f"{value:.10g}"


def _range(fact: Fact) -> str:
    if fact.low is None or fact.high is None:
        return ", ".join(fact.allowed)
    if isinstance(fact.low, tuple) or isinstance(fact.high, tuple):
        return "by entry"
    return _span(fact.low, fact.high)


def _span(low: Bound, high: Bound) -> str:
    shown = (_shown(bound) for bound in (low, high) if bound is not None)
    return " to ".join(dict.fromkeys(shown))


def main(arguments: Sequence[str]) -> None:
    """Write the page to the path given, or into the repository's docs."""
    target = Path(arguments[0]) if arguments else PAGE
    target.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
