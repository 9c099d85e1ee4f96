"""Institutions house within beds and staff norm, and win and lose carers on the labour market."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import DataError
from sim.market.residence import ResidenceDesk
from sim.market.wards import WardDesk
from sim.model import MarketModel
from sim.state import Rows
from sim.vocabulary import NO_ROW, FirmForm, MoneyKind, WorkerStatus
from sim.world.staff_norm import StaffNorm
from tests.core.small import LIVELY, Town, run

NORM = StaffNorm((10.0, 8.0, 5.0, 3.0), (0.2, 0.2, 0.3, 0.3), 0.05)
DEGREES = st.lists(st.integers(0, 300), min_size=4, max_size=4)
HOUSES = ("period.days=70", "scale=0.2", "seed=4", *LIVELY)
KEY = np.uint64(77)


@pytest.fixture
def model(town: Town) -> MarketModel:
    return run(town("scale=0.2"), 1)


def homes(model: MarketModel) -> Rows:
    return model.tables["institutions"].used


def wards(model: MarketModel) -> WardDesk:
    assert model.desks.region is not None
    return model.desks.region.wards


def residences(model: MarketModel) -> ResidenceDesk:
    assert model.desks.region is not None
    return model.desks.region.residences


def ask(model: MarketModel, institution: int) -> int:
    """Let a household's elder ask for a bed; return the row of the resident, or -1."""
    household = int(np.flatnonzero(model.tables["households"].used["elders"] > 0)[0])
    company = int(homes(model)["company_row"][institution])
    return residences(model).request(household, wards(model).service, company, KEY)


@given(DEGREES)
def test_the_wanted_staff_is_enough_and_without_reserve_the_least_that_is(by_degree: list[int]) -> None:
    wanted = NORM.wanted(by_degree, 100)
    assert NORM.enough(by_degree, wanted)
    least = StaffNorm(NORM.residents_per_carer, NORM.degree_shares, 0.0).wanted(by_degree, 100)
    assert least <= wanted
    assert least == 1 or not NORM.enough(by_degree, least - 1)


@given(DEGREES, st.integers(0, 3), st.integers(0, 200))
def test_who_may_take_one_more_may_keep_those_it_has(by_degree: list[int], degree: int, staff: int) -> None:
    if NORM.enough_with(by_degree, degree, staff):
        assert NORM.enough(by_degree, staff)
        assert NORM.enough_with(by_degree, degree, staff + 1)


def test_an_elder_is_never_assessed_below_the_household(town: Town) -> None:
    seed = np.uint64(5)
    for degree in range(4):
        drawn = [NORM.assess(degree, np.uint64(key), seed) for key in range(200)]
        assert min(drawn) == degree
        assert max(drawn) == 3


def test_shares_beyond_one_are_refused(town: Town) -> None:
    facts = town().facts.with_value("care.resident_degree_share.severe", 0.9, "a test")
    with pytest.raises(DataError, match="add up to more than 1"):
        StaffNorm.of(facts)


def test_without_carers_nobody_moves_in(model: MarketModel) -> None:
    homes(model)["staff"] = 0
    house = int(np.argmax(homes(model)["beds"]))
    assert ask(model, house) == NO_ROW
    assert homes(model)["turned_away_short"][house] == 1
    assert homes(model)["turned_away_full"].sum() == 0


def test_who_is_turned_away_goes_where_beds_and_carers_are(model: MarketModel) -> None:
    first, second = np.argsort(homes(model)["beds"])[::-1][:2].tolist()
    homes(model)["staff"][[first, second]] = 100
    homes(model)["beds"][first] = homes(model)["residents"][first]
    resident = ask(model, first)
    assert model.tables["residents"].used["institution_row"][resident] == second
    assert homes(model)["turned_away_full"][first] == 1
    assert homes(model)["turned_away_short"][first] == 0


def test_houses_begin_with_the_staff_that_they_want(model: MarketModel) -> None:
    norm, rows = wards(model).norm, homes(model)
    wanted = [norm.wanted(row["by_degree"].tolist(), int(row["beds"])) for row in rows]
    assert rows["staff"].tolist() == wanted
    assert sum(wanted) > 5


def test_surplus_carers_go_back_and_are_called_in_again(model: MarketModel) -> None:
    desk, rows = wards(model), homes(model)
    house = int(np.argmax(rows["staff"]))
    before, degrees = int(rows["staff"][house]), rows["by_degree"][house].copy()
    hired_before = int(rows["hired"][house])
    own = model.tables["workers"].used["company_row"] == rows["company_row"][house]
    rows["by_degree"][house] = 0
    desk.open_month(40)
    status = model.tables["workers"].used["status"]
    assert rows["staff"][house] == np.count_nonzero(own & (status == WorkerStatus.STAFF)) == 1
    rows["by_degree"][house] = degrees
    desk.open_month(70)
    assert rows["staff"][house] == before
    assert rows["hired"][house] == hired_before


def hired(town: Town, wage: str) -> int:
    model = MarketModel(town(*HOUSES, "parameters.labour.exit_rate_per_year=0.1", wage))
    began = int(homes(model)["hired"].sum())
    # So many more beds are taken that the houses look for carers whom they do not have.
    homes(model)["by_degree"] *= 3
    wards(model).open_month(40)
    return int(homes(model)["hired"].sum()) - began


def test_a_better_wage_brings_more_carers(town: Town) -> None:
    """Every carer's draws are the same at both wages, so that more is certain, not likely."""
    low = hired(town, "parameters.labour.staff_wage_yuan_per_month=1500")
    high = hired(town, "parameters.labour.staff_wage_yuan_per_month=15000")
    assert high >= low
    assert high > 0


def test_carers_serve_no_household_and_leave_as_others_do(town: Town) -> None:
    model = MarketModel(town(*HOUSES))
    left = 0
    for _ in range(7):
        model.run_days(10)
        workers = model.tables["workers"].used
        inside = workers["status"] == WorkerStatus.STAFF
        assert not workers["plan_length"][inside].any()
        assert not workers["contracts"][inside].any()
        assert (workers["placement_row"][inside] == NO_ROW).all()
        forms = model.tables["companies"].used["form"][workers["company_row"][inside]]
        assert (forms == FirmForm.INSTITUTION).all()
        assert homes(model)["staff"].sum() == inside.sum() > 0
        left += int(model.market.ward_stints.size)
    assert left > 0
    model.close()
    paid = model.tables["workers"].used["money_fen"][:, MoneyKind.STAFF_WAGE].sum()
    assert paid == -homes(model)["money_fen"][:, MoneyKind.STAFF_WAGE].sum() > 0
