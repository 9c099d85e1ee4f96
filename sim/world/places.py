"""The tables of districts and communities, and where in them somebody lives.

Communities lie evenly spread on their district's patch, as real ones divide the built-up land among them, and at random
in the disc of the built-up area on the full-size map. Whoever belongs to a community is scattered uniformly in a square
around its middle whose area is the community's share of the patch. So the density on the patch is that of the city at
every scale; with one community it is uniform.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.rng import combine, decision, uniform
from sim.state import COMMUNITY, DISTRICT, Rows
from sim.world.draws import point_in_disc
from sim.world.frame import Frame
from sim.world.geography import built_up_area_km2, centres_km, disc_radius_km, patch_side_km
from sim.world.shares import apportion

_FEN_PER_YUAN = 100
_PATCH_X = decision("community.patch_x")
_PATCH_Y = decision("community.patch_y")
_CITY = decision("community.city")
_PLASTIC = 1.32471795724474602596
"""Root of x^3 = x + 1; multiples of 1/x and 1/x^2 spread evenly over a square for any number of points."""
_STEP_X = 1.0 / _PLASTIC
_STEP_Y = 1.0 / _PLASTIC**2
_COMMUNITY = decision("place.community")
_OFFSET = decision("place.offset")


def district_rows(frame: Frame) -> Rows:
    """Return the table of districts, in the order of ``frame.districts``."""
    rows = np.zeros(len(frame.districts), DISTRICT)
    sides = patch_side_km(frame.facts, frame.scale)
    areas = built_up_area_km2(frame.facts)
    centres = centres_km(frame.facts)
    for row, district in enumerate(frame.districts):
        rows["key"][row] = frame.key("district", district)
        rows["side_km"][row] = sides[district]
        rows["radius_km"][row] = disc_radius_km(areas[district])
        rows["city_x_km"][row], rows["city_y_km"][row] = centres[district]
    fees = [_FEN_PER_YUAN * round(fee) for fee in frame.by_district("institution_fee_yuan_per_month")]
    rows["institution_fee_fen_per_month"] = fees
    return rows


def community_rows(frame: Frame, districts: Rows) -> Rows:
    """Return the table of communities, by district and number within it; every district has at least one."""
    households = frame.by_district("family_households")
    real = frame.facts.integer("region.communities")
    real_by_district = apportion(real, households, at_least=1)
    counts = apportion(max(frame.scaled(real), len(districts)), households, at_least=1)
    rows = np.zeros(sum(counts), COMMUNITY)
    rows["district"] = np.repeat(np.arange(len(counts)), counts)
    rows["community_row"] = np.arange(len(rows))
    rows["weight"] = np.repeat(np.array(real_by_district) / np.array(counts), counts)
    bases = [frame.key("community", district) for district in frame.districts]
    _lay_out(rows, districts, np.array(bases, np.uint64), frame.seed)
    return rows


@kernel
def _lay_out(communities: Rows, districts: Rows, bases: NDArray[np.uint64], seed: np.uint64) -> None:
    """Place the communities: on the patch along an additive recurrence in two dimensions with a keyed start.

    The recurrence with the plastic number has low discrepancy at every length (Roberts 2018, "The unreasonable
    effectiveness of quasirandom sequences"), so that community ``k`` keeps its relative place when there are more.
    """
    number = 0
    for c in range(len(communities)):
        row = communities[c]
        number = number + 1 if c > 0 and communities[c - 1].district == row.district else 0
        home = districts[row.district]
        row.key = combine(bases[row.district], number)
        shift_x = uniform(seed, _PATCH_X, home.key, np.uint64(0))
        shift_y = uniform(seed, _PATCH_Y, home.key, np.uint64(0))
        row.x_km = home.side_km * ((shift_x + number * _STEP_X) % 1.0)
        row.y_km = home.side_km * ((shift_y + number * _STEP_Y) % 1.0)
        dx, dy = point_in_disc(home.radius_km, seed, _CITY, row.key)
        row.city_x_km = home.city_x_km + dx
        row.city_y_km = home.city_y_km + dy


def first_and_count(communities: Rows, districts: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each district's first community row and number of communities."""
    counts = np.bincount(communities["district"], minlength=len(districts)).astype(np.int64)
    return np.cumsum(counts) - counts, counts


@kernel
def wrapped(position: float, side_km: float) -> float:
    """Return a coordinate brought back onto the patch, in [0, side)."""
    inside = position - side_km * math.floor(position / side_km)
    # Rounding can leave it just below 0; a float32 column could round the largest values up to the other edge.
    return inside if 0.0 <= inside < side_km * (1.0 - 1e-7) else 0.0


@kernel
def scatter(
    rows: Rows,
    districts: Rows,
    communities: Rows,
    first: NDArray[np.int64],
    count: NDArray[np.int64],
    seed: np.uint64,
) -> None:
    """Give every row, whose key and district are set, a community of the district and a place around its middle."""
    for r in range(len(rows)):
        row = rows[r]
        side = districts[row.district].side_km
        number = int(uniform(seed, _COMMUNITY, row.key, np.uint64(0)) * count[row.district])
        middle = communities[first[row.district] + number]
        width = side / math.sqrt(count[row.district])
        dx = width * (uniform(seed, _OFFSET, row.key, np.uint64(0)) - 0.5)
        dy = width * (uniform(seed, _OFFSET, row.key, np.uint64(1)) - 0.5)
        row.community_row = first[row.district] + number
        row.x_km = wrapped(middle.x_km + dx, side)
        row.y_km = wrapped(middle.y_km + dy, side)
        row.city_x_km = middle.city_x_km + dx
        row.city_y_km = middle.city_y_km + dy


def settle(rows: Rows, districts: Rows, communities: Rows, seed: np.uint64) -> None:
    """Place all rows of a table in its communities; keys and districts must be set."""
    first, count = first_and_count(communities, districts)
    scatter(rows, districts, communities, first, count, seed)
