"""Insolvent firms are taken over: debts are written off, and no order, person or fen is lost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.errors import AuditError
from sim.market.insolvency import EntrantRules, insolvent, replace_insolvent
from sim.market.overheads import balance_fen, cash_fen
from sim.model import MarketModel
from sim.state import Rows
from sim.vocabulary import FirmForm, MoneyKind, Sector, WorkerStatus
from tests.core.small import LIVELY, Town

DAYS = 95
RUINOUS_FEN = 100_000_000


def rows(model: MarketModel) -> Rows:
    return model.tables["companies"].used


def agencies(model: MarketModel) -> Rows:
    found: Rows = np.flatnonzero(rows(model)["form"] == FirmForm.AGENCY)
    return found


def ruined(model: MarketModel, *firms: int) -> MarketModel:
    for firm in firms:
        rows(model)["rent_fen_per_month"][firm] = RUINOUS_FEN
    return model


@pytest.fixture(scope="module")
def failed(town: Town) -> MarketModel:
    """A run in which two agencies fail month by month, closed with all audits."""
    model = MarketModel(town(f"period.days={DAYS}", "scale=0.1", *LIVELY))
    ruined(model, *agencies(model)[:2].tolist()).run_days(DAYS)
    model.close()
    return model


def test_firms_with_ruinous_costs_fail_every_month(failed: MarketModel) -> None:
    firms = rows(failed)
    assert (firms["failures"][agencies(failed)[:2]] == 3).all()
    others = np.setdiff1d(np.arange(len(firms)), agencies(failed)[:2])
    assert (firms["failures"][others] == 0).all()


def test_debts_are_borne_by_the_rest_of_the_world(failed: MarketModel) -> None:
    written_off = rows(failed)["money_fen"][:, MoneyKind.WRITE_OFF]
    assert (written_off > 0).sum() == 2
    assert failed.market.ledger.singles[Sector.REST_OF_WORLD, MoneyKind.WRITE_OFF] == -written_off.sum()


def test_persons_jobs_and_orders_are_conserved(failed: MarketModel) -> None:
    assert set(failed.auditor.passed.values()) == {4}
    workers = failed.tables["workers"].used
    here = workers["status"] != WorkerStatus.LEFT
    assert (workers["company_row"][here] >= 0).all()
    firms = rows(failed)
    ended = firms["completed"] + firms["cancelled"] + firms["unserved"]
    assert (firms["requested"] >= ended).all()
    assert (firms["completed"][agencies(failed)[:2]] > 0).all(), "the entrants serve"


def test_a_failure_makes_no_profit(failed: MarketModel) -> None:
    firms = rows(failed)
    np.testing.assert_array_equal(firms["profit_by_month_fen"].sum(axis=1), balance_fen(firms))


def test_an_entrant_begins_with_his_own_capital_and_prices(town: Town) -> None:
    model = MarketModel(town("scale=0.1"))
    assert model.desks.region is not None
    market, rules = model.market, model.desks.region.entrants
    firm, other = agencies(model)[:2].tolist()
    debt = int(rows(model)["capital_fen"][firm] + rows(model)["credit_limit_fen"][firm]) + 1
    before = rows(model).copy()
    payer, payee = (Sector.COMPANY, firm), (Sector.REST_OF_WORLD, 0)
    market.ledger.transfer(model.tables, payer, payee, MoneyKind.RENT, debt)
    replace_insolvent(market, rules)
    after = rows(model)
    capital = math.floor(rules.capital_fen_per_worker * after["target_workers"][firm] + 0.5)
    assert cash_fen(after)[firm] == capital
    assert after["price_multiplier"][firm] == after["price_anchor"][firm] != before["price_anchor"][firm]
    assert after["quality"][firm] != before["quality"][firm]
    assert after[other] == before[other]


def test_an_entrant_has_no_rating_yet(town: Town) -> None:
    model = MarketModel(town("scale=0.1", *LIVELY))
    broke, sound = agencies(model)[:2].tolist()
    firms = rows(model)
    assert (firms["rating_count"][[broke, sound]] > 0.0).all()
    firms["capital_fen"][broke] = -RUINOUS_FEN
    region = model.desks.region
    assert region is not None
    replace_insolvent(model.market, region.entrants)
    assert firms["failures"][broke] == 1
    assert (firms["rating_count"][broke], firms["rating_sum"][broke]) == (0.0, 0.0)
    assert firms["rating_count"][sound] > 0.0


def test_one_fen_decides(town: Town) -> None:
    model = MarketModel(town("scale=0.1"))
    firm = int(agencies(model)[0])
    line = int(rows(model)["capital_fen"][firm] + rows(model)["credit_limit_fen"][firm])
    rows(model)["money_fen"][firm, MoneyKind.RENT] = -line
    assert not insolvent(rows(model))[firm]
    rows(model)["money_fen"][firm, MoneyKind.RENT] -= 1
    assert insolvent(rows(model))[firm]


def test_entrants_prices_and_qualities_follow_their_law(town: Town) -> None:
    model = MarketModel(town("scale=0.1"))
    rules = EntrantRules(0.0, (1.1,) * 5, 0.08, (0.02,) * 5, 0.06)
    firm, drawn = int(agencies(model)[0]), []
    for _ in range(1000):
        rows(model)["money_fen"][firm, MoneyKind.RENT] -= RUINOUS_FEN
        replace_insolvent(model.market, rules)
        drawn.append([float(rows(model)[name][firm]) for name in ("price_multiplier", "quality")])
    price, quality = np.mean(drawn, axis=0)
    # Four standard errors: a false alarm in 16,000 seeds for each, and the seed is fixed.
    assert price == pytest.approx(1.1, abs=4 * 1.1 * 0.08 / math.sqrt(1000))
    assert quality == pytest.approx(0.02, abs=4 * 0.06 / math.sqrt(1000))


def test_the_audit_misses_a_failure_that_did_not_happen(town: Town) -> None:
    model = MarketModel(town("period.days=62", "scale=0.1"))
    ruined(model, int(agencies(model)[0])).run_days(33)
    rows(model)["money_fen"][agencies(model)[0], MoneyKind.WRITE_OFF] = 0
    assert model.auditor.books is not None
    with pytest.raises(AuditError, match="debts written off by firm"):
        model.auditor.books._check_debts()
