from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.data import FactTree
from sim.state import World
from sim.world.frame import Frame
from sim.world.places import community_rows, district_rows, wrapped
from sim.world.travel import torus_km

from .conftest import REGION, world_of


def test_districts_follow_the_facts(facts: FactTree, world: World) -> None:
    rows = world.tables["districts"].used
    assert len(rows) == len(world.district_ids) == 16
    for row, district in zip(rows, world.district_ids, strict=True):
        fee = facts.number(f"districts.{district}.institution_fee_yuan_per_month")
        assert row["institution_fee_fen_per_month"] == 100 * fee
        assert math.pi * row["radius_km"] ** 2 == pytest.approx(row["side_km"] ** 2 / 0.01)


@pytest.mark.parametrize("scale", [0.002, 0.01, 0.2, 1.0])
def test_communities_are_as_many_as_the_scale_says_and_weigh_as_the_city(
    frame_at: Callable[[float], Frame], scale: float
) -> None:
    frame = frame_at(scale)
    rows = community_rows(frame, district_rows(frame))
    real = frame.facts.integer("region.communities")
    assert len(rows) == max(round(real * scale), len(frame.districts))
    assert rows["weight"].sum() == pytest.approx(real)
    assert set(rows["district"]) == set(range(len(frame.districts)))
    assert (np.diff(rows["district"]) >= 0).all()
    assert (rows["community_row"] == np.arange(len(rows))).all()


def test_everybody_lives_on_the_patch_and_in_the_own_community(world: World) -> None:
    districts = world.tables["districts"].used
    communities = world.tables["communities"].used
    counts = np.bincount(communities["district"])
    for name, on_map in (("households", "city"), ("workers", "home_city")):
        rows = world.tables[name].used
        side = districts["side_km"][rows["district"]]
        assert (rows["x_km"] >= 0).all()
        assert (rows["x_km"] < side).all()
        assert (rows["y_km"] >= 0).all()
        assert (rows["y_km"] < side).all()
        middles = communities[rows["community_row"]]
        assert (middles["district"] == rows["district"]).all()
        half = side / np.sqrt(counts[rows["district"]]) / 2
        dx = rows[f"{on_map}_x_km"] - middles["city_x_km"]
        dy = rows[f"{on_map}_y_km"] - middles["city_y_km"]
        assert (np.maximum(abs(dx), abs(dy)) <= half * (1 + 1e-5)).all()
        on_patch = np.array(
            [
                torus_km(*each)
                for each in zip(
                    side, rows["x_km"], rows["y_km"], middles["x_km"], middles["y_km"], strict=True
                )
            ]
        )
        assert on_patch == pytest.approx(np.hypot(dx, dy), abs=1e-3)


def test_communities_lie_in_the_disc_of_their_district() -> None:
    world = world_of(REGION, 1.0 / 33.0, 1)
    districts, communities = world.tables["districts"].used, world.tables["communities"].used
    home = districts[communities["district"]]
    off = np.hypot(communities["city_x_km"] - home["city_x_km"], communities["city_y_km"] - home["city_y_km"])
    assert (off <= home["radius_km"] * (1 + 1e-6)).all()
    assert stats.kstest((off / home["radius_km"]) ** 2, "uniform").pvalue > 1e-6
    assert stats.kstest(communities["x_km"] / home["side_km"], "uniform").pvalue > 1e-6


def test_neighbours_are_as_near_at_every_scale() -> None:
    """The mean number of households within 300 m follows the density, not the scale."""
    near = {}
    for scale in (0.01, 0.05):
        world = world_of(REGION, scale, 1)
        rows = world.tables["households"].used
        side = float(world.tables["districts"].used["side_km"][1])
        there = rows[rows["district"] == 1]
        near[scale] = _mean_within(there[:: max(1, len(there) // 400)], there, side, 0.3)
        density = len(there) / side**2
        assert near[scale] == pytest.approx(density * math.pi * 0.3**2, rel=0.2)
    assert near[0.01] == pytest.approx(near[0.05], rel=0.2)


def _mean_within(some: np.ndarray, all_: np.ndarray, side: float, radius: float) -> float:
    dx = np.abs(some["x_km"][:, None] - all_["x_km"])
    dy = np.abs(some["y_km"][:, None] - all_["y_km"])
    dx, dy = np.minimum(dx, side - dx), np.minimum(dy, side - dy)
    return float((np.hypot(dx, dy) < radius).sum(axis=1).mean())


@settings(deadline=None)
@given(st.floats(-50, 50), st.floats(0.01, 20))
def test_wrapping_keeps_the_place(position: float, side: float) -> None:
    inside = float(np.float32(wrapped(position, side)))
    assert 0.0 <= inside < side
    turns = (position - inside) / side
    assert turns == pytest.approx(round(turns), abs=1e-4)
