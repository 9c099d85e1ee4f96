from __future__ import annotations

import math

import numpy as np
import pytest

from sim.data import FactTree
from sim.vocabulary import FirmForm
from sim.world.firms import offered_services, real_firms
from sim.world.frame import Frame

from .conftest import REGION, facts_of, world_of

SAMPLED = (FirmForm.PLATFORM, FirmForm.AGENCY, FirmForm.EMPLOYEE_BASED, FirmForm.OUTLET)


@pytest.mark.smoke
@pytest.mark.parametrize("region", ["beijing", "zhongshan"])
@pytest.mark.parametrize("scale", [0.002, 0.01, 0.05])
def test_every_form_survives_and_weighs_as_the_real_firms(region: str, scale: float) -> None:
    companies, facts = world_of(region, scale, 1).tables["companies"].used, facts_of(region)
    for form in SAMPLED:
        rows = companies[companies["form"] == form]
        real = facts.integer(f"region.companies.{form.name.lower()}.count")
        at_least = facts.integer(f"companies.{form.name.lower()}.at_least")
        assert rows["weight"].sum() == pytest.approx(real)
        assert 1 <= len(rows) <= max(at_least, math.floor(real * scale + 0.5))
        assert len(rows) == min(max(at_least, math.floor(real * scale + 0.5)), real, rows["workers"].sum())
    assert (companies["form"] == FirmForm.INSTITUTION).any()


def test_all_firms_are_simulated_at_full_scale(facts: FactTree) -> None:
    frame = Frame.of(REGION, facts, 1.0, 1)
    from sim.world.sampling import sampled_positions, simulated_count

    for real, at_least in ((8, 8), (5877, 4)):
        assert simulated_count(frame, real, at_least) == real
        assert sampled_positions(frame, np.uint64(1), real, real) == list(range(real))


def test_firms_offer_what_the_facts_say(facts: FactTree) -> None:
    world = world_of(REGION, 0.01, 1)
    for company in world.tables["companies"].used:
        form = FirmForm(company["form"]).name.lower()
        for row, service in enumerate(world.service_ids):
            offered = bool(company["services"] >> row & 1)
            assert offered == facts.flag(f"companies.{form}.offers.{service}")


def test_every_service_is_offered_by_some_form(facts: FactTree) -> None:
    frame = Frame.of(REGION, facts, 0.01, 1)
    offered = {service for form in FirmForm for service in offered_services(frame, form)}
    assert offered == set(range(len(frame.services)))


def test_local_firms_are_spread_as_the_households(facts: FactTree) -> None:
    world = world_of(REGION, 0.05, 1)
    companies = world.tables["companies"].used
    agencies = companies[companies["form"] == FirmForm.AGENCY]
    counts = np.bincount(agencies["district"], minlength=16)
    families = np.array([facts.number(f"districts.{d}.family_households") for d in world.district_ids])
    expected = len(agencies) * families / families.sum()
    assert (abs(counts - expected) < 2.0).all()
    assert (agencies["citywide"] == 0).all()
    assert (companies["citywide"][companies["form"] == FirmForm.PLATFORM] == 1).all()


def test_the_sample_has_the_sizes_of_the_real_firms(facts: FactTree) -> None:
    frame = Frame.of(REGION, facts, 0.05, 1)
    real = np.array([firm.size for firm in real_firms(frame, FirmForm.AGENCY, citywide=False)])
    companies = world_of(REGION, 0.05, 1).tables["companies"].used
    workers = companies["workers"][companies["form"] == FirmForm.AGENCY]
    sizes = workers / workers.mean()
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert np.quantile(sizes, share) == pytest.approx(np.quantile(real / real.mean(), share), rel=0.2)
    sigma = facts.number("region.companies.agency.size_sigma_log")
    assert np.log(real).std() == pytest.approx(sigma, rel=0.05)


def test_an_agency_has_as_many_workers_as_a_real_one(facts: FactTree) -> None:
    companies = world_of(REGION, 0.05, 1).tables["companies"].used
    workers = companies["workers"][companies["form"] == FirmForm.AGENCY]
    assert workers.mean() == pytest.approx(facts.number("region.companies.agency.workers_mean"), rel=0.02)


def test_firms_stand_at_communities_apart_while_these_last() -> None:
    world = world_of(REGION, 0.05, 1)
    companies, communities = world.tables["companies"].used, world.tables["communities"].used
    there = communities[companies["community_row"]]
    assert (there["district"] == companies["district"]).all()
    assert (there["x_km"] == companies["x_km"]).all()
    assert (there["city_y_km"] == companies["city_y_km"]).all()
    for form in FirmForm:
        rows = companies[companies["form"] == form]
        for district in np.unique(rows["district"]):
            own = rows["community_row"][rows["district"] == district]
            if form != FirmForm.INSTITUTION:  # institutions of different kinds may share a community
                there = (communities["district"] == district).sum()
                assert len(np.unique(own)) == min(len(own), there)


def test_prices_and_quality_follow_the_form(facts: FactTree) -> None:
    companies = world_of(REGION, 0.05, 1).tables["companies"].used
    agencies = companies[companies["form"] == FirmForm.AGENCY]
    level, cv = facts.number("companies.agency.price_level"), facts.number("companies.price_cv")
    assert agencies["price_multiplier"].std() == pytest.approx(level * cv, rel=0.2)
    assert agencies["quality"].std() == pytest.approx(facts.number("companies.quality_sd"), rel=0.2)


@pytest.mark.parametrize("scale", [0.002, 0.05])
def test_the_mean_over_a_forms_workers_is_the_facts_price_and_quality(facts: FactTree, scale: float) -> None:
    companies = world_of(REGION, scale, 1).tables["companies"].used
    for form in FirmForm:
        rows, name = companies[companies["form"] == form], form.name.lower()
        price = np.average(rows["price_multiplier"], weights=rows["target_workers"])
        quality = np.average(rows["quality"], weights=rows["target_workers"])
        assert price == pytest.approx(facts.number(f"companies.{name}.price_level"), rel=1e-12)
        assert quality == pytest.approx(facts.number(f"companies.{name}.quality_mean"), abs=1e-12)


def test_a_firm_keeps_its_key_at_another_scale() -> None:
    small, large = (world_of(REGION, scale, 1).tables["companies"].used for scale in (0.01, 0.05))
    platforms = [rows[rows["form"] == FirmForm.PLATFORM] for rows in (small, large)]
    assert (platforms[0]["key"] == platforms[1]["key"]).all()
    assert len(np.unique(large["key"])) == len(large)
