"""Write docs/odd.md: the prose of the template, with tables from code and data in its gaps.

Run `python -m sim.report.odd.page` after code or data have changed; a test compares the page with both.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sim.clock import Kind
from sim.data.facts import Fact, FactTree, Value
from sim.data.load import shared_facts
from sim.names import label
from sim.records.indicators import INDICATORS
from sim.records.tables import (
    BASES,
    COMPANIES,
    HOUSEHOLDS,
    INSTITUTIONS,
    ORDERS,
    PLACEMENTS,
    WORKERS,
    Table,
)

SIM = Path(__file__).parents[2]
PAGE = SIM.parent / "docs" / "odd.md"
TEMPLATE = Path(__file__).with_name("template.md")
ENTITIES = (HOUSEHOLDS, WORKERS, COMPANIES, BASES, INSTITUTIONS, ORDERS, PLACEMENTS)
SERVICE_FACTS = ("form", "trade", "price_yuan", "price_basis", "duration_mean_h", "needs_by")
EXAMPLE_REGION_PARTS = ("region", "districts")
_DECISION = re.compile(r"decision\(\s*\"([\w.]+)\"\s*\)")
_FACTS = re.compile(r"\{facts ([^}]+)\}")
_MODULE = re.compile(r"`(sim/[\w/]+\.py)`")


def page() -> str:
    """The whole page as Markdown."""
    text = TEMPLATE.read_text(encoding="utf-8")
    tables = {
        "entities": _entities(),
        "occurrences": _occurrences(),
        "decisions": _decisions_table(),
        "decision_count": str(len(decisions())),
        "indicator_count": str(len(INDICATORS)),
        "services": _services(shared_facts()),
    }
    for name, table in tables.items():
        text = text.replace(f"{{{name}}}", table)
    claimed: set[str] = set()
    return _FACTS.sub(lambda found: _submodel(found[1].split(), claimed), text)


def decisions() -> dict[str, list[str]]:
    """Return the modules that draw each decision, by its name."""
    found: dict[str, list[str]] = {}
    for file in sorted(SIM.rglob("*.py")):
        for name in _DECISION.findall(file.read_text(encoding="utf-8")):
            found.setdefault(name, []).append(file.relative_to(SIM.parent).as_posix())
    return dict(sorted(found.items()))


def modules_named(text: str) -> list[str]:
    """Return the modules that a text names, as paths from the repository's root."""
    return _MODULE.findall(text)


def submodels(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the prefixes of facts of each submodel, in the order of the template."""
    for found in _FACTS.findall(text):
        yield tuple(found.split())


def _submodel(prefixes: Iterable[str], claimed: set[str]) -> str:
    """Return the facts of a submodel; what an earlier one has shown is left out."""
    tree = shared_facts()
    rows, of_region = [], []
    for prefix in prefixes:
        if prefix.split(".")[0] in EXAMPLE_REGION_PARTS:
            of_region.append(f"`{prefix}`")
            continue
        for fact in _under(tree, prefix):
            if fact.path not in claimed:
                claimed.add(fact.path)
                rows.append(_cells(fact))
    parts = [_table(("fact", "value", "unit", "range", "grade", "meaning"), rows)] if rows else []
    if of_region:
        parts.append(f"Facts of the region: {', '.join(of_region)}.\n")
    return "\n".join(parts).rstrip("\n")


def _under(tree: FactTree, prefix: str) -> Sequence[Fact]:
    return [tree[prefix]] if prefix in tree else tree.under(prefix)


def _cells(fact: Fact) -> tuple[str, ...]:
    low_high = "" if fact.low is None or fact.high is None else _range(fact)
    return (f"`{fact.path}`", _shown(fact.value), fact.unit, low_high, fact.grade, fact.meaning.en)


def _range(fact: Fact) -> str:
    if isinstance(fact.low, tuple) or isinstance(fact.high, tuple):
        return "by entry"
    return f"{_number(fact.low)} to {_number(fact.high)}"


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_number, value))
    return str(value).lower() if isinstance(value, bool) else _number(value)


def _entities() -> str:
    rows = [(_entity(table), _variables(table)) for table in ENTITIES]
    return _table(("entity", "recorded state variables (unit)"), rows)


def _entity(table: Table) -> str:
    return label(f"table.{table.name}", "en").removesuffix(" at the end of the run")


def _variables(table: Table) -> str:
    return "; ".join(
        f"{_lower(label(f'column.{column.name}', 'en'))} ({column.unit})" for column in table.columns
    )


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _occurrences() -> str:
    rows = [(kind.name.lower(), label(f"occurrence.{kind.name.lower()}", "en")) for kind in Kind]
    return _table(("entry of the calendar", "what happens"), rows)


def _decisions_table() -> str:
    rows = [
        (f"`{name}`", ", ".join(f"`{module}`" for module in where)) for name, where in decisions().items()
    ]
    return _table(("decision", "drawn in"), rows)


def _services(tree: FactTree) -> str:
    rows = []
    for service in tree.children("services"):
        values = (_shown(tree[f"services.{service}.{name}"].value) for name in SERVICE_FACTS)
        rows.append((label(f"service.{service}", "en"), *values))
    return _table(("service", *SERVICE_FACTS), rows)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_row(titles), _row(["---"] * len(titles))]
    return "\n".join([*lines, *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(arguments: Sequence[str]) -> None:
    """Write the page to the path given, or into the repository's docs."""
    target = Path(arguments[0]) if arguments else PAGE
    target.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
