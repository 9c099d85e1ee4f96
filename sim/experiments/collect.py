"""Collect a study's journals into Parquet tables, which pandas, DuckDB, Polars and R read.

``outcomes.parquet``  a row a run and outcome, of runs that gave a result: identity, the point's columns, replication,
                      outcome (text), value (double, null where nothing was observed)
``runs.parquet``      a row a run of the plan: identity, the point's columns, replication, status (ok, failed, missing),
                      attempt, digest, platform (key), wall_s, cpu_s
``failures.parquet``  a row a failed run: identity, the point's columns, replication, attempt, stage, type, message,
                      traceback

A point's column is boolean, integer (64 bit), double or text, whatever holds all its values. Rows stand in the order of
the plan and outcomes in that of the task's answer, so the tables are the same whoever made the runs and in what order.
Records that the plan does not name are left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiments.layout import COLLECTED, replacing
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, Scalar, read_plan
from sim.experiments.store import Disagreement, Store, read_store

if TYPE_CHECKING:
    import pyarrow as pa

COMPRESSION = "zstd"
RUNS_AT_ONCE = 4096
"""Runs whose rows are held in memory at a time."""
MISSING = "missing"
FAILED = "failed"
OK = "ok"

Row = tuple[object, ...]
Made = tuple[Run, Outcome | None]


@dataclass(frozen=True)
class Table:
    """A table of the collection.

    Attributes:
        name: Name of its file without the ending.
        columns: Name and Arrow type of what stands behind the point's columns and the replication.
        rows: The rows of a run in those columns; a run that is not recorded has no outcome.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: Callable[[Outcome | None], Iterable[Row]]


def _outcome_rows(outcome: Outcome | None) -> Iterable[Row]:
    return outcome.values.items() if outcome is not None and outcome.ok else ()


def _run_rows(outcome: Outcome | None) -> Iterable[Row]:
    if outcome is None:
        return [(MISSING, None, None, None, None, None)]
    status = OK if outcome.ok else FAILED
    seconds = (outcome.timings.get("wall_s"), outcome.timings.get("cpu_s"))
    return [(status, outcome.attempt, outcome.digest or None, _platform(outcome), *seconds)]


def _platform(outcome: Outcome) -> str | None:
    from sim.experiments.journal import platform_key

    return platform_key(outcome.platform) if outcome.platform else None


def _failure_rows(outcome: Outcome | None) -> Iterable[Row]:
    if outcome is None or outcome.failure is None:
        return ()
    failure = outcome.failure
    return [(outcome.attempt, failure.stage, failure.type, failure.message, failure.traceback)]


TABLES = (
    Table("outcomes", (("outcome", "string"), ("value", "double")), _outcome_rows),
    Table(
        "runs",
        (
            ("status", "string"),
            ("attempt", "int32"),
            ("digest", "string"),
            ("platform", "string"),
            ("wall_s", "double"),
            ("cpu_s", "double"),
        ),
        _run_rows,
    ),
    Table(
        "failures",
        (
            ("attempt", "int32"),
            ("stage", "string"),
            ("type", "string"),
            ("message", "string"),
            ("traceback", "string"),
        ),
        _failure_rows,
    ),
)


@dataclass(frozen=True)
class Collected:
    """What was collected.

    Attributes:
        folder: Where the tables lie.
        done: Runs with a result.
        failed: Runs that failed.
        missing: Runs of the plan that are not recorded.
        conflicts: Runs whose results differ on one platform; the first result is in the tables.
        platform_differences: Runs whose results differ between platforms; the first result is in the tables.
    """

    folder: Path
    done: int
    failed: int
    missing: int
    conflicts: list[Disagreement]
    platform_differences: list[Disagreement]


def collect(folder: Path) -> Collected:
    """Write the tables of a study; each replaces its predecessor whole.

    Args:
        folder: The study's folder; the tables go into ``collected`` in it.

    Raises:
        StudyError: There is no sound plan.
        OutputError: The system refuses to write.
    """
    plan = read_plan(folder)
    store = read_store(folder)
    for_readers = {
        "study": json.dumps(plan.about, ensure_ascii=False),
        "platforms": json.dumps(store.platforms),
    }
    with ExitStack() as stack:
        writers = [
            stack.enter_context(_Writer(folder / COLLECTED, table, plan, for_readers)) for table in TABLES
        ]
        for batch in _batches(plan, store):
            for writer in writers:
                writer.append(batch)
    found = [store.entries[run.identity].ok for run in plan.runs if run.identity in store.entries]
    done = sum(found)
    return Collected(
        folder / COLLECTED,
        done,
        len(found) - done,
        len(plan.runs) - len(found),
        store.conflicts(),
        store.platform_differences(),
    )


def _batches(plan: Plan, store: Store) -> Iterator[list[Made]]:
    """The runs of the plan with what is recorded of them, a few at a time."""
    runs = iter(plan.runs)
    while some := list(islice(runs, RUNS_AT_ONCE)):
        entries = [store.entries[run.identity] for run in some if run.identity in store.entries]
        outcomes = {outcome.identity: outcome for outcome in store.outcomes(entries)}
        yield [(run, outcomes.get(run.identity)) for run in some]


class _Writer:
    """Writes one table, row group by row group."""

    def __init__(self, folder: Path, table: Table, plan: Plan, for_readers: dict[str, str]) -> None:
        import pyarrow as pa

        self._table = table
        fields = [
            ("identity", "string"),
            *((column, arrow_type([run.point[column] for run in plan.runs])) for column in plan.columns),
            ("replication", "int32"),
            *table.columns,
        ]
        schema = pa.schema([pa.field(name, pa.type_for_alias(kind)) for name, kind in fields])
        self._schema = schema.with_metadata(for_readers)
        self._text = {column for column, kind in fields if kind == "string"} & set(plan.columns)
        self._stack = ExitStack()
        self._path = folder / f"{table.name}.parquet"

    def __enter__(self) -> _Writer:
        import pyarrow.parquet as pq

        with ExitStack() as stack:
            beside = stack.enter_context(replacing(self._path))
            self._file = stack.enter_context(pq.ParquetWriter(beside, self._schema, compression=COMPRESSION))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def append(self, batch: Sequence[Made]) -> None:
        """Write the rows of some runs."""
        rows = [(*self._place(run), *row) for run, outcome in batch for row in self._table.rows(outcome)]
        if rows:
            self._file.write_table(self._arrow(rows))

    def _place(self, run: Run) -> Row:
        point = [text(value) if column in self._text else value for column, value in run.point.items()]
        return (run.identity, *point, run.replication)

    def _arrow(self, rows: Sequence[Row]) -> pa.Table:
        import pyarrow as pa

        columns = zip(*rows, strict=True)
        arrays = [
            pa.array(column, field.type, from_pandas=True)
            for column, field in zip(columns, self._schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self._schema)


def arrow_type(values: Iterable[Scalar]) -> str:
    """The narrowest of Arrow's bool, int64, double and string that holds all values."""
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {bool}:
        return "bool"
    if kinds and kinds <= {int}:
        return "int64"
    return "double" if kinds and kinds <= {int, float} else "string"


def text(value: Scalar) -> str | None:
    """A value as a column of text holds it: texts as they are, everything else as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
