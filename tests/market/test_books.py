"""Firms' books: overheads follow time and revenue, profits add up, and costs shrink with the scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import AuditError
from sim.market.overheads import OverheadRules, cash_fen, close_books, pay_overheads, revenue_fen, trailing
from sim.market.payroll import MINUTES_PER_MONTH
from sim.model import MarketModel
from sim.scenario import Scenario
from sim.state import MONTHS_KEPT, Rows
from sim.vocabulary import FirmForm, MoneyKind, Sector
from sim.world.build import frame_of, region_tables
from tests.core.small import Town

OVERHEADS = (MoneyKind.RENT, MoneyKind.OFFICE_WAGE, MoneyKind.ADVERTISING)
RULES = OverheadRules(600_000, (0.03,) * len(FirmForm), (60.0,) * len(FirmForm))


@pytest.fixture(scope="module")
def scenario(town: Town) -> Scenario:
    return town("period.days=70", "scale=0.1")


@pytest.fixture(scope="module")
def model(scenario: Scenario) -> MarketModel:
    model = MarketModel(scenario)
    model.run_days(62)
    return model


def companies(model: MarketModel) -> Rows:
    return model.tables["companies"].used


def rules(model: MarketModel) -> OverheadRules:
    assert model.desks.region is not None
    return model.desks.region.overheads


@given(
    st.integers(0, 10**9),
    st.lists(st.floats(0.0, 1e5), min_size=1, max_size=8),
)
@settings(max_examples=50, deadline=None)
def test_what_is_owed_does_not_depend_on_when_it_is_paid(rent_fen: int, steps: list[float]) -> None:
    paid, minutes = 0, 0.0
    for step in steps:
        minutes += step
        paid += RULES.rent_fen(rent_fen, minutes) - paid
    assert paid == RULES.rent_fen(rent_fen, minutes) <= rent_fen * minutes / MINUTES_PER_MONTH + 1e-3


def test_books_hold_what_the_accounts_have_moved(model: MarketModel) -> None:
    rows = companies(model)
    assert (rows["months_closed"] == 2).all()
    np.testing.assert_array_equal(trailing(rows, "profit_by_month_fen"), rows["closed_balance_fen"])
    np.testing.assert_array_equal(trailing(rows, "revenue_by_month_fen"), rows["closed_revenue_fen"])
    np.testing.assert_array_equal(cash_fen(rows) - rows["capital_fen"], rows["money_fen"].sum(axis=1))


def test_every_overhead_is_paid_to_the_rest_of_the_world(model: MarketModel) -> None:
    for kind in OVERHEADS:
        paid = -int(companies(model)["money_fen"][:, kind].sum())
        assert paid > 0
        assert paid == int(model.market.ledger.singles[Sector.REST_OF_WORLD, kind])


def test_rent_is_that_of_the_time_since_the_foundation(model: MarketModel) -> None:
    first_of_march = 59 * 1440.0
    for row in companies(model):
        owed = int(row["rent_fen_per_month"]) * first_of_march / MINUTES_PER_MONTH
        assert -int(row["money_fen"][MoneyKind.RENT]) == pytest.approx(owed, abs=1)


def test_fixed_costs_of_a_form_shrink_with_the_scale(town: Town) -> None:
    whole, part = (region_tables(frame_of(town(f"scale={scale}")))["companies"] for scale in (1, 0.25))
    for column in ("rent_fen_per_month", "office_staff", "capital_fen"):
        ratio = float(part[column].sum()) / float(whole[column].sum())
        assert ratio == pytest.approx(0.25, rel=0.1), column


def test_rents_rise_with_a_districts_income(town: Town) -> None:
    def rents(elasticity: float) -> dict[int, float]:
        scenario = town("scale=1", f"parameters.companies.rent_income_elasticity={elasticity}")
        rows = region_tables(frame_of(scenario))["companies"]
        agencies = rows[rows["form"] == FirmForm.AGENCY]
        per_m2 = agencies["rent_fen_per_month"] / (
            15.0 * agencies["weight"] + 0.15 * agencies["target_workers"]
        )
        return {
            int(d): float(per_m2[agencies["district"] == d].mean()) for d in np.unique(agencies["district"])
        }

    flat, steep = rents(0.0), rents(1.0)
    assert flat[0] == pytest.approx(flat[1], rel=1e-4)
    assert steep[0] / steep[1] == pytest.approx(51_200 / 48_000, rel=1e-4), "new town, old town"


def test_the_thirteenth_month_takes_the_place_of_the_first(scenario: Scenario) -> None:
    market = MarketModel(scenario).market
    row = market.table("companies").used[0]
    for month in range(MONTHS_KEPT + 1):
        row["money_fen"][MoneyKind.SERVICE] += month + 1
        close_books(market)
    assert revenue_fen(row) == sum(range(MONTHS_KEPT + 2))
    assert int(row["revenue_by_month_fen"].sum()) == revenue_fen(row) - 1
    assert int(row["revenue_by_month_fen"][0]) == MONTHS_KEPT + 1


@pytest.mark.parametrize("kind", OVERHEADS)
def test_the_audit_finds_an_overhead_that_is_not_owed(kind: MoneyKind, scenario: Scenario) -> None:
    model = MarketModel(scenario)
    model.run_days(10)
    model.settle()
    pay_overheads(model.market, rules(model))
    close_books(model.market)
    books = model.auditor.books
    assert books is not None
    payer, payee = (Sector.COMPANY, 0), (Sector.REST_OF_WORLD, 0)
    model.market.ledger.transfer(model.tables, payer, payee, kind, 5)
    with pytest.raises(AuditError, match=f"company 0 has paid \\d+ fen of {kind.name.lower()} and owes"):
        books.check(companies(model)["money_fen"].copy(), 0.0)
