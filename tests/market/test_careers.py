"""Careers: the monthly decision against the closed form of the logit, learning, ageing, and changes of firm."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.agents.career import CAREER, MOVE, STAY, decide, learn, log_odds, remember, renew_health, retires
from sim.clock import MINUTES_PER_DAY
from sim.model import MarketModel
from sim.state import COMPANY, WORKER, Rows
from sim.vocabulary import Destination, FirmForm, HealthClass, OrderState, WorkerStatus
from tests.core.small import LIVELY, Town

FALSE_ALARM = 1e-6
SEED = np.uint64(9)
HOME_FEN = 250_000.0


def rules(**changed: float) -> Rows:
    """Return rules in which much happens in a month, without tastes, rent or retirement."""
    record = np.zeros(1, CAREER)
    record["exit_rate_per_year"] = 3.0
    record["share"][0] = [0.0, 0.4, 0.45, 0.15, 0.0]
    record["pay_elasticity"], record["learning_hours"] = 0.5, 600.0
    record["other_trade_fen_per_month"], record["rival_city_fen_per_month"] = 500_000.0, 450_000.0
    record["least_net_fen_per_month"] = 100_000.0
    record["retire_mid_years"], record["retire_spread_years"] = 64.0, 2.0
    for name, value in changed.items():
        record[name] = value
    return record


def workers(count: int, income_fen: float = 300_000.0) -> Rows:
    rows = np.zeros(count, WORKER)
    rows["key"] = 1 + np.arange(count)
    rows["income_memory_fen"], rows["months_seen"], rows["age_years"] = income_fen, 6, 45.0
    return rows


def firms() -> Rows:
    rows = np.zeros(2, COMPANY)
    rows["key"], rows["target_workers"] = [11, 12], 5.0
    rows["price_multiplier"] = rows["share_level"] = 1.0
    return rows


def outcomes(rows: Rows, rule: Rows, companies: Rows) -> list[int]:
    return [decide(row, companies, rule[0], HOME_FEN, 1.0, 1.0, np.uint64(3), SEED)[0] for row in rows]


def test_shares_are_those_of_the_closed_form() -> None:
    rule = rules(move_rate_per_year=6.0)
    found = outcomes(workers(20_000), rule, firms())
    odds = {STAY: 1.0, MOVE: 6.0 / 12.0}
    for option, pay in ((1, 500_000.0), (2, HOME_FEN), (3, 450_000.0)):
        odds[option] = 3.0 * rule["share"][0, option] / 12.0 * math.sqrt(pay / 300_000.0)
    counted = [found.count(option) for option in odds]
    expected = np.array(list(odds.values())) / sum(odds.values()) * len(found)
    assert sum(counted) == len(found)
    assert stats.chisquare(counted, expected).pvalue > FALSE_ALARM
    wrong = expected[[0, 1, 3, 2, 4]]
    assert stats.chisquare(counted, wrong).pvalue < FALSE_ALARM, "exchanged destinations would be found"


def test_better_pay_keeps_workers_one_by_one() -> None:
    poor, well = (outcomes(workers(4_000, income), rules(), firms()) for income in (200_000.0, 500_000.0))
    stayed = [a == STAY for a in poor]
    assert all(b == STAY for a, b in zip(stayed, well, strict=True) if a), (
        "nobody leaves because he earns more"
    )
    assert sum(stayed) < sum(b == STAY for b in well)


def test_insurance_holds_employees() -> None:
    rule = rules(insurance_hold=0.4)[0]
    who = workers(1)[0]
    plain, insured = (
        log_odds(who, rule, form, int(Destination.HOME), HOME_FEN, SEED)
        for form in (FirmForm.AGENCY, FirmForm.EMPLOYEE_BASED)
    )
    assert insured == pytest.approx(plain - 0.4)


def test_a_firm_without_vacancies_takes_nobody() -> None:
    full = firms()
    full["workers"] = 5
    assert MOVE not in outcomes(workers(500), rules(move_rate_per_year=50.0), full)


def test_old_workers_retire_by_the_logistic_hazard() -> None:
    rule = rules(retire_rate_per_year=0.5)
    rows = workers(20_000)
    rows["age_years"] = 66.0
    gone = sum(retires(row, rule[0], 1.0, np.uint64(1), SEED) for row in rows)
    expected = 1.0 - math.exp(-0.5 / (1.0 + math.exp(-1.0)) / 12.0)
    assert stats.binomtest(gone, len(rows), expected).pvalue > FALSE_ALARM


def test_work_closes_the_gap_to_what_can_be_reached() -> None:
    who = workers(1)[0]
    who["skill_level"], who["skill_potential"], who["service_min"] = 0.4, 0.7, 60.0 * 300.0
    learn(who, rules()[0])
    assert who["skill_level"] == pytest.approx(0.4 + 0.3 * (1.0 - math.exp(-0.5)))
    before = float(who["skill_level"])
    learn(who, rules()[0])
    assert who["skill_level"] == before, "no work, nothing learnt"


def test_memory_is_the_mean_at_first_and_then_forgets() -> None:
    who = workers(1)[0]
    who["months_seen"] = 0
    for income in (100, 300):
        who["income_fen"] += income
        remember(who, rules(memory_weight=0.3)[0], 365.0 / 12.0)
    assert who["income_memory_fen"] == pytest.approx(200.0)


def test_an_examination_lapses_only_where_no_work_depends_on_it() -> None:
    rows = workers(2)
    rows["health_class"] = rows["health_held"] = HealthClass.CARE
    rows["contracts"] = [1, 0]
    for row in rows:
        renew_health(row, rules()[0], 10.0, SEED)
    assert rows["health_class"].tolist() == [HealthClass.CARE, HealthClass.NONE]
    assert rows["health_until_min"][0] > 10.0
    renew_health(rows[1], rules(health_return_probability=1.0)[0], 20.0, SEED)
    assert rows["health_class"][1] == HealthClass.CARE


def test_workers_change_firms_grow_older_and_nothing_is_lost(town: Town) -> None:
    model = MarketModel(
        town("period.days=95", "scale=0.3", *LIVELY, "parameters.careers.move_rate_per_year.agency=0.9")
    )
    before = model.tables["workers"].used[["key", "company_row", "age_years"]].copy()
    model.run_days(95)
    model.close()
    workers_now = model.tables["workers"].used[: len(before)]
    stayed = workers_now["status"] != WorkerStatus.LEFT
    moved = workers_now["company_row"] != before["company_row"]
    assert (workers_now["moves"][moved] > 0).all()
    assert moved.sum() > 0
    # Three whole months have passed: January, February and March 2026.
    assert workers_now["age_years"][stayed] == pytest.approx(
        before["age_years"][stayed] + 90.0 / 365.25, abs=1e-4
    )
    gone = workers_now["destination"][~stayed]
    assert len(gone) > 0
    assert (gone > 0).all()
    assert set(model.auditor.passed.values()) == {4}, "all audits held in each month"


def test_who_changes_the_firm_leaves_his_planned_visits_behind(town: Town) -> None:
    eager = tuple(
        f"parameters.careers.move_rate_per_year.{form}=30"
        for form in ("platform", "agency", "employee_based")
    )
    model = MarketModel(town("period.days=40", "scale=0.5", *eager, "parameters.careers.insurance_hold=0"))
    model.run_days(31)
    before = model.tables["workers"].used["company_row"].copy()
    planned = model.tables["workers"].used["plan_length"] > 0
    # Through the first midnight of February, and no farther than before anybody sets out.
    model.advance_to(31 * MINUTES_PER_DAY + 1.0)
    workers_now = model.tables["workers"].used
    moved = workers_now["company_row"][: len(before)] != before
    assert (moved & planned).any(), "somebody who had visits to come has changed the firm"
    orders = model.tables["orders"].used
    assigned = orders[orders["state"] == OrderState.ASSIGNED]
    forms = model.tables["companies"].used["form"]
    assigned = assigned[forms[assigned["company_row"]] != FirmForm.ACQUAINTANCE]  # private visits stay his
    assert (workers_now["company_row"][assigned["worker_row"]] == assigned["company_row"]).all()


def test_newcomers_are_younger_and_have_to_learn(town: Town) -> None:
    model = MarketModel(town("scale=0.3"))
    region = model.desks.region
    assert region is not None
    stock = model.tables["workers"].size
    for key in range(300):
        region.labour.enter(np.uint64(1_000 + key), 0, 0, -1, certified=False)
    everybody = model.tables["workers"].used
    old, new = everybody[:stock], everybody[stock:]
    facts = model.settings.facts
    younger = facts.number("careers.newcomer_younger_years")
    spread = math.hypot(
        old["age_years"].std() / math.sqrt(len(old)), new["age_years"].std() / math.sqrt(len(new))
    )
    # The youngest cannot be younger still, so that the mean gap is at most the one of the facts.
    gap = old["age_years"].mean() - new["age_years"].mean()
    assert younger / 2.0 < gap + 5.0 * spread
    assert gap > 5.0 * spread, "false alarm below 1e-6"
    assert (new["age_years"] >= facts.number("workers.age_min_years")).all()
    behind = new["skill_potential"] - new["skill_level"]
    assert behind.max() == pytest.approx(facts.number("careers.newcomer_skill_gap"), abs=1e-6)
    assert (old["skill_potential"] == old["skill_level"]).all()
