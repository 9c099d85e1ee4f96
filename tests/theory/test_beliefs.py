"""Beliefs about quality against Bayes' rule for normal beliefs and normal signals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.beliefs import believed_quality, experience, of_firm, review, updated
from sim.market.market import Market
from sim.state import COMPANY
from sim.vocabulary import NO_ROW, FirmForm
from tests.theory.test_choice_shares import PLAIN, Firm, market_of

PRIOR_SD, SIGNAL_SD, FIRM_SD = 0.1, 0.2, 0.06
REFERENCE = 0.6
SEED = np.uint64(4)
FIRMS = [Firm(FirmForm.AGENCY, quality=0.05), Firm(FirmForm.AGENCY, quality=-0.05), Firm(FirmForm.PLATFORM)]


def market(reviews: float = 0.0, aversion: float = 0.0) -> Market:
    """Return a market of unrated firms, whose household has an unbiased prior."""
    made = market_of(FIRMS, PLAIN)
    made.table("companies").used["rating_sum"] = made.table("companies").used["rating_count"] = 0.0
    home = made.rows("households")
    home["belief_mean"], home["belief_precision"], home["last_company_row"] = 0.0, PRIOR_SD**-2, NO_ROW
    for name, value in (
        ("reference_quality", REFERENCE), ("signal_var", SIGNAL_SD**2), ("firm_quality_var", FIRM_SD**2),
        ("rating_cap", 50.0), ("rating_bias_var", 0.0), ("review_base", reviews), ("blind_box_aversion", aversion),
    ):  # fmt: skip
        made.weights[name] = value
    return made


def serve(made: Market, company: int, times: int, draw: np.random.Generator) -> list[float]:
    """Let a firm serve the household so many times; return the signals."""
    quality = float(made.rows("companies")["quality"][company])
    signals = (quality + SIGNAL_SD * draw.standard_normal(times)).tolist()
    for occasion, signal in enumerate(signals):
        experience(made.columns, made.weights, 0, company, REFERENCE + signal, np.uint64(occasion), SEED)
    return signals


@given(
    st.floats(-1, 1),
    st.floats(0.1, 1e3),
    st.lists(st.floats(-2, 2), min_size=1, max_size=20),
    st.floats(0.1, 1e3),
)
def test_signals_one_by_one_are_as_good_as_all_at_once(
    mean: float, precision: float, signals: list[float], each: float
) -> None:
    now, sure = mean, precision
    for signal in signals:
        now, sure = updated(now, sure, signal, each)
    total = precision + each * len(signals)
    assert sure == pytest.approx(total)
    assert now == pytest.approx((precision * mean + each * math.fsum(signals)) / total, abs=1e-9)


def test_the_belief_about_a_firm_is_the_posterior() -> None:
    made = market()
    signals = serve(made, 0, 12, np.random.default_rng(1))
    prior = 1.0 / (PRIOR_SD**2 + FIRM_SD**2)
    total = prior + 12 / SIGNAL_SD**2
    mean, precision = of_firm(made.columns, made.weights, 0, 0)
    assert precision == pytest.approx(total, rel=1e-5)
    assert mean == pytest.approx(math.fsum(signals) / SIGNAL_SD**2 / total, rel=1e-4, abs=1e-6)


def test_under_forced_sampling_beliefs_converge_to_the_truth() -> None:
    made = market()
    times = 4_000
    serve(made, 0, times, np.random.default_rng(2))
    mean, _ = of_firm(made.columns, made.weights, 0, 0)
    error = SIGNAL_SD / math.sqrt(times)
    assert abs(mean - 0.05) < 5.0 * error, "false alarm below 1 in a million"
    assert error < 0.05 / 10, "and the bound is far from the prior's mean"


def test_what_is_learnt_of_one_firm_says_something_of_its_form_and_nothing_of_others() -> None:
    made = market()
    serve(made, 0, 30, np.random.default_rng(3))
    own, same_form, other_form = (of_firm(made.columns, made.weights, 0, firm) for firm in (0, 1, 2))
    assert own[1] > same_form[1] > other_form[1]
    assert same_form[0] > 0.0
    assert other_form[0] == pytest.approx(0.0, abs=1e-9)


def test_a_blind_box_is_worth_less_than_what_is_expected_of_it() -> None:
    made = market(aversion=10.0)
    mean, precision = of_firm(made.columns, made.weights, 0, 1)
    assert believed_quality(made.columns, made.weights, 0, 1) == pytest.approx(mean - 5.0 / precision)
    serve(made, 0, 30, np.random.default_rng(4))
    gap = 5.0 / of_firm(made.columns, made.weights, 0, 0)[1]
    assert gap < 5.0 / precision / 5, "experience opens the box"


def test_a_rating_counts_as_its_reviews() -> None:
    made = market()
    firm = made.rows("companies")
    firm["rating_sum"][1], firm["rating_count"][1] = 0.1 * 9, 9.0
    prior = 1.0 / (PRIOR_SD**2 + FIRM_SD**2)
    public = 9.0 / SIGNAL_SD**2
    mean, precision = of_firm(made.columns, made.weights, 0, 1)
    assert precision == pytest.approx(prior + public, rel=1e-5)
    assert mean == pytest.approx(0.1 * public / (prior + public), rel=1e-5)


def test_who_is_surprised_writes() -> None:
    made = market(reviews=0.0)
    made.weights["review_per_point"] = 1.0
    for occasion in range(400):
        experience(made.columns, made.weights, 0, 2, REFERENCE, np.uint64(occasion), SEED)
    assert made.rows("companies")["rating_count"][2] == 0.0, "nothing was surprising"
    experience(made.columns, made.weights, 0, 2, REFERENCE + 1.5, np.uint64(401), SEED)
    assert made.rows("companies")["rating_count"][2] == 1.0


def test_a_rating_forgets() -> None:
    firm = np.zeros(1, COMPANY)[0]
    for _ in range(100):
        review(firm, 0.3, 20.0)
    assert firm["rating_count"] == 20.0
    assert firm["rating_sum"] / firm["rating_count"] == pytest.approx(0.3)
    for _ in range(100):
        review(firm, -0.1, 20.0)
    assert firm["rating_sum"] / firm["rating_count"] == pytest.approx(-0.1, abs=0.01)


def joint_posterior(services: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of (form, deviation of each firm) after services, from the joint normal law."""
    firms = 1 + max(firm for firm, _ in services)
    precision = np.diag([PRIOR_SD**-2, *[FIRM_SD**-2] * firms])
    shift = np.zeros(1 + firms)
    for firm, signal in services:
        where = np.zeros(1 + firms)
        where[[0, 1 + firm]] = 1.0
        precision += np.outer(where, where) / SIGNAL_SD**2
        shift += where * signal / SIGNAL_SD**2
    covariance = np.linalg.inv(precision)
    return covariance @ shift, covariance


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=8), st.lists(st.floats(-0.5, 0.5), max_size=8))
def test_form_and_firm_are_believed_jointly(first: list[float], second: list[float]) -> None:
    """Services by one firm and then by another: exactly the marginals of the joint posterior of form and firms."""
    made = market()
    services = [(0, signal) for signal in first] + [(1, signal) for signal in second]
    for occasion, (firm, signal) in enumerate(services):
        experience(made.columns, made.weights, 0, firm, REFERENCE + signal, np.uint64(occasion), SEED)
    mean, covariance = joint_posterior(services)
    home, last = made.rows("households")[0], services[-1][0]
    weight = np.zeros(len(mean))
    weight[[0, 1 + last]] = 1.0
    form = FirmForm.AGENCY
    assert home["belief_mean"][form] == pytest.approx(mean[0], abs=1e-5)
    assert 1.0 / home["belief_precision"][form] == pytest.approx(covariance[0, 0], rel=1e-4)
    assert home["firm_mean"] == pytest.approx(weight @ mean, abs=1e-5)
    assert 1.0 / home["firm_precision"] == pytest.approx(weight @ covariance @ weight, rel=1e-4)
    assert home["firm_cov"] == pytest.approx(float(covariance[0] @ weight), rel=1e-4)


