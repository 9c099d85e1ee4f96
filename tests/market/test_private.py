"""Households and workers who leave the firm together: only where both gain, and nothing is lost on the way."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.agents.leaving import LEAVING, decide_leaving, joint_gain
from sim.market.private import is_free
from sim.model import MarketModel
from sim.state import WORKER, Record, Rows
from sim.vocabulary import FirmForm, MoneyKind, NeedsBy, PlacementState, Reason, ServiceForm, WorkerStatus
from tests.core.small import LIVELY, Town, differences

FALSE_ALARM = 1e-4
SEED = np.uint64(11)
EAGER = (
    "parameters.private.rate_per_year=6",
    "parameters.private.acquainted_days=14",
    "parameters.private.guarantee_share=0.01",
    "parameters.services.recurring_housekeeping.spell_mean_months=8",
    "parameters.services.live_in_nanny.spell_mean_months=8",
    "parameters.placements.patience_days=60",
)


def rules(**changed: float) -> Rows:
    record = np.zeros(1, LEAVING)
    record["rate_per_year"], record["sensitivity"], record["acquainted_days"] = 1.2, 10.0, 30.0
    record["guarantee_share"], record["next_order_share"] = 0.03, 0.02
    for name, value in changed.items():
        record[name] = value
    return record


@pytest.fixture(scope="module")
def standing(town: Town) -> MarketModel:
    return MarketModel(town("scale=0.3"))


def pair(model: MarketModel, form: FirmForm = FirmForm.AGENCY) -> Rows:
    """Return a placement of a form of firm as it stands, of a household that knows its worker for long."""
    market = model.market
    rows = model.tables["placements"].used
    services = model.tables["services"].used
    kind = (services["form"][rows["service"]] == ServiceForm.PLACEMENT) & (
        rows["state"] == PlacementState.ACTIVE
    )
    kind &= services["needs_by"][rows["service"]] != NeedsBy.BIRTH
    chosen: Rows = rows[kind][:1].copy()
    companies = model.tables["companies"].used
    chosen["company_row"] = int(np.argmax(companies["form"] == form))
    chosen["price_fen_per_month"], chosen["wage_fen_per_month"] = 800_000, 720_000
    chosen["worker_since_min"], chosen["end_min"] = market.now_min - 60 * 1440.0, market.now_min + 1e6
    return chosen


def prices(model: MarketModel, rows: Rows, rule: Rows, months: float = 1.0) -> Rows:
    market = model.market
    found = np.zeros(len(rows), np.int64)
    decide_leaving(market.columns, rows, rule, months, market.now_min, np.uint64(5), SEED, found)
    return found


def many(row: Rows, count: int = 4_000) -> Rows:
    rows = np.repeat(row, count)
    rows["key"] = 1 + np.arange(count)
    return rows


def test_the_price_shares_the_gain_evenly(standing: MarketModel) -> None:
    row: Record = pair(standing)[0]
    gain, price = joint_gain(standing.market.columns, row, rules()[0])
    assert gain == pytest.approx(800_000 * 0.97 - 720_000 * 1.02)
    household, worker = 800_000 - price - 0.03 * 800_000, price - 720_000 * 1.02
    assert household == pytest.approx(worker)
    assert household == pytest.approx(gain / 2)


def test_an_employee_gives_up_his_insurance_too(standing: MarketModel) -> None:
    rule = rules(insurance_fen_per_month=30_000)[0]
    agency, employees = (
        joint_gain(standing.market.columns, pair(standing, form)[0], rule)[0]
        for form in (FirmForm.AGENCY, FirmForm.EMPLOYEE_BASED)
    )
    assert employees == pytest.approx(agency - 30_000)


def test_a_pair_leaves_by_the_logit_of_its_gain(standing: MarketModel) -> None:
    rule = rules()
    row = pair(standing)
    gain, price = joint_gain(standing.market.columns, row[0], rule[0])
    found = prices(standing, many(row), rule)
    odds = 1.2 / 12.0 * math.exp(10.0 * gain / 800_000)
    left = int(np.count_nonzero(found))
    assert stats.binomtest(left, len(found), odds / (1.0 + odds)).pvalue > FALSE_ALARM
    assert stats.binomtest(left, len(found), 0.1 / 1.1).pvalue < FALSE_ALARM, "the gain counts"
    assert set(found.tolist()) == {0, math.floor(price + 0.5)}


@pytest.mark.parametrize(
    "change",
    [
        {"price_fen_per_month": 730_000},
        {"state": PlacementState.AGREED},
        {"worker_since_min": -29 * 1440.0},
    ],
    ids=["who would lose", "who has not begun", "who knows each other too little"],
)
def test_nobody_leaves_of(standing: MarketModel, change: dict[str, float]) -> None:
    row = pair(standing)
    eager = rules(rate_per_year=1e6)
    assert prices(standing, row, eager)[0] > 0
    for name, value in change.items():
        row[name] = value
    assert prices(standing, row, eager)[0] == 0


def test_only_who_is_tied_by_nothing_else_leaves_the_firm_as_well() -> None:
    who = np.zeros(1, WORKER)
    who["status"] = WorkerStatus.IDLE
    assert is_free(who[0])
    for column in ("contracts", "plan_length", "frozen"):
        tied = who.copy()
        tied[column] = 1
        assert not is_free(tied[0])


def test_who_changes_the_firm_keeps_what_is_private_and_leaves_the_rest(standing: MarketModel) -> None:
    region, rows = standing.desks.region, standing.tables["placements"].used
    assert region is not None
    recurring = standing.tables["services"].used["form"][rows["service"]] == ServiceForm.RECURRING
    forms = standing.tables["companies"].used["form"]
    running = recurring & (rows["state"] == PlacementState.ACTIVE)
    private, with_a_firm = (
        int(np.flatnonzero(running & ((forms[rows["company_row"]] == FirmForm.ACQUAINTANCE) == informal))[0])
        for informal in (True, False)
    )
    for contract in (private, with_a_firm):
        region.contracts.worker_changes_firm(int(rows["worker_row"][contract]))
    assert rows["state"][private] == PlacementState.ACTIVE
    assert rows["state"][with_a_firm] == PlacementState.SEARCHING


@pytest.fixture(scope="module")
def left(town: Town, tmp_path_factory: pytest.TempPathFactory) -> tuple[MarketModel, Path]:
    """Two months and a half in which pairs leave at the first of February and of March; saved in between."""
    model = MarketModel(town("period.days=70", "scale=0.4", *LIVELY[:2], *EAGER))
    model.run_days(45)
    path = tmp_path_factory.mktemp("private") / "state"
    model.save(path)
    model.run_days(25)
    return model, path


def of_reason(model: MarketModel, reason: Reason) -> Rows:
    rows = model.market.ended_placements.used
    return rows[rows["reason"] == reason]


def test_work_goes_on_with_the_same_pair_until_the_same_end(left: tuple[MarketModel, Path]) -> None:
    model, _ = left
    gone = of_reason(model, Reason.WENT_PRIVATE)
    assert set(model.tables["services"].used["form"][gone["service"]].tolist()) == {
        ServiceForm.PLACEMENT,
        ServiceForm.RECURRING,
    }
    live = np.concatenate([model.tables["placements"].used, model.market.ended_placements.used])
    for row in gone:
        same = live[(live["went_on"] == 1) & (live["start_min"] == row["ended_min"])]
        same = same[(same["household_row"] == row["household_row"]) & (same["service"] == row["service"])]
        assert len(same) > 0
        assert (same["worker_row"] == row["worker_row"]).all()
        assert (same["price_fen_per_month"] < row["price_fen_per_month"]).all()
        running = same[same["state"] == PlacementState.ACTIVE]
        assert (running["end_min"] == row["end_min"]).all()


def test_placed_workers_go_along_and_the_audits_hold(left: tuple[MarketModel, Path]) -> None:
    model, _ = left
    rows = model.tables["placements"].used
    private = rows[(rows["went_on"] == 1) & (rows["state"] == PlacementState.ACTIVE)]
    placed = private[model.tables["services"].used["form"][private["service"]] == ServiceForm.PLACEMENT]
    assert len(placed) > 0
    assert (model.tables["workers"].used["company_row"][placed["worker_row"]] == placed["company_row"]).all()
    assert model.auditor.passed["informal"] == 2
    assert model.market.employments.size > 0
    money = model.tables["companies"].used["money_fen"][:, MoneyKind.SERVICE]
    assert (money[np.unique(private["company_row"])] > 0).all()


def test_a_saved_run_goes_on_alike(left: tuple[MarketModel, Path], town: Town) -> None:
    model, path = left
    again = MarketModel.resume(path, town("period.days=70", "scale=0.4", *LIVELY[:2], *EAGER))
    again.run_days(25)
    assert differences(model, again) == []
    for run in (model, again):
        run.close()
    assert differences(model, again) == []


def test_a_visit_given_up_for_lateness_stays_with_its_own_firm(town: Town) -> None:
    late = (
        "parameters.visits.late_limit_min=0",
        "parameters.services.hourly_cleaning.duration_cv=1.0",
        "parameters.services.recurring_housekeeping.duration_cv=1.0",
        "parameters.private.next_order_share=0.001",
    )
    model = MarketModel(town("scale=1", "period.start=2026-03-01", "period.days=60", *LIVELY, *EAGER, *late))
    model.run_days(60)  # a dispatcher that is shown another firm's order raises
    assert len(of_reason(model, Reason.WENT_PRIVATE)) > 0
