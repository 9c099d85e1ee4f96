"""How firms adapt: up when tight, down when slack, at rest where all is as usual, and alike whatever their names."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.market.members import index_reach
from sim.market.pricing import PricingRules, adapt_firms, list_prices
from sim.model import MarketModel
from sim.state import COMPANY, Rows, Table
from sim.vocabulary import PlacementState, ServiceForm
from tests.core.small import Town

RULES = PricingRules(0.2, 0.05, 0.3, 0.0, 0.1, 0.08, 30.0, 0.3, 0.03, 0.7, 174.0, 0.25, -14, 7)
FROZEN = replace(RULES, price_speed=0.0, wage_speed=0.0, size_speed=0.0, rival_pull=0.0)
MOVED = ("price_multiplier", "share_level", "target_workers")


def firms(count: int = 3, **values: Any) -> Rows:
    rows = np.zeros(count, COMPANY)
    rows["key"] = np.arange(1, count + 1)
    rows["workers"] = rows["target_workers"] = rows["size_anchor"] = 10
    rows["price_multiplier"] = rows["price_anchor"] = 1.1
    rows["share_level"] = rows["share_anchor"] = 1.0
    rows["usual_fill"] = rows["month_fill"] = 0.8
    rows["usual_occupied"] = rows["month_occupied"] = 0.6
    for name, value in values.items():
        rows[name] = value
    return rows


def adapt(rows: Rows, rules: PricingRules = RULES, months: int = 1) -> Rows:
    after = rows.copy()
    for _ in range(months):
        adapt_firms(after, index_reach(Table.of(after), 2), rules)
    return after


def test_excess_demand_raises_price_pay_and_size() -> None:
    after = adapt(firms(month_fill=0.7))
    assert after["price_multiplier"] == pytest.approx(1.1 * math.exp(0.2 * 0.1))
    assert after["share_level"] == pytest.approx(math.exp(0.05 * 0.1))
    assert after["target_workers"] == pytest.approx(10 * math.exp(0.3 * 0.1))


def test_excess_supply_lowers_them() -> None:
    after = adapt(firms(month_occupied=0.4))
    for column in MOVED:
        assert (after[column] < firms()[column]).all()


def test_where_all_is_as_usual_nothing_moves() -> None:
    np.testing.assert_array_equal(adapt(firms(), months=12), firms())


def test_with_speeds_of_zero_prices_are_frozen() -> None:
    before = firms(month_fill=0.1, price_multiplier=[1.0, 1.2, 1.3])
    after = adapt(before, FROZEN, months=12)
    for column in MOVED:
        np.testing.assert_array_equal(after[column], before[column])


def test_a_lasting_shortage_becomes_what_firms_are_used_to() -> None:
    after = adapt(firms(month_fill=0.6), replace(RULES, price_bound=5.0), months=600)
    assert after["usual_fill"] == pytest.approx(0.6, abs=1e-6)
    moved = 0.2 * 0.2 / 0.08  # speed x gap x the months that a gap lives on average
    assert np.log(after["price_multiplier"] / 1.1) == pytest.approx(moved, rel=1e-6)


def test_levels_follow_a_lasting_shortage_and_return_after_it() -> None:
    lasting = replace(RULES, return_speed=0.1, aspiration_speed=0.0, price_bound=5.0)
    tight = adapt(firms(month_fill=0.7), lasting, months=300)
    assert np.log(tight["price_multiplier"] / 1.1) == pytest.approx(0.2 * 0.1 / 0.1, rel=1e-6)
    tight["month_fill"] = tight["usual_fill"]
    assert adapt(tight, lasting, months=300)["price_multiplier"] == pytest.approx(1.1, rel=1e-6)


def test_the_first_year_makes_what_is_usual_and_not_its_first_month() -> None:
    rows = firms(months_closed=0)
    seen = [0.9, 0.6, 0.8, 0.5]
    for month, fill in enumerate(seen, 1):
        rows["month_fill"], rows["months_closed"] = fill, month
        rows = adapt(rows)
    assert rows["usual_fill"] == pytest.approx(np.mean(seen))


def test_nothing_leaves_its_bounds() -> None:
    after = adapt(firms(month_fill=0.0, month_occupied=1.0), replace(RULES, aspiration_speed=0.0), months=200)
    assert np.log(after["price_multiplier"] / 1.1) == pytest.approx(0.3)
    assert np.log(after["share_level"]) == pytest.approx(0.03)
    assert np.log(after["target_workers"] / 10) == pytest.approx(0.7)


def test_rivals_pull_only_those_in_reach() -> None:
    dear = 1.1 * math.exp(0.2)
    after = adapt(firms(4, district=[0, 0, 1, 1], price_multiplier=[dear, 1.1, 1.1, 1.1]))
    assert 1.1 < after["price_multiplier"][1] < after["price_multiplier"][0] < dear
    assert after["price_multiplier"][2:] == pytest.approx(1.1, abs=0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_firms_are_exchangeable(seed: int) -> None:
    draw = np.random.Generator(np.random.Philox(seed))
    rows = firms(
        7, district=draw.integers(0, 2, 7), month_fill=draw.random(7), workers=draw.integers(1, 9, 7)
    )
    rows["price_multiplier"] = 0.9 + draw.random(7) / 2
    sequence = draw.permutation(7)
    one, other = adapt(rows, months=3), adapt(rows[sequence], months=3)
    np.testing.assert_array_equal(one[sequence], other)


def test_the_surcharge_is_on_visits_and_on_its_days_alone(town: Town) -> None:
    market = MarketModel(town("period.start=2026-02-01", "period.days=28")).market
    services = market.table("services").used
    visits = services["form"] == ServiceForm.VISIT
    for day in range(28):
        list_prices(market, day, RULES, visits)
        factor = services["price_fen"] / services["list_price_fen"]
        # Lunar New Year's Day of 2026 is 17 February.
        inside = -14 <= day - 16 <= 7
        assert factor[visits] == pytest.approx(1.25 if inside else 1.0, rel=1e-3)
        np.testing.assert_array_equal(factor[~visits], 1.0)


def test_what_was_agreed_by_the_month_keeps_its_price(town: Town) -> None:
    model = MarketModel(town("period.days=20", "scale=0.1"))
    model.run_days(5)
    placements = model.tables["placements"].used
    live = placements["state"] == PlacementState.ACTIVE
    agreed = {int(row["key"]): int(row["price_fen_per_month"]) for row in placements[live]}
    model.tables["companies"].used["price_multiplier"] *= 2.0
    model.run_days(15)
    after = model.tables["placements"].used
    kept = [row for row in after if int(row["key"]) in agreed and row["state"] == PlacementState.ACTIVE]
    assert kept
    assert all(row["price_fen_per_month"] == agreed[int(row["key"])] for row in kept)
    _check_contract_visits(model, agreed)


def _check_contract_visits(model: MarketModel, agreed: dict[int, int]) -> None:
    services, placements = model.tables["services"].used, model.tables["placements"].used
    orders = model.market.ended_orders.used
    of_contracts = orders[(orders["placement_row"] >= 0) & (orders["placed_min"] > 6 * 1440.0)]
    prices = {
        (int(order["price_fen"]), agreed[int(placements["key"][order["placement_row"]])])
        for order in of_contracts
        if int(placements["key"][order["placement_row"]]) in agreed
    }
    assert prices
    visits = float(services["visits_per_week"][services["form"] == ServiceForm.RECURRING][0])
    for price, monthly in prices:
        assert price == math.floor(monthly * 7.0 / (365.0 / 12.0 * visits) + 0.5)


def test_a_slump_of_supply_raises_prices_in_a_run(town: Town) -> None:
    base = ("period.days=125", "scale=0.1", "parameters.pricing.rival_pull=0")
    calm = MarketModel(town(*base))
    calm.run_days(62)
    tight = MarketModel(town(*base))
    tight.run_days(62)
    workers = tight.tables["workers"].used
    workers["weekdays"][workers["weekdays"] > 0] = 1  # most days off from March on
    for model in (calm, tight):
        model.run_days(62)
    prices = [model.tables["companies"].used["price_multiplier"] for model in (calm, tight)]
    weights = calm.tables["companies"].used["workers"]
    assert np.average(prices[1], weights=weights) > np.average(prices[0], weights=weights)
