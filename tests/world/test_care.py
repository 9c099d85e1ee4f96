from __future__ import annotations

import math

import numpy as np
import pytest

from sim.data import FactTree
from sim.errors import DataError
from sim.vocabulary import FirmForm
from sim.world.build import build_region
from sim.world.care import InstitutionKind
from sim.world.frame import Frame
from sim.world.staff_norm import StaffNorm

from .conftest import REGION, assert_share, facts_of, world_of


@pytest.mark.parametrize("region", ["beijing", "zhongshan"])
@pytest.mark.parametrize("scale", [0.002, 0.01, 0.05])
def test_beds_and_residents_are_the_scaled_facts(region: str, scale: float) -> None:
    rows, facts = world_of(region, scale, 1).tables["institutions"].used, facts_of(region)
    for kind in InstitutionKind:
        path = f"region.care_institutions.{kind.name.lower()}"
        those = rows[rows["kind"] == kind]
        assert those["weight"].sum() == pytest.approx(facts.number(f"{path}.count"))
        beds = facts.number(f"{path}.beds") * scale
        assert those["beds"].sum() == math.floor(beds + 0.5)
        occupied = beds * facts.number(f"{path}.occupancy_share")
        assert those["residents"].sum() == math.floor(occupied + 0.5)
    assert (rows["residents"] <= rows["beds"]).all()
    assert (rows["by_degree"].sum(axis=1) == rows["residents"]).all()
    norm = StaffNorm.of(facts)
    wanted = [norm.expected(int(row["residents"]), int(row["beds"])) for row in rows]
    assert rows["staff"].tolist() == wanted


def test_each_institution_has_its_home_care_company() -> None:
    world = world_of(REGION, 0.01, 1)
    rows, companies = world.tables["institutions"].used, world.tables["companies"].used
    own = companies[rows["company_row"]]
    assert (own["form"] == FirmForm.INSTITUTION).all()
    assert (own["institution_row"] == np.arange(len(rows))).all()
    assert (own["community_row"] == rows["community_row"]).all()
    assert (companies["institution_row"][companies["form"] != FirmForm.INSTITUTION] == -1).all()


def test_fees_follow_the_district(facts: FactTree) -> None:
    world = world_of(REGION, 0.2, 1)
    rows, districts = world.tables["institutions"].used, world.tables["districts"].used
    relative = rows["fee_fen_per_month"] / districts["institution_fee_fen_per_month"][rows["district"]]
    assert relative.mean() == pytest.approx(1.0, abs=5 * facts.number("care.fee_cv") / math.sqrt(len(rows)))
    assert relative.std() == pytest.approx(facts.number("care.fee_cv"), rel=0.2)


def test_residents_are_elders_of_their_district_and_live_in_one_place() -> None:
    world = world_of(REGION, 0.05, 1)
    residents, households = world.tables["residents"].used, world.tables["households"].used
    institutions = world.tables["institutions"].used
    home = institutions[residents["institution_row"]]
    family = households[residents["household_row"]]
    assert (family["elders"] > 0).all()
    assert (family["district"] == home["district"]).mean() > 0.95
    assert len(np.unique(residents["household_row"])) == len(residents)
    assert (
        np.bincount(residents["institution_row"], minlength=len(institutions)) == institutions["residents"]
    ).all()
    assert (residents["fee_fen_per_month"] == home["fee_fen_per_month"]).all()


def test_time_since_admission_is_that_of_a_stay_without_memory(facts: FactTree) -> None:
    residents = world_of(REGION, 0.05, 1).tables["residents"].used
    mean = facts.number("services.institution_care.spell_mean_months") * 365 / 12 * 1440
    assert (residents["admitted_min"] < 0).all()
    assert_share(-residents["admitted_min"] > mean, math.exp(-1.0))


def test_more_residents_than_elders_are_refused(facts: FactTree) -> None:
    crowded = facts.with_value("region.care_institutions.institution.beds", 2e7, "a test")
    with pytest.raises(DataError, match="residents of institutions, but only"):
        build_region(Frame.of(REGION, crowded, 0.002, 1))


def test_without_the_service_nobody_lives_in_an_institution(facts: FactTree) -> None:
    world = build_region(Frame.of(REGION, facts, 0.01, 1, ("elder_visit", "hourly_cleaning")))
    assert world.tables["residents"].size == 0
    assert world.tables["institutions"].used["beds"].sum() > 0
