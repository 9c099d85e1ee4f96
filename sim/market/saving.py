"""A run's state in a file: the tables, the calendar, the accounts and counts, and nothing derived.

The file is a ZIP of NumPy arrays without pickles, so that it can be read on any system. It carries the identity of the
scenario and the layout of the tables; a file of another scenario or another version of the model is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import OutputError, SavedStateError
from sim.market.ledger import Ledger
from sim.market.members import Members
from sim.scenario import Past
from sim.state import DTYPES, NEED, Table

if TYPE_CHECKING:
    from sim.market.audit import Auditor
    from sim.market.market import Market
    from sim.scenario import Scenario
    from sim.state import Rows

FORMAT = 1
_COUNTERS = (
    "transitions", "tallies", "placement_transitions", "needs_outside", "needs_by_kin", "entered", "left",
)  # fmt: skip
_LOGS = (
    "ended_orders", "ended_placements", "ended_residents", "stints", "employments", "ended_complaints", "ward_stints",
)  # fmt: skip
# What damaged archives raise: a flipped bit can also say that an entry is encrypted (RuntimeError) or packed otherwise.
_DAMAGE = (OSError, EOFError, LookupError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
_AUDIT = (
    "orders_by",
    "household_fen",
    "company_fen",
    "worker_fen",
    "service_min",
    "travel_min",
    "ward_fen",
    "carer_fen",
    "employed_min",
    "claim_fen",
)


_BOOKS = ("staff", "office_min", "profit_fen", "balance_fen", "months", "written_off_fen")


def layout() -> str:
    """Return a digest of the tables' columns: two versions of the model with another one cannot share a state."""
    text = json.dumps({name: str(dtype.descr) for name, dtype in DTYPES.items()}, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def save_state(path: Path, market: Market, auditor: Auditor, past: Past) -> None:
    """Write the state; an existing file is replaced only once the new one is whole.

    Raises:
        OutputError: The file cannot be written.
    """
    arrays = {**_tables(market), **_books(market, auditor)}
    header = {
        "format": FORMAT,
        "layout": layout(),
        "past": past.write(),
        "now_min": market.now_min,
        "fired": market.clock.fired,
        "passed": auditor.passed,
        "entered_in_all": market.entered_in_all,
        "left_in_all": market.left_in_all,
        "initial_workers": auditor.initial_workers,
        "audited_min": auditor.audited_min,
        "residents_support_fen": auditor.residents_support_fen,
    }
    arrays["header"] = np.array(json.dumps(header))
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OutputError(f"the state cannot be written to {path}: {error.strerror or error}") from error


def load_state(path: Path, market: Market, auditor: Auditor, scenario: Scenario) -> None:
    """Bring a freshly built market to a saved state, its own or that of a run with the same past.

    Raises:
        SavedStateError: The file is missing, damaged, of another version, or of a scenario with another past.
    """
    header, arrays = _read(path)
    _check(path, header, scenario)
    missing = sorted({**_tables(market), **_books(market, auditor)}.keys() - arrays.keys())
    if missing:
        raise SavedStateError(f"{path} is not a whole saved state of a run: {missing[0]} is missing")
    for name in DTYPES:
        # The Mesa agents hold the tables themselves, so these stay and only their content is exchanged.
        table, saved = market.world.tables[name], Table.of(arrays[f"table.{name}"])
        table.rows, table.size = saved.rows, saved.size
        table.free = arrays[f"free.{name}"].tolist()
    for name in _LOGS:
        setattr(market, name, Table.of(arrays[f"log.{name}"]))
    for name in _COUNTERS:
        setattr(market, name, arrays[f"count.{name}"])
    for name in _AUDIT:
        setattr(auditor, name, arrays[f"audit.{name}"])
    for name in _BOOKS if auditor.books is not None else ():
        setattr(auditor.books, name, arrays[f"books.{name}"])
    if auditor.complaints is not None:
        auditor.complaints.counts = arrays["audit.complaints"]
    auditor.passed = header["passed"]
    market.entered_in_all, market.left_in_all = header["entered_in_all"], header["left_in_all"]
    auditor.initial_workers, auditor.audited_min = header["initial_workers"], header["audited_min"]
    auditor.residents_support_fen = header["residents_support_fen"]
    market.ledger = Ledger(arrays["ledger.flows"], arrays["ledger.singles"], arrays["ledger.months"])
    market.needs = arrays["needs"]
    market.members = Members(*(arrays[f"members.{name}"] for name in Members._fields))
    market.bind()
    market.clock.run_until(header["now_min"])
    market.clock.restore(arrays["calendar"])
    market.clock.fired = header["fired"]


def _tables(market: Market) -> dict[str, Rows]:
    arrays = {}
    for name, table in market.world.tables.items():
        arrays[f"table.{name}"] = table.used
        arrays[f"free.{name}"] = np.array(table.free, np.int64)
    for name in _LOGS:
        arrays[f"log.{name}"] = getattr(market, name).used
    return arrays


def _books(market: Market, auditor: Auditor) -> dict[str, Rows]:
    arrays = {f"count.{name}": getattr(market, name) for name in _COUNTERS}
    arrays |= {f"audit.{name}": getattr(auditor, name) for name in _AUDIT}
    if auditor.books is not None:
        arrays |= {f"books.{name}": getattr(auditor.books, name) for name in _BOOKS}
    if auditor.complaints is not None:
        arrays["audit.complaints"] = auditor.complaints.counts
    arrays |= {
        "ledger.flows": market.ledger.flows,
        "ledger.singles": market.ledger.singles,
        "ledger.months": market.ledger.months,
        "needs": market.needs if len(market.needs) else np.zeros(0, NEED),
        **{f"members.{name}": array for name, array in market.members._asdict().items()},
        "calendar": market.clock.calendar(),
    }
    return arrays


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Rows]]:
    try:
        with zipfile.ZipFile(path) as archive:
            # NumPy reads only what an array's header asks for, and then the check sum behind it is not looked at.
            damaged = archive.testzip()
        if damaged is not None:
            raise ValueError(f"{damaged} has changed since it was written")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return json.loads(str(arrays.pop("header"))), arrays
    except FileNotFoundError as error:
        raise SavedStateError(f"{path}: there is no such saved state") from error
    except _DAMAGE as error:
        raise SavedStateError(f"{path} is not a whole saved state of a run: {error}") from error


def _check(path: Path, header: dict[str, Any], scenario: Scenario) -> None:
    if header.get("format") != FORMAT or header.get("layout") != layout():
        raise SavedStateError(
            f"{path} was saved by another version of the model; run it again from its start"
        )
    if not Past.read(header["past"]).leads_to(scenario, header["now_min"]):
        raise SavedStateError(
            f"{path} was saved from another scenario, seed or region; resume it with the one that it was saved from"
        )
