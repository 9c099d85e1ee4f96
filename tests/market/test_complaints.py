"""Complaints from the service to their end: whoever complains is answered once, and gets back what the rules say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.errors import AuditError
from sim.model import MarketModel
from sim.state import COMPLAINT, Rows
from sim.vocabulary import ComplaintState, FirmForm, Grievance, MoneyKind, OrderState, Sector
from tests.core.small import LIVELY, Town, differences

FALSE_ALARM = 1e-4
DAYS = 40
ANGRY = (
    "scale=0.5",
    "period.days=60",
    "parameters.satisfaction.damage_probability=0.05",
    "parameters.satisfaction.overcharge_probability=0.3",
    "parameters.satisfaction.complaint_probability.quality=0.5",
    "parameters.complaints.settlement_days=3",
    "parameters.complaints.dispute_probability=0.5",
    "parameters.complaints.mediation_days=4",
    *LIVELY,
)


@pytest.fixture(scope="module")
def saved(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = MarketModel(town(*ANGRY))
    model.run_days(DAYS)
    file = tmp_path_factory.mktemp("complaints") / "state"
    model.save(file)
    return file


@pytest.fixture
def model(saved: Path, town: Town) -> MarketModel:
    return MarketModel.resume(saved, town(*ANGRY))


def ended(model: MarketModel) -> Rows:
    return model.market.ended_complaints.used


def live(model: MarketModel) -> Rows:
    rows = model.tables["complaints"].used
    return rows[rows["state"] != ComplaintState.NONE]


def test_every_end_comes_about_and_audits_pass(model: MarketModel) -> None:
    assert set(ended(model)["state"]) == {
        ComplaintState.SETTLED,
        ComplaintState.MEDIATED,
        ComplaintState.DROPPED,
    }
    assert set(ended(model)["grievance"]) == set(Grievance) - {Grievance.NONE}
    model.close()
    assert model.auditor.passed["complaints"] == 2, "at the end of January and at the close"


def test_a_settled_complaint_gives_back_a_part_and_all_that_was_asked_for_on_the_spot(
    model: MarketModel,
) -> None:
    share = 0.4  # complaints.refund_share
    rows = ended(model)
    paid = rows["state"] != ComplaintState.DROPPED
    np.testing.assert_array_equal(
        rows["refund_fen"][paid], np.floor(share * rows["paid_fen"][paid] + 0.5) + rows["extra_fen"][paid]
    )
    assert (rows["refund_fen"][~paid] == 0).all()
    assert (rows["extra_fen"][rows["grievance"] == Grievance.OVERCHARGE] > 0).any()
    assert (rows["extra_fen"][rows["grievance"] != Grievance.OVERCHARGE] == 0).all()


def test_households_get_what_firms_and_informal_workers_give(model: MarketModel) -> None:
    accounts = {
        name: model.tables[name].used["money_fen"][:, MoneyKind.REFUND]
        for name in ("households", "companies", "workers")
    }
    assert accounts["households"].min() == 0
    assert accounts["households"].sum() == -accounts["companies"].sum() - accounts["workers"].sum()
    assert accounts["companies"].sum() < 0
    circles = model.tables["companies"].used["form"] == FirmForm.ACQUAINTANCE
    assert accounts["companies"][circles].sum() == 0
    assert accounts["workers"].sum() < 0, "who was found through acquaintances answers himself"


def test_what_is_asked_for_on_the_spot_is_the_workers(model: MarketModel) -> None:
    orders = model.market.ended_orders.used
    extra = orders[orders["extra_fen"] > 0]
    assert len(extra) > 0
    assert (extra["grievance"] == Grievance.OVERCHARGE).all()
    assert (extra["clear"] == 0).all(), "a clear price cannot be raised"
    assert (extra["extra_fen"] <= 0.2 * extra["price_fen"]).all()


def test_firms_answer_in_their_time_and_mediation_is_longer(model: MarketModel) -> None:
    rows = ended(model)
    waited = (rows["ended_min"] - rows["opened_min"]) / 1440.0
    assert waited.min() > 0.0
    settled = waited[rows["state"] == ComplaintState.SETTLED]
    assert settled.mean() < waited[rows["state"] == ComplaintState.MEDIATED].mean()


def test_mediators_succeed_more_often_where_a_contract_is_clear(town: Town) -> None:
    """The share of successes by clarity is what the facts say; each false alarm below 1 in 10,000."""
    model = MarketModel(town(*ANGRY))
    model.run_days(1)
    desk, tables = model.desks.region.complaints, model.tables["complaints"]  # type: ignore[union-attr]
    firm = int(np.argmax(model.tables["companies"].used["form"] == FirmForm.AGENCY))
    count = 2_000
    rows = np.zeros(count, COMPLAINT)
    rows["key"] = np.arange(1, count + 1)
    rows["state"], rows["company_row"], rows["clear"] = ComplaintState.DISPUTED, firm, np.arange(count) % 2
    tables.rows, tables.size, tables.free = rows, count, []
    desk.open_day()
    found = ended(model)
    for clear, probability in ((1, 0.8), (0, 0.4)):
        part = found[(found["clear"] == clear) & (found["key"] <= count)]
        successes = int(np.count_nonzero(part["state"] == ComplaintState.MEDIATED))
        assert stats.binomtest(successes, len(part), probability).pvalue > FALSE_ALARM


def test_a_saved_run_goes_on_alike(saved: Path, town: Town) -> None:
    straight = MarketModel(town(*ANGRY))
    straight.run_days(DAYS)
    resumed = MarketModel.resume(saved, town(*ANGRY))
    for run in (straight, resumed):
        run.run_days(15)
        run.close()
    assert differences(straight, resumed) == []
    assert len(live(resumed)) > 0


def test_without_dissatisfaction_nobody_complains(town: Town) -> None:
    calm = MarketModel(town(*ANGRY, "parameters.satisfaction.thresholds.neutral=-50"))
    calm.run_days(30)
    assert len(live(calm)) == 0
    assert calm.tables["companies"].used["complaints"].sum() == 0


def refund_a_fen_more(model: MarketModel) -> None:
    row = np.flatnonzero(ended(model)["state"] == ComplaintState.SETTLED)[0]
    ended(model)["refund_fen"][row] += 1
    home, firm = int(ended(model)["household_row"][row]), int(ended(model)["company_row"][row])
    tables = model.market.world.tables
    model.market.ledger.transfer(
        tables, (Sector.COMPANY, firm), (Sector.HOUSEHOLD, home), MoneyKind.REFUND, 1
    )


def refund_what_was_dropped(model: MarketModel) -> None:
    row = np.flatnonzero(ended(model)["state"] == ComplaintState.DROPPED)[0]
    ended(model)["state"][row] = ComplaintState.SETTLED


def lose_a_complaint(model: MarketModel) -> None:
    rows = model.tables["complaints"].used
    rows["state"][np.flatnonzero(rows["state"] != ComplaintState.NONE)[0]] = ComplaintState.NONE


def invent_a_complaint(model: MarketModel) -> None:
    orders = model.market.ended_orders.used
    orders["complains"][np.flatnonzero(orders["complains"] == 0)[0]] = 1


def ask_on_the_spot_without_a_cause(model: MarketModel) -> None:
    orders = model.market.ended_orders.used
    orders["extra_fen"][np.flatnonzero(orders["state"] == OrderState.CANCELLED)[0]] = 1


@pytest.mark.parametrize(
    ("mutate", "words"),
    [
        (refund_a_fen_more, r"household's account by kind: at \(\d+, 12\)"),
        (refund_what_was_dropped, r"household's account by kind: at \(\d+, 12\)"),
        (lose_a_complaint, r"complaints: \d+ have arisen, \d+ have ended and \d+ are under way"),
        (invent_a_complaint, r"complaints: \d+ have arisen, \d+ have ended and \d+ are under way"),
        (ask_on_the_spot_without_a_cause, r"money: 1 fen were asked for on the spot where 0 may be"),
    ],
)
def test_the_audit_finds_it(mutate: Callable[[MarketModel], None], words: str, model: MarketModel) -> None:
    mutate(model)
    with pytest.raises(AuditError, match=words):
        model.close()
