"""Work without a firm: the worker keeps the price, nobody sends another one, nobody owes or supports anything."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.career import consider_firm
from sim.agents.informal import can_ask, worker_share
from sim.market.insolvency import insolvent
from sim.market.pricing import adapt_firms
from sim.model import MarketModel
from sim.state import COMPANY, WORKER, Rows
from sim.vocabulary import Destination, FirmForm, MoneyKind, OrderState, PlacementState, Reason, ServiceForm
from tests.core.small import LIVELY, Town

DAYS = 58
VOUCHER = (
    "policies.elder_voucher.announced=2026-01-02",
    "policies.elder_voucher.begins=2026-01-03",
    "policies.elder_voucher.take_up_probability=1",
    "policies.elder_voucher.least_disability=mild",
)
ASKED = (
    "parameters.choice.acquaintance_probability=0.9",
    "parameters.choice.placement_constant.acquaintance=3",
)


@pytest.fixture(scope="module")
def lived(town: Town) -> MarketModel:
    """Eight weeks with all audits, in which much is found through acquaintances and many workers leave."""
    model = MarketModel(town(f"period.days={DAYS}", "scale=0.4", *LIVELY, *ASKED, *VOUCHER))
    model.run_days(DAYS - 10)
    for form in (ServiceForm.PLACEMENT, ServiceForm.RECURRING):
        _lose_a_worker(model, form)
    model.run_days(10)
    return model


def _lose_a_worker(model: MarketModel, form: ServiceForm) -> None:
    rows = model.tables["placements"].used
    of_form = model.tables["services"].used["form"][rows["service"]] == form
    running = (rows["state"] == PlacementState.ACTIVE) & of_form & circles(model)[rows["company_row"]]
    assert model.desks.region is not None
    model.desks.region.labour.on_leave(int(rows["worker_row"][running][0]), Destination.HOME)


def circles(model: MarketModel) -> Rows:
    found: Rows = model.tables["companies"].used["form"] == FirmForm.ACQUAINTANCE
    return found


def placements(model: MarketModel, informal: bool) -> Rows:
    rows = np.concatenate([model.tables["placements"].used, model.market.ended_placements.used])
    rows = rows[rows["state"] > PlacementState.NONE]
    return rows[circles(model)[rows["company_row"]] == informal]


def test_all_audits_hold(lived: MarketModel) -> None:
    assert lived.auditor.passed["informal"] >= 1
    assert (lived.tables["companies"].used["completed"][circles(lived)] > 0).any()


def test_the_worker_keeps_what_the_household_pays(lived: MarketModel) -> None:
    c = lived.market.columns
    informal = int(np.argmax(circles(lived)))
    shares = [worker_share(c, service, informal) for service in range(lived.tables["services"].size)]
    assert shares == [1.0] * len(shares)
    money = lived.tables["companies"].used["money_fen"][circles(lived)]
    assert money[:, MoneyKind.SERVICE].sum() > 0
    assert (money.sum(axis=1) == 0).all()


def test_without_a_firm_nobody_sends_another_worker(lived: MarketModel) -> None:
    informal, firms = placements(lived, informal=True), placements(lived, informal=False)
    assert (firms["replacements"] > 0).any()
    assert (informal["replacements"] == 0).all()
    ended = informal[informal["state"] == PlacementState.ENDED]
    reasons = set(ended["reason"].tolist())
    assert {Reason.UNSUITABLE, Reason.WORKER_LEFT} <= reasons
    contract = lived.tables["services"].used["form"][ended["service"]] == ServiceForm.RECURRING
    assert (ended["reason"][contract] == Reason.WORKER_LEFT).any(), "contracts too end with the worker"


def test_vouchers_pay_firms_only(lived: MarketModel) -> None:
    orders = np.concatenate([lived.tables["orders"].used, lived.market.ended_orders.used])
    orders = orders[orders["state"] > OrderState.NONE]
    informal = circles(lived)[orders["company_row"]]
    assert (orders["support_fen"][~informal] > 0).any()
    assert (orders["support_fen"][informal] == 0).all()


def test_acquaintances_cannot_fail_and_have_no_share_to_move(lived: MarketModel) -> None:
    assert lived.desks.region is not None
    companies = lived.tables["companies"].used.copy()
    companies["month_fill"], companies["usual_fill"] = 0.5, 1.0
    adapt_firms(companies, lived.market.reach, lived.desks.region.pricing)
    informal = companies[circles(lived)]
    assert (informal["share_level"] == informal["share_anchor"]).all()
    assert (informal["price_multiplier"] > informal["price_anchor"]).all(), "the price is what workers ask"
    assert (companies["share_level"] != companies["share_anchor"])[~circles(lived)].any()
    informal["capital_fen"] = -1_000_000
    assert not insolvent(informal).any()


def test_workers_think_of_the_acquaintances_of_their_district_alone() -> None:
    firms = np.zeros(2, COMPANY)
    firms["key"], firms["form"], firms["district"] = (1, 2), FirmForm.ACQUAINTANCE, (0, 1)
    firms["target_workers"] = 10.0
    who = np.zeros(1, WORKER)
    who["company_row"], who["home_district"] = -1, 1
    found = {consider_firm(who[0], firms, np.uint64(month), np.uint64(3)) for month in range(50)}
    assert found == {1}


def test_asking_around_is_drawn_by_household_service_and_occasion() -> None:
    keys = [
        (np.uint64(h), np.uint64(s), np.uint64(o)) for h in range(20) for s in range(10) for o in range(20)
    ]
    found = [can_ask(h, s, 0.4, o, np.uint64(7)) for h, s, o in keys]
    # 4,000 draws have a standard error of 0.0077: wrong by chance once in about 10,000 seeds.
    assert np.mean(found) == pytest.approx(0.4, abs=0.03)
    likelier = [can_ask(h, s, 0.7, o, np.uint64(7)) for h, s, o in keys]
    assert all(b for a, b in zip(found, likelier, strict=True) if a), (
        "a likelier acquaintance takes none away"
    )
