"""Write docs/indicators.md and docs/results.md from the definitions in sim/records; a test compares them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

from sim.names import label
from sim.records.indicators import INDICATORS, SCOPES, SECTIONS, Indicator
from sim.records.manifest import Manifest
from sim.records.recorder import ALL_TABLES, ENTITY_TABLES, EVENT_TABLES
from sim.records.tables import Table

DOCS = Path(__file__).resolve().parent.parent / "docs"

INDICATORS_HEAD = """\
# Indicators

Each indicator is defined once, in `sim/records/indicators/`. A run writes all of them to `kpis.csv`, one row per
indicator, scope and group, with the columns `indicator, unit, better, scope, group, value, n`. This page is written by
`python -m tools.result_pages`.

How to read the table:

- **Measured time.** Days after the warm-up (`period.warm_up_days`). What is known per calendar month (incomes,
  accounts, training, beds) is measured from the first month that begins at or after the end of the warm-up; in a
  run that is too short for that, the value is missing. Nothing is reset at the end of the warm-up.
- **Day of an order.** Orders count to the day of the request, so a month's fill rate is that of what was asked for
  in it. Orders still open at the end are left out of shares; `open_orders` says how many they are.
- **Waiting.** `wait` runs from the placing of the order to the start of service, the lead time that the household
  itself asked for included; `start_delay` runs from the wanted start, `lateness` from the end of the agreed window.
- **Textbook queues** have half-widths beside wait and fill rate: 95% intervals by batch means, 20 batches of days, in
  `half_widths` of the manifest. They hold where a batch is long against the time in which the queue forgets its state.
  A market has seasons, so that its precision comes from replications.
- **Whole region.** Flows and stocks are for the whole region: the simulated number divided by the scale. A month is
  365/12 days, also for single months, so that February can be compared with March.
- **n** is the number of simulated observations behind a value, never scaled up. Where n is 0 the value is missing.
- **better** says which direction is better for people: up, down, or none where that depends on the case.
- **Groups of workers** (trade, origin, and firm form for earnings) are those at the end of each month.

Scopes: {scopes}.
"""

RESULTS_HEAD = """\
# A results folder

`jiazheng run` writes `results/<scenario>-<seed>-<identity>/`, where the identity is the beginning of a hash of all
that the result is a function of: the resolved scenario (settings, facts, calendar, seed) and the sources of the model.
Equal identity on one numeric platform means equal content. This page is written by `python -m tools.result_pages`.

In a notebook:

```python
import sim

results = sim.run(sim.load("scenarios/baseline.yaml"))
results.indicators  # kpis.csv with names in English and Chinese
results.orders      # any table as a pandas DataFrame
```

The Parquet files (zstd) open in pandas, Polars and DuckDB alike; each column's unit is in its field's metadata.

## What lies in it

| file | rows | written with `recording.detail` |
|---|---|---|
{files}

`none` writes the manifest only. The level of detail changes no number: digests and indicators are computed from the
same rows at every level.

- **Whole or not at all.** A run writes into a hidden folder beside its place (`.unfinished-...`) and renames it when
  everything, the manifest last, is written. What a killed run leaves behind begins with a dot and may be deleted.
- **A run that is there is not made again**, unless with `--force` or when more detail is asked for. Then its own files
  are replaced; files that you put into the folder are kept.
- **A saved run** is two things that belong together: `FILE`, the state of the model, and the folder `FILE.records`,
  what has been recorded so far. `jiazheng run ... --resume FILE` goes on to the same result as a run without a stop.
  What Ctrl-C left beside the results (`<folder>.saved`) is removed when the resumed run is complete; a file that you
  named with `--save` is kept, so that it can be resumed again.

## Conventions

- Times (`..._min`) are minutes since the first day's midnight (`scenario.settings.period.start` in the manifest); day k
  is the half-open span from k x 1440. A time that never came about is missing.
- Money (`..._fen`) is in whole fen; 100 fen are 1 yuan.
- Keys are 64-bit numbers, the same for the same household, worker, firm and order in every run with the same seed, also
  under another policy; 0 stands for none. Join tables on them.
- Categories are the ids of the catalogue of names (`sim/data/names/`, and the region's `names.csv`).
- Everything is simulated size: divide counts and sums by the scale for the whole region. `kpis.csv` has done so.

## manifest.json

| key | meaning |
|---|---|
{manifest}

A content digest is a hash of the rows of a table that does not depend on their order, on row groups, compression,
time or host. `monthly_digests` show in which month two runs part.
"""

TIDY_ROWS = "a row per indicator, scope and group ([indicators.md](indicators.md))"


def main() -> int:
    """Write the pages anew."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"docs/{name} written\n")
    return 0


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    return {"indicators.md": indicators_page(), "results.md": results_page()}


def indicators_page() -> str:
    """Return the page of indicators, a table per section."""
    scopes = ", ".join(f"`{scope}` ({label(f'scope.{scope}').lower()})" for scope in SCOPES)
    parts = [INDICATORS_HEAD.format(scopes=scopes)]
    for section in SECTIONS:
        chosen = [indicator for indicator in INDICATORS.values() if indicator.section == section]
        parts.append(f"## {label(f'section.{section}')} · {label(f'section.{section}', 'zh')}\n")
        titles = ("indicator", "name", "unit", "better", "formula", "n counts", "scopes")
        parts.append(_table(titles, map(_indicator, chosen)))
    return "\n".join(parts)


def results_page() -> str:
    """Return the page of a results folder, a table of columns per file."""
    files = [("manifest.json", "what was run, by what, with what result", "none, indicators, tables")]
    files.append(("kpis.csv", TIDY_ROWS, "indicators, tables"))
    for table in ALL_TABLES:
        detail = "tables" if table in (*EVENT_TABLES, *ENTITY_TABLES) else "indicators, tables"
        files.append((f"{table.name}.parquet", label(f"table.{table.name}").lower(), detail))
    head = RESULTS_HEAD.format(
        files="\n".join(f"| `{name}` | {rows} | {detail} |" for name, rows, detail in files),
        manifest="\n".join(f"| `{key}` | {meaning} |" for key, meaning in _manifest_keys()),
    )
    return "\n".join([head, *map(_columns, ALL_TABLES)])


def _indicator(indicator: Indicator) -> Sequence[str]:
    names = " · ".join(label(f"indicator.{indicator.id}", lang) for lang in ("en", "zh"))
    scopes = ", ".join(indicator.scopes)
    return (
        f"`{indicator.id}`",
        names,
        indicator.unit,
        indicator.better,
        indicator.formula,
        indicator.counts,
        scopes,
    )


def _columns(table: Table) -> str:
    title = f"## {table.name}.parquet: {label(f'table.{table.name}').lower()}\n"
    rows = (
        (
            f"`{column.name}`",
            column.unit,
            label(f"column.{column.name}"),
            label(f"column.{column.name}", "zh"),
        )
        for column in table.columns
    )
    return f"{title}\n{_table(('column', 'unit', 'meaning', '含义'), rows)}"


def _manifest_keys() -> list[tuple[str, str]]:
    """Return each key of the manifest with its meaning, as the class's docstring gives it."""
    text = (Manifest.__doc__ or "").partition("Attributes:")[2]
    meanings = dict(line.strip().split(": ", 1) for line in text.splitlines() if ": " in line)
    return [(field.name, meanings[field.name]) for field in fields(Manifest)]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    lines += [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
