"""Recorded tables as Parquet files, written chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.records.tables import Column, Frame, Table, Values
from sim.state import Rows

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

COMPRESSION = "zstd"
SUFFIX = ".parquet"


class TableWriter:
    """Writes one table to one file; a row group per chunk, nothing kept in memory.

    The file exists, with its schema, from the first chunk on or, for a table without rows, from :meth:`close` on.

    Args:
        folder: Where the file is written.
        table: What is written.
        frame: What its categories are read against.
    """

    def __init__(self, folder: Path, table: Table, frame: Frame) -> None:
        self.path = folder / f"{table.name}{SUFFIX}"
        self._table = table
        self._frame = frame
        self._file: pq.ParquetWriter | None = None

    def append(self, values: Sequence[Values]) -> None:
        """Write a chunk, given as the table's extracted columns."""
        batch = arrow_table(self._table, values, self._frame)
        self._open(batch.schema).write_table(batch)

    def copy(self, path: Path) -> None:
        """Write all rows of a file that was written for the same table, row group by row group."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as source:
            for group in range(source.num_row_groups):
                rows = source.read_row_group(group)
                self._open(rows.schema).write_table(rows)

    def close(self) -> None:
        """Finish the file."""
        if self._file is None:
            self.append(self._table.extract(np.zeros(0, self._table.dtype), self._frame))
        if self._file is not None:
            self._file.close()

    def _open(self, schema: pa.Schema) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        if self._file is None:
            self._file = pq.ParquetWriter(self.path, schema, compression=COMPRESSION)
        return self._file


def write_table(folder: Path, table: Table, rows: Rows, frame: Frame) -> None:
    """Write a whole table at once."""
    writer = TableWriter(folder, table, frame)
    try:
        if len(rows):
            writer.append(table.extract(rows, frame))
    finally:
        writer.close()


def arrow_table(table: Table, values: Sequence[Values], frame: Frame) -> pa.Table:
    """Columns as an Arrow table: categories by their ids, NaN as missing, units in the fields' metadata."""
    import pyarrow as pa

    arrays = [_arrow_array(column, value, frame) for column, value in zip(table.columns, values, strict=True)]
    fields = [
        pa.field(column.name, array.type, metadata={"unit": column.unit})
        for column, array in zip(table.columns, arrays, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _arrow_array(column: Column, values: Values, frame: Frame) -> pa.Array:
    import pyarrow as pa

    values = np.ascontiguousarray(values)
    if column.labels is None:
        return pa.array(values, from_pandas=values.dtype.kind == "f")
    labels = pa.array(list(column.labels(frame)), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int16)), labels)
