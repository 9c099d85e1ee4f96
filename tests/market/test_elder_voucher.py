"""The voucher for disabled elders: what it pays, to whom, from what, and that it does nothing else."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from sim.agents.entitlement import claim_pays_fen
from sim.model import MarketModel
from sim.sink import NullSink
from sim.state import Rows, World
from sim.vocabulary import MoneyKind, OrderState, Sector, ServiceForm
from tests.core.small import LIVELY, Town, columns, differences

DAYS = 75
SCALE = 0.17
OVERRIDES = (
    f"period.days={DAYS}", f"scale={SCALE}", "period.start=2026-03-01",
    "parameters.households.needs.elder_visit.rate_per_year=3", "parameters.lives.severe_years_mean=1000", *LIVELY,
)  # fmt: skip
BEGINS_DAY = 24
FULL = {
    "announced": "2026-03-10", "begins": "2026-03-25", "take_up_probability": 1, "least_disability": "mild",
    "approval_mean_days": 0, "cap_yuan_per_month": 5000,
}  # fmt: skip
# What exists only because there is a scheme; all else must be equal at a dose of zero.
SCHEME_TABLES = ("schemes", "claims", "claim_row", "valid_from_min")


class Keeper(NullSink):
    def __init__(self) -> None:
        self.ended: list[Rows] = []

    def orders_ended(self, rows: Rows, world: World) -> None:
        self.ended.append(rows.copy())


class Outcome(NamedTuple):
    model: MarketModel
    orders: Rows


@cache
def outcome(town: Town, *parameters: tuple[str, object]) -> Outcome:
    """Run the town with a voucher of these parameters, without any for none."""
    voucher = [f"policies.elder_voucher.{name}={value}" for name, value in parameters]
    keeper = Keeper()
    model = MarketModel(town(*OVERRIDES, *voucher), keeper)
    model.run_days(DAYS)
    model.close()
    return Outcome(model, np.concatenate(keeper.ended))


def given(town: Town, **changes: object) -> Outcome:
    return outcome(town, *sorted({**FULL, **changes}.items()))


def visits_to_elders(found: Outcome) -> Rows:
    service = found.model.world.service_ids.index("elder_visit")
    orders = found.orders
    visits: Rows = orders[(orders["service"] == service) & (orders["state"] == OrderState.COMPLETED)]
    return visits


def paid_fen(found: Outcome) -> int:
    return -int(found.model.market.ledger.singles[Sector.GOVERNMENT, MoneyKind.SUBSIDY])


def test_with_every_hook_at_work_and_a_dose_of_zero_nothing_changes(town: Town) -> None:
    none, zero = outcome(town), given(town, home_share=0, institution_share=0)
    assert zero.model.tables["claims"].size > 0
    assert paid_fen(zero) == 0
    left = [
        place for place in differences(none.model, zero.model) if not any(t in place for t in SCHEME_TABLES)
    ]
    assert left == []
    # Column by column: what lies between the columns is whatever was in memory.
    assert dict(columns(none.orders)) == dict(columns(zero.orders))


def test_it_pays_its_share_of_each_visit_booked_after_it_began(town: Town) -> None:
    found = given(town, home_share=0.5)
    visits = visits_to_elders(found)
    supported = visits[visits["support_fen"] > 0]
    assert len(supported) > 10
    assert (supported["placed_min"] >= BEGINS_DAY * 1440.0).all()
    assert (supported["support_fen"] == supported["price_fen"] // 2).all()
    disability = found.model.tables["households"].used["disability"]
    assert (disability[supported["household_row"]] >= 1).all()
    others = found.orders[found.orders["service"] != visits["service"][0]]
    assert (others["support_fen"] == 0).all()


def test_only_the_degrees_that_are_eligible_get_it(town: Town) -> None:
    found = given(town, least_disability="severe")
    claims = found.model.tables["claims"].used
    assert len(claims)
    assert (found.model.tables["households"].used["disability"][claims["household_row"]] == 3).all()


def test_no_claim_pays_more_than_the_cap_in_a_month(town: Town) -> None:
    found = given(town, cap_yuan_per_month=60, home_share=0.6, institution_share=0)
    visits = visits_to_elders(found)
    by_month = np.zeros((found.model.tables["claims"].size, 4), np.int64)
    supported = visits[visits["support_fen"] > 0]
    # What is booked in one month counts against that month's cap.
    month = np.digitize(supported["placed_min"] / 1440.0, [31, 61])
    np.add.at(by_month, (supported["claim_row"], month), supported["support_fen"])
    assert by_month.max() == 6000
    assert by_month.sum(axis=1).max() > 6000, "a new month opens a new cap"
    assert (supported["support_fen"] < supported["price_fen"] * 6 // 10).any(), "the cap binds somewhere"


@pytest.mark.parametrize("budget_yuan", [0, 500])
def test_a_budget_is_spent_and_not_overdrawn(town: Town, budget_yuan: int) -> None:
    # The budget is the region's; the simulated part of the region has its share of it.
    unlimited, limited = given(town), given(town, budget_yuan=budget_yuan / SCALE)
    assert paid_fen(unlimited) > 100 * budget_yuan
    assert paid_fen(limited) <= 100 * budget_yuan
    assert paid_fen(limited) >= 100 * budget_yuan * 0.9


def test_a_share_of_institutions_fees_is_paid(town: Town) -> None:
    home, both = given(town, institution_share=0), given(town, institution_share=0.4)
    income = [
        found.model.tables["institutions"].used["money_fen"][:, MoneyKind.SUBSIDY].sum()
        for found in (home, both)
    ]
    assert income[0] == 0
    assert income[1] > 0
    residents = both.model.tables["residents"].used
    claims = both.model.tables["claims"].used["household_row"]
    supported = residents[(residents["support_fen"] > 0) & (residents["household_row"] >= 0)]
    assert np.isin(supported["household_row"], claims).all()


@pytest.mark.parametrize(("begins", "ends"), [("2026-03-25", None), ("2026-03-12", "2026-03-20")])
def test_fees_are_supported_for_the_days_of_the_scheme_alone(
    town: Town, begins: str, ends: str | None
) -> None:
    dates = {"begins": begins} | ({"ends": ends} if ends else {})
    parameters = {**FULL, "institution_share": 0.4, "home_share": 0, **dates}
    voucher = [f"policies.elder_voucher.{name}={value}" for name, value in parameters.items()]
    stays = "parameters.services.institution_care.spell_mean_months=120"
    model = MarketModel(town(*OVERRIDES, *voucher, stays, "scale=0.3"))
    model.run_days(DAYS)
    model.close()
    residents, claims = model.tables["residents"].used, model.tables["claims"].used
    held = residents[np.isin(residents["household_row"], claims["household_row"])]
    first, last = int(begins[-2:]) - 1, DAYS if ends is None else int(ends[-2:]) - 1
    admitted_day = np.maximum(held["admitted_min"] / 1440.0, 0.0)
    days = np.maximum(last - np.maximum(admitted_day, first), 0.0)
    expected = 0.4 * held["fee_fen_per_month"] * days / (365.0 / 12.0)
    # The cap is 5,000 yuan a month; a few fen go by rounding, one at each settlement.
    cheap = held["fee_fen_per_month"] * 0.4 < 400_000
    assert np.count_nonzero(cheap) > 2
    assert held["support_fen"][cheap] == pytest.approx(expected[cheap], abs=20)


def test_who_takes_it_up_is_a_keyed_share_of_the_eligible(town: Town) -> None:
    few, many = given(town, take_up_probability=0.3), given(town, take_up_probability=0.6)
    asked = [set(found.model.tables["claims"].used["household_row"].tolist()) for found in (few, many)]
    assert asked[0] < asked[1]
    eligible = int(np.count_nonzero(few.model.tables["households"].used["disability"] >= 1))
    assert abs(len(asked[1]) / eligible - 0.6) < 4.0 * np.sqrt(0.24 / eligible)


def test_it_ends(town: Town) -> None:
    found = given(town, ends="2026-04-20")
    supported = found.orders[found.orders["support_fen"] > 0]
    assert supported["placed_min"].max() < 50 * 1440.0


def test_a_deeper_voucher_brings_more_visits_of_those_who_hold_it(town: Town) -> None:
    counts = []
    for share in (0.0, 1.0):
        found = given(town, home_share=share, institution_share=0)
        disability = found.model.tables["households"].used["disability"]
        rows = found.orders[found.orders["placed_min"] >= BEGINS_DAY * 1440.0]
        elder = found.model.tables["services"].used["form"][rows["service"]] == ServiceForm.VISIT
        elder &= rows["service"] == found.model.world.service_ids.index("elder_visit")
        counts.append(int(np.count_nonzero(elder & (disability[rows["household_row"]] >= 1))))
    assert counts[1] > counts[0]


def test_a_claim_rests_while_nobody_in_the_home_is_disabled_enough(town: Town) -> None:
    found = given(town, least_disability="moderate")
    market = found.model.market
    claim = int(np.flatnonzero(market.table("claims").used["linked"])[0])
    home = market.rows("claims")["household_row"][claim]
    service = found.model.world.service_ids.index("elder_visit")
    before = int(market.rows("households")["disability"][home])
    paid = []
    for degree in (3, 2, 1, 0):
        market.rows("households")["disability"][home] = degree
        paid.append(claim_pays_fen(market.columns, claim, service, 10_000) > 0)
    market.rows("households")["disability"][home] = before
    assert paid == [True, True, False, False]
