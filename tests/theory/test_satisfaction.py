"""Answers of households against the ordered logit, and how often what goes wrong against the facts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.agents.satisfaction import JUDGEMENT, Service, answer, judge, score, went_wrong
from sim.market.market import Market
from sim.state import Record
from sim.vocabulary import FirmForm, Grievance, Satisfaction
from tests.theory.test_beliefs import REFERENCE, SEED, market, serve

FALSE_ALARM = 1e-5
DRAWS = 20_000
THRESHOLDS = (-2.0, -0.8, 0.9)


def judgement(**changed: float) -> Record:
    rows = np.zeros(1, JUDGEMENT)
    rows["asked"], rows["thresholds"], rows["contract_clarity"] = 1, THRESHOLDS, 0.6
    rows["level_per_point"], rows["gap_per_point"], rows["lateness_per_hour"] = 2.0, 4.0, 1.0
    for name, value in changed.items():
        rows[name] = value
    return rows


def service(key: int = 1, quality: float = REFERENCE, **changed: float) -> Service:
    made = Service(0, 0, 0.0, quality, 0.0, True, np.uint64(key), np.uint64(7))
    return made._replace(**changed)


def answers(made: Market, rows: Record, quality: float = REFERENCE) -> np.ndarray:
    """Return how many of many households give each answer."""
    given = [
        judge(made.columns, made.weights, rows, service(key, quality), SEED).satisfaction
        for key in range(1, DRAWS + 1)
    ]
    return np.bincount(given, minlength=len(Satisfaction))[1:]


def shares(latent: float) -> np.ndarray:
    below = [1.0 / (1.0 + math.exp(latent - threshold)) for threshold in THRESHOLDS]
    return np.diff([0.0, *below, 1.0])


@pytest.mark.parametrize("quality", [REFERENCE - 0.3, REFERENCE, REFERENCE + 0.3])
def test_answers_have_the_shares_of_the_ordered_logit(quality: float) -> None:
    made = market()
    signal = quality - REFERENCE  # nothing is expected above or below the mean
    found = answers(made, judgement(), quality)
    expected = shares(2.0 * signal + 4.0 * signal) * DRAWS
    assert stats.chisquare(found, expected).pvalue > FALSE_ALARM


def test_who_expects_more_is_less_satisfied_with_the_same() -> None:
    made = market()
    before = answers(made, judgement())
    made.rows("households")["belief_mean"] = 0.3
    after = answers(made, judgement())
    assert stats.chisquare(after, shares(-4.0 * 0.3) * DRAWS).pvalue > FALSE_ALARM
    assert after[0] > before[0]
    assert after[-1] < before[-1]


def test_experience_makes_the_expectation() -> None:
    made = market()
    row = judgement()[0]
    serve(made, 0, 40, np.random.default_rng(5))
    home = made.rows("households")[0]
    signal = float(home["firm_mean"])
    assert score(row, signal, signal, 0.0) == pytest.approx(2.0 * signal)


@given(st.floats(-3, 3), st.floats(1e-9, 1 - 1e-9), st.floats(0, 2))
def test_more_satisfaction_never_gives_a_worse_answer(latent: float, level: float, more: float) -> None:
    row = judgement()[0]
    assert answer(row, latent + more, level) >= answer(row, latent, level)


def test_what_goes_wrong_comes_as_often_as_the_facts_say() -> None:
    rows = judgement(
        damage_probability=0.1,
        damage_falls_per_point=4.0,
        overcharge_probability=0.2,
        scope_quarrel_probability=0.3,
    )
    levels = (np.arange(DRAWS) + 0.5) / DRAWS

    def found(skill: float, clear: bool, charged: bool) -> np.ndarray:
        what = [went_wrong(rows[0], service(skill=skill, charged=charged), clear, level) for level in levels]
        return np.bincount(what, minlength=len(Grievance)) / DRAWS

    none, _, damage, overcharge, unclear = found(0.0, False, True)
    assert (damage, overcharge, unclear) == pytest.approx((0.1, 0.2, 0.3), abs=1e-3)
    assert none == pytest.approx(0.4, abs=1e-3)
    assert found(0.0, False, False)[Grievance.OVERCHARGE] == 0.0, "the price of a placement stands"
    assert found(0.0, True, True)[Grievance.UNCLEAR_CONTRACT] == 0.0
    better = found(math.log(2.0) / 4.0, True, True)
    assert better[Grievance.DAMAGE] == pytest.approx(0.05, abs=1e-3)


def test_clear_contracts_bring_fewer_quarrels_and_complaints() -> None:
    made = market()
    complained = []
    for clarity in (0.1, 0.9):
        rows = judgement(overcharge_probability=0.2, scope_quarrel_probability=0.3, contract_clarity=clarity)
        rows["harm"], rows["complaint_probability"] = (0.0, 0.0, 0.3, 0.3, 0.3), 0.5
        verdicts = [judge(made.columns, made.weights, rows, service(key), SEED) for key in range(1, 4_001)]
        unclear = np.mean([not verdict.clear for verdict in verdicts])
        assert unclear == pytest.approx(1.0 - clarity, abs=0.03)  # five standard errors: about 1 in a million
        complained.append(sum(verdict.complains for verdict in verdicts))
    assert complained[1] < complained[0]


def test_in_a_queue_nobody_is_asked() -> None:
    made = market()
    verdict = judge(made.columns, made.weights, judgement(asked=0), service(), SEED)
    assert (verdict.satisfaction, verdict.complains, verdict.harm) == (Satisfaction.NONE, False, 0.0)
    assert len(FirmForm) == len(judgement()["contract_clarity"][0])
