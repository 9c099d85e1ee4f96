"""A run is a function of its scenario: alike in every process, under other hashes, in other orders of rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.model import MarketModel
from sim.records.digest import Digest
from sim.records.run import Watcher, execute, plan
from sim.scenario import load_scenario
from sim.state import Rows, World
from tests.core.small import (
    LIVELY,
    Town,
    columns,
    differences,
    fingerprint,
    in_another_process,
    portrait,
    run,
)
from tests.core.worlds import TABLE_OF, built, shuffle
from tests.market.watch import Collector

LONG = ("period.days=33", "scale=0.1", *LIVELY)
OVERRIDES = ("period.days=40", "scale=0.06", *LIVELY)
RUN = """
import sys
from pathlib import Path
from sim.model import MarketModel
from sim.records.run import Watcher, execute, plan
from sim.scenario import load_scenario
from tests.core.small import fingerprint
scenario = load_scenario(sys.argv[1], sys.argv[3:])
model = MarketModel(scenario)
model.advance_to(model.end_min)
model.close()
print(fingerprint(model))
print(sorted(execute(plan(scenario, Path(sys.argv[2])), Watcher()).manifest.digests.items()))
"""
NUMBERED = {*TABLE_OF, "placement_row", "plan", "refused_by", "asked", "pool_winner", "stamp"}
LINKS = {"next_open", "previous_open", "open_head", "open_tail"}


@cache
def closed(town: Town, *overrides: str) -> MarketModel:
    """Return a run that has been closed; nobody changes it any more."""
    return made_anew(town, *overrides)


def made_anew(town: Town, *overrides: str) -> MarketModel:
    model = run(town(*overrides))
    model.close()
    return model


def test_the_same_scenario_gives_the_same_run(town: Town) -> None:
    assert differences(made_anew(town, *OVERRIDES), closed(town, *OVERRIDES)) == []


def test_another_seed_gives_another_run(town: Town) -> None:
    first, second = closed(town, *OVERRIDES), closed(town, *OVERRIDES, "seed=2")
    assert first.counts() != second.counts()


def test_every_process_and_hash_seed_gives_the_same_run(town: Town, tmp_path: Path) -> None:
    printed = [
        in_another_process(RUN, town.file, tmp_path / str(seed), *OVERRIDES, hash_seed=seed).splitlines()
        for seed in (0, 4711)
    ]
    assert printed[0] == printed[1]
    state, digests = printed[0]
    assert state == fingerprint(closed(town, *OVERRIDES))
    here = execute(plan(town(*OVERRIDES), tmp_path / "here"), Watcher()).manifest.digests
    assert digests == str(sorted(here.items()))
    assert "orders" in here


def test_a_run_beside_another_does_not_notice_it(town: Town) -> None:
    alone = closed(town, *OVERRIDES)
    one, other = MarketModel(town(*OVERRIDES)), MarketModel(town(*OVERRIDES, "seed=9"))
    for _ in range(40):
        one.run_days(1)
        other.run_days(1)
    one.close()
    assert differences(one, alone) == []


def test_the_names_of_things_change_nothing(town: Town) -> None:
    before = portrait(closed(town, *OVERRIDES))
    names = town.folder / "my_city" / "names.csv"
    text = names.read_text(encoding="utf-8")
    assert "Old Town" in text
    try:
        names.write_text(text.replace("Old Town", "Zzz").replace("New Town", "Old Town"), encoding="utf-8")
        assert portrait(closed(town, *OVERRIDES, "name.en=Another")) == before
    finally:
        names.write_text(text, encoding="utf-8")


def test_the_order_of_keys_in_a_file_changes_nothing(town: Town, tmp_path: Path) -> None:
    lines = town.file.read_text(encoding="utf-8").splitlines()
    turned = town.folder / "turned.yaml"
    turned.write_text("\n".join(reversed(lines)) + "\n", encoding="utf-8")
    model = run(load_scenario(turned, OVERRIDES))
    model.close()
    assert differences(model, closed(town, *OVERRIDES)) == []


# The sequence of rows.


def story(change: Callable[[World], None], town: Town, *overrides: str) -> dict[str, list[bytes]]:
    """Return what a run has done, in keys instead of rows and sorted by them."""
    sink = Collector()
    model = built(town(*overrides), change, sink)
    model.advance_to(model.end_min)
    model.close()
    keys = {
        name: table.used["key"] for name, table in model.tables.items() if "key" in table.rows.dtype.names
    }
    kept = {"ended orders": sink.orders(), "ended placements": np.concatenate(sink.placements)}
    for name in ("households", "workers", "companies", "institutions", "bases", "residents"):
        kept[name] = model.tables[name].used
    for name, ends in (("orders", 6), ("placements", 4)):
        rows = model.tables[name].used
        kept[name] = rows[(rows["state"] > 0) & (rows["state"] < ends)]
    return {name: sorted(retold(row, keys) for row in rows) for name, rows in kept.items()}


def retold(row: Rows, keys: dict[str, Rows]) -> bytes:
    """Return a row with keys in place of the numbers of other rows."""
    parts = [row["key"].tobytes()]
    for name in row.dtype.names:
        if name in TABLE_OF:
            parts.append(keys[TABLE_OF[name]][row[name]].tobytes() if row[name] >= 0 else b"nobody")
        elif name not in NUMBERED | LINKS:
            parts.append(row[name].tobytes())
    return b"\x1f".join(parts)


@cache
def straight_story(town: Town) -> dict[str, list[bytes]]:
    """Return what a run has done whose rows stand as the facts put them."""
    return story(lambda _world: None, town, *LONG)


TABLES = ("households", "workers", "companies", "institutions", "bases", "residents")


@pytest.mark.parametrize("names", [*((name,) for name in TABLES), TABLES], ids="+".join)
def test_the_sequence_of_rows_decides_nothing(names: tuple[str, ...], town: Town) -> None:
    shuffled = story(lambda world: shuffle(world, names, seed=5), town, *LONG)
    for name, rows in straight_story(town).items():
        different = sum(a != b for a, b in zip(rows, shuffled[name], strict=False))
        assert (len(shuffled[name]), different) == (len(rows), 0), name
        assert rows, f"no {name} that could differ"


def test_a_digest_does_not_see_the_sequence_but_sees_every_bit(town: Town) -> None:
    sink = Collector()
    run(town(*OVERRIDES), sink=sink).close()
    rows = sink.orders()
    names = [name for name in rows.dtype.names if rows.dtype[name].shape == ()]

    def digest(rows: Rows) -> str:
        made = Digest()
        made.add([rows[name] for name in names])
        return made.hex("orders", names)

    assert digest(rows) == digest(rows[::-1].copy())
    changed = rows.copy()
    changed["price_fen"][len(rows) // 2] += 1
    assert digest(changed) != digest(rows)
    assert dict(columns(rows[:3]))["key"] == rows["key"][:3].tobytes()