def test_one_firm_does_not_tell_all_about_its_form() -> None:
    made = market()
    serve(made, 0, 4_000, np.random.default_rng(6))
    spread = 1.0 / float(made.rows("households")["belief_precision"][0][FirmForm.AGENCY])
    floor = 1.0 / (PRIOR_SD**-2 + FIRM_SD**-2)
    assert spread == pytest.approx(floor, rel=0.02), "what remains is the prior and the spread between firms"


def test_a_households_own_reviews_are_not_news_to_it() -> None:
    made, quiet = market(reviews=1.0), market(reviews=0.0)
    for each in (made, quiet):
        serve(each, 0, 70, np.random.default_rng(7))  # more than a rating remembers
    assert made.rows("companies")["rating_count"][0] == 50.0
    told, unread = (of_firm(each.columns, each.weights, 0, 0) for each in (made, quiet))
    assert told == pytest.approx(unread, rel=1e-4), "all of the rating is its own"


def test_what_others_write_counts_beside_a_households_own_reviews() -> None:
    made = market(reviews=1.0)
    serve(made, 0, 3, np.random.default_rng(8))
    mean, precision = of_firm(made.columns, made.weights, 0, 0)
    for _ in range(60):
        review(made.columns.companies[0], 0.2, 50.0)
    count = (
        50.0 - 3.0 * (50.0 / 51.0) ** 13
    )  # without its own three, which thirteen reviews too many have faded
    expected = updated(mean, precision, 0.2, count / SIGNAL_SD**2)
    assert of_firm(made.columns, made.weights, 0, 0) == pytest.approx(expected, rel=1e-4)
