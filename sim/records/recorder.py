"""The event sink of a run: counts, digests and writes what the model tells, chunk by chunk.

At every level of detail the same rows pass the same cubes and digests; detail decides only which files are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.records import monthly_tables, tables
from sim.records.cube import Cube
from sim.records.digest import Digest
from sim.records.flows import add_orders, add_placements, order_cube, placement_cube
from sim.records.period import Period
from sim.records.series import MonthlySeries
from sim.records.tables import Frame, Table
from sim.records.writer import SUFFIX, TableWriter, write_table
from sim.sink import STOCK
from sim.state import Rows, World
from sim.vocabulary import OrderState, PlacementState

Detail = Literal["none", "indicators", "tables"]

CHUNK = 65_536
"""Rows that are turned into columns at a time; bounds the memory that recording takes."""
STATE_FILE = "recorder.npz"

EVENT_TABLES = (tables.ORDERS, tables.PLACEMENTS)
INDICATOR_TABLES = (
    tables.STOCKS,
    tables.LEDGER,
    monthly_tables.ORDERS_DAILY,
    monthly_tables.PLACEMENTS_DAILY,
    monthly_tables.WORKERS_MONTHLY,
    monthly_tables.FIRMS_MONTHLY,
    monthly_tables.REGION_MONTHLY,
    monthly_tables.HOUSEHOLDS_MONTHLY,
)
ENTITY_TABLES = (
    tables.HOUSEHOLDS,
    tables.WORKERS,
    tables.COMPANIES,
    tables.BASES,
    tables.INSTITUTIONS,
    monthly_tables.COMPANIES_MONTHLY,
)
DIGESTED_AT_THE_END = (
    *ENTITY_TABLES,
    tables.LEDGER,
    monthly_tables.WORKERS_MONTHLY,
    monthly_tables.FIRMS_MONTHLY,
    monthly_tables.REGION_MONTHLY,
    monthly_tables.HOUSEHOLDS_MONTHLY,
)
ALL_TABLES = (*EVENT_TABLES, *ENTITY_TABLES, *INDICATOR_TABLES)

_OPEN_ORDER = tuple(s for s in OrderState if OrderState.NONE < s < OrderState.COMPLETED)
_OPEN_PLACEMENT = (PlacementState.SEARCHING, PlacementState.AGREED, PlacementState.ACTIVE)


@dataclass
class Recorded:
    """What a run has left behind in memory; indicators need nothing else.

    Attributes:
        frame: The world and the period.
        orders, placements: Daily sums.
        stocks: Rows of dtype ``STOCK``.
        series: Monthly series by name (dtypes in :mod:`sim.records.series`).
        ledger: Rows of dtype ``FLOW``.
        scale: Share of the region that was simulated.
    """

    frame: Frame
    orders: Cube
    placements: Cube
    stocks: Rows
    series: dict[str, Rows]
    ledger: Rows
    scale: float


class Recorder:
    """Records one run; implements :class:`sim.sink.EventSink`.

    Call :meth:`begin` (or :meth:`resume`) before time moves, and :meth:`finish` or :meth:`save` in the end.

    Args:
        period: The run's days and months.
        scale: Share of the region that is simulated.
        detail: Which files are written.
        folder: Where they are written; None writes none.
    """

    def __init__(
        self, period: Period, scale: float = 1.0, detail: Detail = "indicators", folder: Path | None = None
    ) -> None:
        self.period = period
        self.detail = detail if folder is not None else "none"
        self._scale = scale
        self._folder = folder or Path()
        self._series = MonthlySeries(period)
        self._stocks: list[Rows] = [np.zeros(0, STOCK)]
        self._ledger: Rows = np.zeros(0, tables.FLOW)
        self._digests: dict[tuple[str, int], Digest] = {}
        self._writers: dict[str, TableWriter] = {}

    def begin(self, world: World) -> None:
        """Look at the world before time starts."""
        self._frame = Frame(world, self.period)
        self._orders = order_cube(self.period, world)
        self._placements = placement_cube(self.period, world)
        self._series.begin(world)
        if self.detail == "tables":
            self._writers = {t.name: TableWriter(self._folder, t, self._frame) for t in EVENT_TABLES}

    def orders_ended(self, rows: Rows, world: World) -> None:
        """Take visit orders that have reached an end state."""
        self._series.buyers.note_orders(rows)
        for chunk in _chunks(rows):
            add_orders(self._orders, self.period, chunk, world)
            self._record(tables.ORDERS, chunk, self.period.month_of(chunk["ended_min"]))

    def placements_ended(self, rows: Rows, world: World) -> None:
        """Take placements and contracts that have reached an end state."""
        self._series.buyers.note_placements(rows)
        for chunk in _chunks(rows):
            add_placements(self._placements, self.period, chunk, world)
            self._record(tables.PLACEMENTS, chunk, self.period.month_of(chunk["ended_min"]))

    def stocks(self, rows: Rows, world: World) -> None:
        """Take one day's stocks."""
        del world
        self._stocks.append(rows.copy())
        self._digest(tables.STOCKS, rows, self.period.month_of_day[rows["day"]])

    def month_closed(self, end_min: float, world: World) -> None:
        """Close the monthly series."""
        self._series.close(end_min, world)

    def run_closed(self, end_min: float, world: World) -> None:
        """Take what is still open, as it stands, and close the last month."""
        self._series.close(end_min, world)
        last_month = len(self.period.months) - 1
        for chunk in _chunks(_in_states(world, "orders", _OPEN_ORDER)):
            add_orders(self._orders, self.period, chunk, world)
            self._record(tables.ORDERS, chunk, np.full(len(chunk), last_month))
        for chunk in _chunks(_in_states(world, "placements", _OPEN_PLACEMENT)):
            add_placements(self._placements, self.period, chunk, world)
            self._record(tables.PLACEMENTS, chunk, np.full(len(chunk), last_month))

    def finish(self, ledger: Rows) -> Recorded:
        """Write the remaining tables and return what indicators are computed from.

        Args:
            ledger: Payments by month, kind and sectors (dtype ``FLOW``).
        """
        self._ledger = ledger
        for writer in self._writers.values():
            writer.close()
        for table in DIGESTED_AT_THE_END:
            rows = self._rows_of(table)
            self._digest(table, rows, np.zeros(len(rows), np.int64))
        for table in self._tables_at_the_end():
            write_table(self._folder, table, self._rows_of(table), self._frame)
        return self.recorded()

    def recorded(self) -> Recorded:
        """What has been recorded so far."""
        stocks = np.concatenate(self._stocks)
        return Recorded(
            self._frame,
            self._orders,
            self._placements,
            stocks,
            self._series.rows,
            self._ledger,
            self._scale,
        )

    def digests(self) -> dict[str, str]:
        """The content digest of each digested table."""
        return {
            table.name: self._whole_digest(table).hex(table.name, table.column_names)
            for table in (*EVENT_TABLES, tables.STOCKS, *DIGESTED_AT_THE_END)
        }

    def monthly_digests(self) -> dict[str, dict[str, str]]:
        """Digests of orders, placements and stocks by month: where two runs part is seen at a glance."""
        return {
            table.name: {
                month: self._digests.get((table.name, index), Digest()).hex(table.name, table.column_names)
                for index, month in enumerate(self.period.months)
            }
            for table in (*EVENT_TABLES, tables.STOCKS)
        }

    def save(self, folder: Path) -> None:
        """Save what has been recorded so far into an existing empty folder; the recorder is closed by it.

        Args:
            folder: Where :meth:`resume` will find it.
        """
        for writer in self._writers.values():
            writer.close()
            writer.path.replace(folder / writer.path.name)
        keys = sorted(self._digests)
        state: dict[str, Any] = {
            "stocks": np.concatenate(self._stocks),
            "digest_tables": np.array([name for name, _ in keys], np.str_),
            "digest_months": np.array([month for _, month in keys], np.int64),
            "digest_states": np.array([self._digests[key].state for key in keys], np.uint64),
            **_prefixed("orders", self._orders.state()),
            **_prefixed("placements", self._placements.state()),
            **_prefixed("series", self._series.state()),
        }
        np.savez_compressed(folder / STATE_FILE, **state)

    def resume(self, folder: Path, world: World) -> None:
        """Go on from what :meth:`save` has written, in place of :meth:`begin`."""
        self.begin(world)
        with np.load(folder / STATE_FILE, allow_pickle=False) as saved:
            state = dict(saved)
        self._stocks = [state["stocks"]]
        self._orders.restore(_under("orders", state))
        self._placements.restore(_under("placements", state))
        self._series.restore(_under("series", state))
        for name, month, lanes in zip(
            state["digest_tables"], state["digest_months"], state["digest_states"], strict=True
        ):
            self._digests[str(name), int(month)] = Digest(lanes)
        for name, writer in self._writers.items():
            writer.copy(folder / f"{name}{SUFFIX}")

    def _record(self, table: Table, rows: Rows, months: NDArray[np.int64]) -> None:
        values = self._digest(table, rows, months)
        if table.name in self._writers and len(rows):
            self._writers[table.name].append(values)

    def _digest(self, table: Table, rows: Rows, months: NDArray[np.int64]) -> list[tables.Values]:
        values = table.extract(rows, self._frame)
        columns = table.digestible(values, self._frame)
        for month in np.unique(months).tolist():
            chosen = months == month
            digest = self._digests.setdefault((table.name, month), Digest())
            digest.add([column[chosen] for column in columns])
        return values

    def _whole_digest(self, table: Table) -> Digest:
        whole = Digest()
        for (name, _), part in self._digests.items():
            if name == table.name:
                whole.merge(part)
        return whole

    def _tables_at_the_end(self) -> tuple[Table, ...]:
        by_detail: dict[str, tuple[Table, ...]] = {
            "none": (),
            "indicators": INDICATOR_TABLES,
            "tables": (*INDICATOR_TABLES, *ENTITY_TABLES),
        }
        return by_detail[self.detail]

    def _rows_of(self, table: Table) -> Rows:
        """The rows of a table that is written as a whole."""
        if table.name in self._series.rows:
            return self._series.rows[table.name]
        if table is tables.STOCKS:
            return np.concatenate(self._stocks)
        if table is tables.LEDGER:
            return self._ledger
        if table is monthly_tables.ORDERS_DAILY:
            return monthly_tables.daily_rows(self._orders)
        if table is monthly_tables.PLACEMENTS_DAILY:
            return monthly_tables.daily_rows(self._placements)
        return self._frame.world.tables[table.name].used


def _chunks(rows: Rows) -> Iterator[Rows]:
    for first in range(0, len(rows), CHUNK):
        yield rows[first : first + CHUNK]


def _in_states(world: World, table: str, states: tuple[int, ...]) -> Rows:
    rows = world.tables[table].used
    return rows[np.isin(rows["state"], states)]


def _prefixed(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{prefix}.{name}": array for name, array in arrays.items()}


def _under(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(f"{prefix}."): array
        for name, array in arrays.items()
        if name.startswith(f"{prefix}.")
    }
