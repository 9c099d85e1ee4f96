from __future__ import annotations

import math
import subprocess
import sys

import pytest

from sim.data import FactTree
from sim.world.geography import (
    EARTH_RADIUS_KM,
    built_up_area_km2,
    centres_km,
    disc_radius_km,
    district_ids,
    district_values,
    patch_side_km,
)


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two (latitude, longitude) points in degrees, by the haversine formula."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2.0 * EARTH_RADIUS_KM * math.asin(math.sqrt(h))


def test_plane_distances_of_districts_agree_with_the_sphere(facts: FactTree) -> None:
    latitude = district_values(facts, "centre_latitude_deg")
    longitude = district_values(facts, "centre_longitude_deg")
    plane = centres_km(facts)
    for a in district_ids(facts):
        for b in district_ids(facts):
            sphere = great_circle_km((latitude[a], longitude[a]), (latitude[b], longitude[b]))
            assert math.dist(plane[a], plane[b]) == pytest.approx(sphere, rel=0.01, abs=0.01)


def test_a_patch_has_the_density_of_the_built_up_area(facts: FactTree) -> None:
    density = facts.number("geography.built_up_density_per_km2")
    residents = district_values(facts, "residents")
    areas = built_up_area_km2(facts)
    whole = district_values(facts, "area_km2")
    assert any(areas[d] < whole[d] for d in areas)
    assert any(areas[d] == whole[d] for d in areas)
    for scale in (0.002, 0.01, 0.05, 1.0):
        for district, side in patch_side_km(facts, scale).items():
            there = residents[district] * scale / side**2
            assert there == pytest.approx(max(density, residents[district] / whole[district]))


def test_the_full_patch_is_the_built_up_area(facts: FactTree) -> None:
    for district, side in patch_side_km(facts, 1.0).items():
        assert math.pi * disc_radius_km(side**2) ** 2 == pytest.approx(built_up_area_km2(facts)[district])


def test_patch_sides_need_no_compiled_code() -> None:
    program = "import sys, sim.world.geography; sys.exit(bool({'numba', 'scipy', 'mesa'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
