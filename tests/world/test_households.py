from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.data import FactTree
from sim.state import World

from .conftest import REGION, assert_mean, assert_share, world_of

SCALE = 0.05


@pytest.fixture
def households() -> np.ndarray:
    return world_of(REGION, SCALE, 1).tables["households"].used


@pytest.mark.parametrize("region", ["beijing", "zhongshan"])
@pytest.mark.parametrize("scale", [0.002, 0.01])
def test_households_by_district_are_the_scaled_facts(region: str, scale: float) -> None:
    from .conftest import facts_of

    world, facts = world_of(region, scale, 1), facts_of(region)
    counts = np.bincount(world.tables["households"].used["district"])
    real = np.array([facts.number(f"districts.{d}.family_households") for d in world.district_ids])
    assert counts.sum() == round(real.sum() * scale)
    assert (abs(counts - real * scale) < 1.0).all()


def test_sizes_follow_the_facts(facts: FactTree, households: np.ndarray) -> None:
    assert_share(households["members"] == 1, facts.number("region.one_person_household_share"))
    # The cut at the largest size costs far less than a thousandth.
    assert_mean(households["members"] + 0.0, facts.number("region.persons_per_household"))
    assert households["members"].min() == 1
    assert households["members"].max() <= facts.integer("households.largest_size")


def test_elders_of_every_district_follow_the_facts(facts: FactTree, households: np.ndarray) -> None:
    for row, district in enumerate(facts.children("districts")):
        there = households["elders"][households["district"] == row]
        residents = facts.number(f"districts.{district}.residents")
        elders = residents * facts.number(f"districts.{district}.elders_60_plus_share")
        assert_mean(there + 0.0, elders / facts.number(f"districts.{district}.family_households"))
    assert (households["elders"] <= households["members"]).all()
    assert set(households["elders"]) == {0, 1, 2}


def test_disability_is_the_worst_of_the_elders(facts: FactTree, households: np.ndarray) -> None:
    shares = [
        facts.number(f"region.elder_disability_{degree}_share_of_60_plus")
        for degree in ("mild", "moderate", "severe")
    ]
    for elders in (1, 2):
        degrees = households["disability"][households["elders"] == elders]
        for degree in (1, 2, 3):
            at_least = sum(shares[degree - 1 :])
            assert_share(degrees >= degree, 1.0 - (1.0 - at_least) ** elders)
    assert (households["disability"][households["elders"] == 0] == 0).all()


def test_infants_and_pets_follow_the_facts(facts: FactTree, households: np.ndarray) -> None:
    infants = facts.number("region.children_under_3") / facts.number("region.family_households")
    assert_share(households["infants"] > 0, infants)
    assert households["members"][households["infants"] > 0].min() >= 3
    assert_share(households["pets"] > 0, facts.number("households.pet_share"))
    since = households["infant_since_min"]
    infancy_min = facts.number("households.infancy_years") * 365 * 1440
    young = households["infants"] > 0
    assert (since[~young] == 1e18).all()
    assert_share(since[young] < -infancy_min / 2, 0.5)
    assert (since[young] > -infancy_min).all()


def test_income_by_district_and_fifth(facts: FactTree, households: np.ndarray) -> None:
    per_head = households["income_fen_per_month"] / households["members"] * 12 / 100
    for row, district in enumerate(facts.children("districts")):
        income = facts.number(f"districts.{district}.income_yuan_per_year")
        assert_mean(per_head[households["district"] == row], income)
    sizes = np.bincount(households["income_fifth"])
    assert sizes.max() - sizes.min() <= 1
    bounds = [per_head[households["income_fifth"] == fifth] for fifth in range(5)]
    assert all(low.max() <= high.min() for low, high in itertools.pairwise(bounds))
    # Beijing's household survey: the richest fifth has about six times the income of the poorest.
    assert 5.0 < bounds[4].mean() / bounds[0].mean() < 8.0


def test_homes_have_their_mean_size(facts: FactTree, households: np.ndarray) -> None:
    assert households["home_m2"].mean() == pytest.approx(facts.number("households.home_m2_mean"), rel=0.12)


def test_propensity_has_mean_one_where_incomes_are_those_of_the_reference(households: np.ndarray) -> None:
    assert households["propensity"].mean() == pytest.approx(1.0, abs=0.03)
    assert (households["propensity"] > 0).all()
    poorer = world_of("zhongshan", SCALE, 1).tables["households"].used
    assert 0.6 < poorer["propensity"].mean() < 0.85


@pytest.mark.smoke
def test_a_household_is_the_same_at_a_larger_scale() -> None:
    small, large = (world_of(REGION, scale, 1).tables["households"].used for scale in (0.01, SCALE))
    rows = {int(key): row for row, key in enumerate(large["key"])}
    same = large[[rows[int(key)] for key in small["key"]]]
    for trait in ("district", "members", "elders", "disability", "infants", "pets", "home_m2", "propensity"):
        assert (small[trait] == same[trait]).all(), trait
    assert (small["income_fen_per_month"] == same["income_fen_per_month"]).all()


def test_another_seed_gives_other_households_with_the_same_keys(world: World) -> None:
    one, other = world.tables["households"].used, world_of(REGION, 0.01, 2).tables["households"].used
    assert (one["key"] == other["key"]).all()
    assert (one["members"] != other["members"]).mean() > 0.3
    assert len(np.unique(one["key"])) == len(one)
