"""A need that one firm cannot meet: other times of the day, another firm, another day, in this sequence."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from sim.agents.choice import means_fen
from sim.market.booking import offer_other_times
from sim.model import MarketModel
from sim.state import Rows
from sim.vocabulary import NO_ROW, NeedsBy, OrderState, PlacementState, Reason, ServiceForm
from tests.core.small import Town, run
from tests.dispatch.yard import Yard

HOUR = 60.0
ONLY_DAY = ("parameters.visits.flexible_mean_min=0", "parameters.visits.firms_asked_at_most=1")
BUSY = ("period.days=12", "parameters.households.needs.hourly_cleaning.rate_per_year=40")


def busy_orders(town: Town, *overrides: str) -> Rows:
    """Return all orders of a town in which more is needed than can be served."""
    model = run(town(*BUSY, *overrides))
    return np.concatenate([model.market.ended_orders.used, live(model)])


def live(model: MarketModel) -> Rows:
    rows: Rows = model.tables["orders"].used
    return rows[(rows["state"] > OrderState.NONE) & (rows["state"] < OrderState.COMPLETED)]


@pytest.fixture(scope="module")
def orders(town: Town) -> Rows:
    return busy_orders(town)


def by_need(orders: Rows) -> Iterable[Rows]:
    """Yield the orders of each need that was taken to several firms, in the sequence of the asking."""
    again = np.unique(orders["need_key"][orders["need_key"] != orders["key"]])
    for need in again.tolist():
        of_need = orders[orders["need_key"] == np.uint64(need)]
        yield of_need[np.argsort(of_need["placed_min"], kind="stable")]


def test_a_need_goes_from_firm_to_firm_and_only_the_last_order_can_be_served(orders: Rows) -> None:
    needs = list(by_need(orders))
    assert len(needs) > 20
    for chain in needs:
        assert (chain["reason"][:-1] == Reason.ASKED_ELSEWHERE).all()
        assert (chain["state"][:-1] == OrderState.UNSERVED).all()
        assert chain["reason"][-1] != Reason.ASKED_ELSEWHERE
        assert (chain["placed_min"][1:] == chain["ended_min"][:-1]).all()
        assert len(set(chain["company_row"].tolist())) == len(chain) <= 3
        for column in ("household_row", "service", "wanted_min", "expected_duration_min", "asked_min"):
            assert len(set(chain[column].tolist())) == 1, column


def test_the_firms_that_were_asked_before_are_remembered(orders: Rows) -> None:
    for chain in by_need(orders):
        for position, order in enumerate(chain):
            asked = [firm for firm in order["asked"].tolist() if firm != NO_ROW]
            assert asked == chain["company_row"][:position].tolist()


def test_moved_days_never_exceed_the_patience_that_the_need_came_with(orders: Rows) -> None:
    for chain in by_need(orders):
        days = (chain["latest_min"][-1] - chain["wanted_min"][0]) // (24 * HOUR)
        assert days <= chain["days_patient"][0]


def test_more_firms_asked_means_more_needs_met(town: Town) -> None:
    """The same needs arise in both worlds; hundreds of them, so that the difference is no accident of one seed."""
    one, three = (busy_orders(town, f"parameters.visits.firms_asked_at_most={n}") for n in (1, 3))
    met = [np.unique(rows["need_key"][rows["state"] == OrderState.COMPLETED]).size for rows in (one, three)]
    assert not (one["reason"] == Reason.ASKED_ELSEWHERE).any()
    assert met[1] > 1.02 * met[0]


def yard(town: Town, *overrides: str) -> Yard:
    return Yard(town, workers=[(1.0, 0.0)], households=[(0.0, 0.0)], others=[(2.0, 0.0)], overrides=overrides)


def test_who_cannot_bear_another_time_is_offered_none(town: Town) -> None:
    place = yard(town, *ONLY_DAY)
    order = place.order()
    model = place.model
    assert not offer_other_times(model.market.columns, order, 0.0, 90.0, 0.0, model.market.seed)


def test_a_window_grows_on_its_day_once_and_leaves_notice(town: Town) -> None:
    place = yard(town, *ONLY_DAY)
    grown = 0
    for k in range(40):
        order = place.order(start_min=9 * HOUR)
        before = place.row(order).copy()
        market = place.model.market
        widened = offer_other_times(market.columns, order, 7 * HOUR, 90.0, 120.0, market.seed)
        row = place.row(order)
        assert row["any_time"] == 1, k
        assert 0.0 <= row["earliest_min"] <= before["earliest_min"]
        assert before["latest_min"] <= row["latest_min"] < 24 * HOUR
        assert widened == (
            row["latest_min"] > before["latest_min"] or row["earliest_min"] < before["earliest_min"]
        )
        # An earlier start is only offered with notice: 7 h + 90 min is 8.5 h, where the window began anyhow.
        assert row["earliest_min"] == before["earliest_min"]
        assert not offer_other_times(market.columns, order, 7 * HOUR, 90.0, 120.0, market.seed)
        grown += widened
    assert grown == 40


def test_other_times_are_offered_before_the_day_moves(town: Town) -> None:
    place = yard(town, "parameters.visits.confirm_within_min=60", "parameters.visits.flexible_mean_min=120")
    order = place.order(start_min=10 * HOUR, days_patient=1)
    place.model.market.clock.run_until(61.0)
    row = place.row(order)
    assert (row["any_time"], row["days_shifted"]) == (1, 0)
    assert row["latest_min"] > 10.5 * HOUR
    place.model.market.clock.run_until(122.0)
    assert place.row(order)["days_shifted"] == 1


def contracts_of(town: Town, *overrides: str) -> int:
    """Return how many contracts run after a month in which many want one."""
    many = "parameters.households.needs.recurring_housekeeping.rate_per_year=0.6"
    model = run(town("period.days=31", many, *overrides))
    services = model.tables["services"].used["form"]
    rows = model.tables["placements"].used
    return int(
        (
            (rows["state"] == PlacementState.ACTIVE) & (services[rows["service"]] == ServiceForm.RECURRING)
        ).sum()
    )


def test_households_that_take_other_slots_and_ask_other_firms_find_more_workers(town: Town) -> None:
    stubborn = (
        "parameters.visits.contract_slot_flexible_probability=0",
        "parameters.visits.firms_asked_at_most=1",
    )
    most, least = (
        contracts_of(town, "parameters.visits.contract_slot_flexible_probability=1"),
        contracts_of(town, *stubborn),
    )
    assert most > 1.1 * least > 0


def test_a_birth_is_weighed_against_what_was_saved_for_it(town: Town) -> None:
    model = MarketModel(town())
    market, services = model.market, model.tables["services"].used
    birth = int(np.flatnonzero(services["needs_by"] == NeedsBy.BIRTH)[0])
    other = int(np.flatnonzero(services["needs_by"] != NeedsBy.BIRTH)[0])
    income = model.tables["households"].used["income_fen_per_month"][0]
    saved = float(market.weights["birth_savings_months"][0])
    assert means_fen(market.columns, market.weights, 0, other) == pytest.approx(income)
    assert means_fen(market.columns, market.weights, 0, birth) == pytest.approx((1.0 + saved) * income)
