"""Worlds that differ from the one the facts give: rows taken out or put in another sequence, all references kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sim.market import setup
from sim.model import MarketModel
from sim.scenario import Scenario
from sim.state import Rows, Table, World
from sim.vocabulary import NO_ROW

TABLE_OF = {
    "community_row": "communities",
    "household_row": "households",
    "worker_row": "workers",
    "company_row": "companies",
    "base_row": "bases",
    "institution_row": "institutions",
    "last_company_row": "companies",
    "regular_row": "workers",
}
Change = Callable[[World], None]


def built(scenario: Scenario, change: Change, sink: Any = None) -> MarketModel:
    """Return the model of a scenario whose world has been changed before time starts."""
    build = setup.build_world

    def build_changed(resolved: Scenario) -> World:
        world = build(resolved)
        change(world)
        return world

    setup.build_world = build_changed  # type: ignore[assignment]
    try:
        return MarketModel(scenario, sink)
    finally:
        setup.build_world = build


def take(world: World, name: str, rows: Sequence[int] | Rows) -> None:
    """Keep these rows of a table, in this sequence, and renumber what refers to them; -1 where one is gone."""
    kept = np.asarray(rows, np.int64)
    before = world.tables[name].used
    new_number = np.full(len(before) + 1, NO_ROW)  # the last stands for NO_ROW itself
    new_number[kept] = np.arange(len(kept))
    world.tables[name] = Table.of(before[kept])
    for table in world.tables.values():
        for column in table.rows.dtype.names or ():
            if TABLE_OF.get(column) == name:
                table.used[column] = new_number[table.used[column]]


def drop(world: World, name: str, row: int) -> None:
    """Take one actor out of the world, with what cannot be without it.

    A household takes its residents with it, an institution its residents and its home service; the workers of a firm
    that is gone have no employer.
    """
    if name == "institutions":
        _drop_residents(world, world.tables["residents"].used["institution_row"] == row)
        company = int(world.tables[name].used["company_row"][row])
        take(world, name, _all_but(world, name, row))
        take(world, "companies", _all_but(world, "companies", company))
        return
    if name == "households":
        _drop_residents(world, world.tables["residents"].used["household_row"] == row)
    take(world, name, _all_but(world, name, row))


def _all_but(world: World, name: str, row: int) -> list[int]:
    return [number for number in range(world.tables[name].size) if number != row]


def _drop_residents(world: World, gone: Rows) -> None:
    residents = world.tables["residents"].used
    homes = world.tables["institutions"].used
    np.subtract.at(homes["residents"], residents["institution_row"][gone], 1)
    np.subtract.at(homes["by_degree"], (residents["institution_row"][gone], residents["degree"][gone]), 1)
    take(world, "residents", np.flatnonzero(~gone))


def shuffle(world: World, names: Sequence[str], seed: int) -> None:
    """Put the rows of some tables into another sequence."""
    generator = np.random.default_rng(seed)
    for name in names:
        take(world, name, generator.permutation(world.tables[name].size))
