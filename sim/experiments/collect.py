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
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sim.experiments.journal import platform_key
from sim.experiments.layout import COLLECTED, replacing
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, Scalar, read_plan
from sim.experiments.store import Disagreement, Store, read_store

if TYPE_CHECKING:
    import pyarrow as pa

COMPRESSION = "zstd"
RUNS_AT_ONCE = 4096
"""Runs whose rows are held in memory at a time."""
WIDEST = 2**63
MISSING = "missing"
FAILED = "failed"
OK = "ok"

Cells = tuple[Collection[object], ...]
"""Equally long columns."""
Made = tuple[Run, Outcome | None]


@dataclass(frozen=True)
class Table:
    """A table of the collection.

    Attributes:
        name: Name of its file without the ending.
        columns: Name and Arrow type of what stands behind the point's columns and the replication.
        cells: What a run has in those columns, column by column; a run that is not recorded has no outcome.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    cells: Callable[[Outcome | None], Cells]


def _outcome_cells(outcome: Outcome | None) -> Cells:
    if outcome is None or not outcome.ok:
        return (), ()
    return outcome.values.keys(), outcome.values.values()


def _run_cells(outcome: Outcome | None) -> Cells:
    if outcome is None:
        return [MISSING], [None], [None], [None], [None], [None]
    status = OK if outcome.ok else FAILED
    platform = platform_key(outcome.platform) if outcome.platform else None
    seconds = ([outcome.timings.get(name)] for name in ("wall_s", "cpu_s"))
    return [status], [outcome.attempt], [outcome.digest or None], [platform], *seconds


def _failure_cells(outcome: Outcome | None) -> Cells:
    if outcome is None or outcome.failure is None:
        return (), (), (), (), ()
    failure = outcome.failure
    return [outcome.attempt], [failure.stage], [failure.type], [failure.message], [failure.traceback]


TABLES = (
    Table("outcomes", (("outcome", "string"), ("value", "double")), _outcome_cells),
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
        _run_cells,
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
        _failure_cells,
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
        self._path = folder / f"{table.name}.parquet"
        point = [(column, arrow_type(run.point[column] for run in plan.runs)) for column in plan.columns]
        place = [("identity", "string"), *point, ("replication", "int32")]
        self._text = {column for column, kind in point if kind == "string"}
        self._place = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in place])
        self._own = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in table.columns])
        self._schema = pa.schema([*self._place, *self._own], for_readers)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
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
        import numpy as np
        import pyarrow as pa

        cells = [self._table.cells(outcome) for _, outcome in batch]
        repeats = np.repeat(np.arange(len(batch)), [len(first) for first, *_ in cells])
        own = [list(chain.from_iterable(column)) for column in zip(*cells, strict=True)]
        place = [column.take(pa.array(repeats)) for column in _arrays(self._place_of(batch), self._place)]
        self._file.write_table(pa.Table.from_arrays([*place, *_arrays(own, self._own)], schema=self._schema))

    def _place_of(self, batch: Sequence[Made]) -> list[list[object]]:
        """Identity, point and replication of some runs, column by column."""
        runs = [run for run, _ in batch]
        columns = [self._point(runs, column) for column in self._place.names[1:-1]]
        return [[run.identity for run in runs], *columns, [run.replication for run in runs]]

    def _point(self, runs: Sequence[Run], column: str) -> list[object]:
        values = [run.point[column] for run in runs]
        return [text(value) for value in values] if column in self._text else list(values)


def _arrays(columns: Sequence[Sequence[object]], schema: pa.Schema) -> list[pa.Array]:
    """Columns as Arrow has them; NaN is missing. NumPy takes large integers as floats, which Arrow refuses."""
    import numpy as np
    import pyarrow as pa

    return [
        pa.array(
            np.array(column, float) if pa.types.is_float64(field.type) else column,
            field.type,
            from_pandas=True,
        )
        for column, field in zip(columns, schema, strict=True)
    ]


def arrow_type(values: Iterable[Scalar]) -> str:
    """The narrowest of Arrow's bool, int64, double and string that holds all values."""
    known = [value for value in values if value is not None]
    kinds = {type(value) for value in known}
    if not kinds or not kinds <= {bool, int, float} or (bool in kinds and len(kinds) > 1):
        return "string"
    if bool in kinds:
        return "bool"
    return "double" if float in kinds or any(abs(float(value)) >= WIDEST for value in known) else "int64"


def text(value: Scalar) -> str | None:
    """A value as a column of text holds it: texts as they are, everything else as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
