from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data import FactTree
from sim.scenario import Settings
from sim.state import DTYPES
from sim.world.build import build_region, build_world, frame_of
from sim.world.frame import Frame

from .conftest import REGION, facts_of, world_of


@dataclass
class Resolved:
    settings: Settings
    facts: FactTree


def scenario(facts: FactTree, **changes: Any) -> Resolved:
    values: dict[str, Any] = {
        "schema_version": 1,
        "name": {"en": "test", "zh": "测试"},
        "region": REGION,
        "period": {"start": date(2026, 1, 1), "days": 10},
        "scale": 0.002,
        "seed": 4,
    }
    return Resolved(Settings.model_validate(values | changes), facts)


@pytest.mark.smoke
def test_a_scenario_gives_all_tables(facts: FactTree) -> None:
    world = build_world(scenario(facts))
    assert list(world.tables) == list(DTYPES)
    for name in ("households", "workers", "companies", "bases", "institutions", "residents"):
        assert world.tables[name].size > 0, name
    for name in ("orders", "placements"):
        assert world.tables[name].size == 0
    assert world.seed == np.uint64(4)
    assert world.travel["zero"][0] == 0


def test_the_same_scenario_gives_the_same_world(facts: FactTree) -> None:
    one, other = build_world(scenario(facts)), build_world(scenario(facts))
    for name in DTYPES:
        assert one.tables[name].used.tobytes() == other.tables[name].used.tobytes(), name


DIGEST = """
import hashlib
from sim.data import load_facts
from sim.world.build import build_region
from sim.world.frame import Frame
world = build_region(Frame.of("zhongshan", load_facts("zhongshan"), 0.01, 3))
digest = hashlib.blake2b()
for table in world.tables.values():
    digest.update(table.used.tobytes())
print(digest.hexdigest())
"""


def test_other_processes_and_hash_seeds_give_the_same_world() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "4242")
    }
    assert len(digests) == 1


def test_another_seed_gives_another_world(facts: FactTree) -> None:
    one, other = build_world(scenario(facts)), build_world(scenario(facts, seed=5))
    for name in ("households", "workers", "companies", "communities"):
        assert one.tables[name].used.tobytes() != other.tables[name].used.tobytes(), name


def test_a_region_given_by_its_path_has_the_same_keys(facts: FactTree, tmp_path: Path) -> None:
    by_path = frame_of(scenario(facts, region=str(tmp_path / REGION)))
    assert by_path.key("household", 1) == frame_of(scenario(facts)).key("household", 1)


def test_keys_are_unique_in_every_table() -> None:
    for name, table in world_of(REGION, 0.05, 1).tables.items():
        if name == "lives":  # one row of counts
            continue
        assert len(np.unique(table.used["key"])) == table.size, name


def test_a_chosen_list_of_services_makes_a_smaller_market(facts: FactTree) -> None:
    world = build_world(scenario(facts, services=["hourly_cleaning", "deep_cleaning"], scale=0.01))
    assert world.service_ids == ("deep_cleaning", "hourly_cleaning")
    assert world.trade_ids == ("deep_cleaning", "hourly_cleaning")
    companies = world.tables["companies"].used
    assert set(companies["services"]) <= {0b00, 0b10, 0b11}
    assert companies["workers"][companies["services"] == 0].sum() == 0
    assert (world.tables["workers"].used["skills"] > 0).all()


@given(
    region=st.sampled_from(["beijing", "zhongshan"]),
    scale=st.floats(0.0005, 0.01),
    seed=st.integers(0, 2**63 - 1),
    services=st.none() | st.sets(st.sampled_from(facts_of(REGION).children("services")), min_size=1),
)
@settings(max_examples=25, deadline=None)
def test_any_small_world_is_whole(region: str, scale: float, seed: int, services: set[str] | None) -> None:
    chosen = None if services is None else tuple(services)
    world = build_region(Frame.of(region, facts_of(region), scale, seed, chosen))
    tables = {name: table.used for name, table in world.tables.items()}
    workers, companies = tables["workers"], tables["companies"]
    assert (np.bincount(workers["company_row"], minlength=len(companies)) == companies["workers"]).all()
    assert (workers["skills"] & companies["services"][workers["company_row"]] != 0).all()
    for name in ("households", "workers", "companies", "institutions"):
        rows = tables[name]
        assert (tables["communities"]["district"][rows["community_row"]] == rows["district"]).all(), name
    assert (tables["households"]["elders"][tables["residents"]["household_row"]] > 0).all()
    assert (tables["institutions"]["residents"] <= tables["institutions"]["beds"]).all()
    for name, rows in tables.items():
        for column in rows.dtype.names:
            if rows[column].dtype.kind == "f":
                assert np.isfinite(rows[column]).all(), (name, column)


def test_five_percent_of_the_city_are_built_in_seconds(facts: FactTree) -> None:
    build_region(Frame.of(REGION, facts, 0.002, 1))
    begin = time.perf_counter()
    build_region(Frame.of(REGION, facts, 0.05, 3))
    assert time.perf_counter() - begin < 10.0
