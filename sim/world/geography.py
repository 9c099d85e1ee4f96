"""Districts as wrap-around patches of full density, and as discs on the full-size map.

A scale below 1 keeps density: the patch of a district is a square whose edges are joined, of the district's built-up
area times the scale, so that a neighbour is as near as in the whole city. The full-size map (plane coordinates in km
around the region's middle) keeps the distances between districts. Only arithmetic stands here, so that a validation
may use it without loading compiled code.
"""

from __future__ import annotations

import math

from sim.data.facts import FactTree

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""


def district_ids(facts: FactTree) -> tuple[str, ...]:
    """The region's districts, sorted by id."""
    return facts.children("districts")


def district_values(facts: FactTree, quantity: str) -> dict[str, float]:
    """One quantity of all districts."""
    return {district: facts.number(f"districts.{district}.{quantity}") for district in district_ids(facts)}


def built_up_area_km2(facts: FactTree) -> dict[str, float]:
    """Area on which a district's residents live: at the built-up density, but not more than the whole district."""
    density = facts.number("geography.built_up_density_per_km2")
    residents = district_values(facts, "residents")
    whole = district_values(facts, "area_km2")
    return {district: min(whole[district], residents[district] / density) for district in residents}


def patch_side_km(facts: FactTree, scale: float) -> dict[str, float]:
    """Edge of each district's wrap-around patch at this scale."""
    return {district: math.sqrt(area * scale) for district, area in built_up_area_km2(facts).items()}


def disc_radius_km(area_km2: float) -> float:
    """Radius of the disc that has this area."""
    return math.sqrt(area_km2 / math.pi)


def centres_km(facts: FactTree) -> dict[str, tuple[float, float]]:
    """Centres of the districts on the plane map, east and north of the region's middle.

    Local equirectangular projection: longitudes are shrunk by the cosine of the middle latitude, which errs by less
    than 1% within a city.
    """
    latitudes = district_values(facts, "centre_latitude_deg")
    longitudes = district_values(facts, "centre_longitude_deg")
    middle_latitude = math.fsum(latitudes.values()) / len(latitudes)
    middle_longitude = math.fsum(longitudes.values()) / len(longitudes)
    km_per_degree = EARTH_RADIUS_KM * math.pi / 180.0
    shrink = math.cos(math.radians(middle_latitude))
    return {
        district: (
            (longitudes[district] - middle_longitude) * km_per_degree * shrink,
            (latitudes[district] - middle_latitude) * km_per_degree,
        )
        for district in latitudes
    }
