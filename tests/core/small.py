"""A small town and runs of it, small enough to be run hundreds of times; and the portrait of a run's whole state."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.model import MarketModel
from sim.scenario import Scenario, load_scenario
from sim.state import NEED, Rows

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "add_a_region.md"
FILES = ("region.yaml", "districts.csv", "names.csv")
SCENARIO = """\
schema_version: 1
name: {en: A town, zh: 小城}
region: my_city
period: {start: 2026-01-01, days: 20, warm_up_days: 0}
scale: 0.03
"""
QUEUE = """\
schema_version: 1
name: {en: A queue, zh: 排队}
period: {start: 2026-01-01, days: 20, warm_up_days: 0}
laboratory:
  servers: 3
  arrivals_per_hour: 2.5
  service_time: {law: exponential, mean_min: 60}
  patience: {law: exponential, mean_min: 90}
"""
# Values that let much happen within weeks: workers come and go, stays and placements end, all dispatchers work.
LIVELY = (
    "parameters.labour.exit_rate_per_year=0.9",
    "parameters.labour.network_entry_rate_per_year=0.9",
    "parameters.services.institution_care.spell_mean_months=3",
    "parameters.services.recurring_housekeeping.spell_mean_months=1",
    "parameters.services.live_in_nanny.spell_mean_months=1",
    "parameters.placements.unsuitable_probability=0.3",
    "dispatch.platform.policy=radius",
    "dispatch.agency.policy=batch",
)


class Town:
    """Scenarios of the region on the page that tells how to add one, and of a textbook queue.

    Args:
        folder: Where the files are written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        region = folder / "my_city"
        region.mkdir()
        for name in FILES:
            (region / name).write_text(_on_page(name), encoding="utf-8")
        self.file = folder / "town.yaml"
        self.file.write_text(SCENARIO, encoding="utf-8")
        self.queue_file = folder / "queue.yaml"
        self.queue_file.write_text(QUEUE, encoding="utf-8")

    def __call__(self, *overrides: str) -> Scenario:
        """Return the town's scenario with overrides, as on the command line."""
        return load_scenario(self.file, overrides)

    def queue(self, *overrides: str) -> Scenario:
        """Return the queue's scenario with overrides."""
        return load_scenario(self.queue_file, overrides)


def _on_page(name: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(name)}\n.*?^```(?:yaml|csv)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"the page has no block under the heading {name}"
    return found.group(1)


def arrays_of(model: MarketModel) -> Iterator[tuple[str, Rows]]:
    """Yield all that a run's future and its records depend on, as named arrays."""
    market, auditor = model.market, model.auditor
    for name, table in market.world.tables.items():
        yield name, table.used
        yield f"{name}.free", np.array(table.free, np.int64)
    for name in ("ended_orders", "ended_placements", "ended_residents"):
        yield name, getattr(market, name).used
    for name in (
        "transitions", "tallies", "placement_transitions", "needs_outside", "entered", "left",
    ):  # fmt: skip
        yield name, getattr(market, name)
    yield "needs", market.needs.astype(NEED)
    for name in ("flows", "singles", "months"):
        yield f"ledger.{name}", getattr(market.ledger, name)
    for name in ("orders_by", "household_fen", "company_fen", "worker_fen", "service_min", "travel_min"):
        yield f"audit.{name}", getattr(auditor, name)
    for name in (
        () if auditor.books is None else ("staff", "office_min", "profit_fen", "months", "written_off_fen")
    ):
        yield f"books.{name}", getattr(auditor.books, name)
    yield "audit.passed", np.array(list(auditor.passed.values()), np.int64)
    for name, array in market.members._asdict().items():
        yield f"members.{name}", array
    yield "calendar", market.clock.calendar()
    yield "clock", np.array([market.now_min, market.clock.fired])


def portrait(model: MarketModel) -> dict[str, bytes]:
    """Return every column of a run's state as bytes: two runs stand alike exactly when all are equal."""
    return {
        f"{name}.{column}": values for name, array in arrays_of(model) for column, values in columns(array)
    }


def columns(array: Rows) -> Iterator[tuple[str, bytes]]:
    """Yield an array's columns as bytes, without the padding between them."""
    if array.dtype.names is None:
        yield "", np.ascontiguousarray(array).tobytes()
    for name in array.dtype.names or ():
        yield name, np.ascontiguousarray(array[name]).tobytes()


def fingerprint(model: MarketModel) -> str:
    """Return a digest of the portrait, to be compared between processes."""
    digest = hashlib.blake2b(digest_size=16)
    for name, values in sorted(portrait(model).items()):
        digest.update(name.encode() + b"\x1f" + values + b"\x1e")
    return digest.hexdigest()


def differences(first: MarketModel, second: MarketModel) -> list[str]:
    """Return the names of the columns in which two runs differ; none when they stand alike."""
    one, other = portrait(first), portrait(second)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def run(scenario: Scenario, days: int | None = None, sink: Any = None) -> MarketModel:
    """Return a model that has run for some days, by default to its end, and is not closed."""
    model = MarketModel(scenario, sink)
    model.run_days(scenario.settings.period.days if days is None else days)
    return model


def in_another_process(code: str, *arguments: object, hash_seed: int = 0) -> str:
    """Return what Python code prints in a process of its own, with another seed of its hashes."""
    path = os.pathsep.join(filter(None, sys.path))
    ended = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()
