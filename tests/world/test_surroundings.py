from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.vocabulary import FirmForm
from sim.world.surroundings import home_on_map, place_on_map

from .conftest import REGION, facts_of, world_of


def test_a_local_firm_meets_households_in_the_disc_of_its_reach() -> None:
    world = world_of(REGION, 0.01, 1)
    companies, households = world.tables["companies"].used, world.tables["households"].used
    agency = companies[companies["form"] == FirmForm.AGENCY][0]
    places = np.array([place_on_map(agency, household) for household in households[:5000]])
    off = np.hypot(places[:, 0] - agency["city_x_km"], places[:, 1] - agency["city_y_km"])
    reach = facts_of(REGION).number("companies.agency.reach_km")
    assert off.max() <= reach * (1 + 1e-6)
    assert stats.kstest((off / reach) ** 2, "uniform").pvalue > 1e-6


def test_the_mean_trip_between_random_orders_is_that_of_the_facts() -> None:
    # 4.5 km (3-8) between two orders in Beijing [T021a].
    world = world_of(REGION, 0.01, 1)
    companies, households = world.tables["companies"].used, world.tables["households"].used
    agency = companies[companies["form"] == FirmForm.AGENCY][0]
    places = np.array([place_on_map(agency, household) for household in households[:4000]])
    way = np.hypot(*(places[::2] - places[1::2]).T) * world.travel["detour_factor"][0]
    assert way.mean() == pytest.approx(4.5, abs=0.4)


def test_a_place_is_the_same_at_every_scale() -> None:
    small, large = world_of(REGION, 0.01, 1), world_of(REGION, 0.05, 1)
    one = small.tables["companies"].used
    rows = {int(key): row for row, key in enumerate(large.tables["companies"].used["key"])}
    shared = [row for row in range(len(one)) if int(one["key"][row]) in rows and not one["citywide"][row]]
    assert shared
    for row in shared[:3]:
        a, b = one[row], large.tables["companies"].used[rows[int(one["key"][row])]]
        home = small.tables["households"].used[7]
        at_a, at_b = place_on_map(a, home), place_on_map(b, home)
        # The shop itself stands at a community, and these follow the scale.
        assert at_a[0] - a["city_x_km"] == pytest.approx(at_b[0] - b["city_x_km"], abs=1e-4)


def test_workers_live_near_the_shop_or_in_their_own_district() -> None:
    world = world_of(REGION, 0.01, 1)
    workers, companies = world.tables["workers"].used, world.tables["companies"].used
    firm = companies[workers["company_row"]]
    off = np.hypot(workers["city_x_km"] - firm["city_x_km"], workers["city_y_km"] - firm["city_y_km"])
    near = (firm["citywide"] == 0) & (workers["home_district"] == firm["district"])
    assert (off[near] <= firm["reach_km"][near] * (1 + 1e-5)).all()
    far = np.flatnonzero(~near)[:50]
    for row in far:
        assert home_on_map(firm[row], workers[row]) == pytest.approx(
            (workers["home_city_x_km"][row], workers["home_city_y_km"][row])
        )


def test_another_seed_gives_other_places() -> None:
    one, other = (world_of(REGION, 0.01, seed).tables["companies"].used for seed in (1, 2))
    platforms = [rows["surroundings"][rows["form"] == FirmForm.PLATFORM] for rows in (one, other)]
    assert (platforms[0] != platforms[1]).all()
