"""Build the world of a scenario: all tables as they are when time starts."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from sim.data.facts import FactTree
from sim.scenario import Settings
from sim.state import DTYPES, LIVES, Rows, Table, World
from sim.world.care import institution_rows, resident_rows
from sim.world.firms import company_rows
from sim.world.frame import Frame
from sim.world.households import household_rows
from sim.world.laboratory import laboratory_tables
from sim.world.places import community_rows, district_rows
from sim.world.pools import pool_rows
from sim.world.services import service_rows, trades
from sim.world.training import base_rows
from sim.world.travel import no_travel, travel_table
from sim.world.workforce import origins, worker_counts, worker_rows

ALL_SERVICES = "all"


class Resolved(Protocol):
    """What the builder needs of a resolved scenario."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def facts(self) -> FactTree:
        """The facts, the scenario's values applied."""


def build_world(scenario: Resolved) -> World:
    """Return the world of a scenario before time starts: a pure function of its settings, facts and seed."""
    laboratory = scenario.settings.laboratory
    if laboratory is not None:
        seed = np.uint64(scenario.settings.seed)
        names = ("laboratory",)
        return World(_tables(laboratory_tables(laboratory)), no_travel(), names, names, names, names, seed)
    return build_region(frame_of(scenario))


def frame_of(scenario: Resolved) -> Frame:
    """Return the frame of a scenario that has a region."""
    settings = scenario.settings
    services = None if settings.services == ALL_SERVICES else tuple(settings.services)
    region = Path(settings.region or "").name
    return Frame.of(region, scenario.facts, settings.scale, settings.seed, services)


def build_region(frame: Frame) -> World:
    """Return the world of a region."""
    return World(
        tables=_tables(region_tables(frame)),
        travel=travel_table(frame.facts),
        district_ids=frame.districts,
        service_ids=frame.services,
        trade_ids=trades(frame),
        origin_ids=origins(frame),
        seed=frame.seed,
        notes=[],
    )


def region_tables(frame: Frame) -> dict[str, Rows]:
    """Return the rows of all tables that a region has when time starts."""
    districts = district_rows(frame)
    communities = community_rows(frame, districts)
    services = service_rows(frame)
    households = household_rows(frame, districts, communities)
    institutions = institution_rows(frame, districts, communities, services)
    counts = worker_counts(frame)
    by_form = [sum(line) for line in counts]
    companies = company_rows(frame, districts, communities, institutions, by_form)
    workers = worker_rows(frame, districts, communities, services, companies, counts)
    return {
        "districts": districts,
        "communities": communities,
        "services": services,
        "households": households,
        "institutions": institutions,
        "residents": resident_rows(frame, institutions, households, services),
        "companies": companies,
        "workers": workers,
        "bases": base_rows(frame),
        "pools": pool_rows(frame),
        "lives": np.zeros(1, LIVES),
    }


def _tables(rows: dict[str, Rows]) -> dict[str, Table]:
    return {name: Table.of(rows[name]) if name in rows else Table(dtype) for name, dtype in DTYPES.items()}
