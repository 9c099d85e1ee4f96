"""Shares of the household's choice against the closed form of the multinomial logit (McFadden 1974)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from sim.agents.choice import WEIGHTS, choose, kin_utility, utility
from sim.clock import DAYS_PER_MONTH, DAYS_PER_WEEK, Clock
from sim.market.market import Market
from sim.market.setup import make_market
from sim.rng import log_positive_stable
from sim.scenario import load_scenario
from sim.state import Rows, Table
from sim.vocabulary import NO_ROW, FirmForm, NeedsBy
from tests.theory.cases import SCENARIOS

FALSE_ALARM = 1e-6
DRAWS = 120_000
HOUR = 60.0
PRICE_FEN, INCOME_FEN = 8_000, 1_000_000


class Weights(NamedTuple):
    """The coefficients of utility for a visit; the plain ones make a multinomial logit."""

    constant: tuple[float, ...] = (0.4, -0.3, 0.1, -1.0, -0.6, -1.5)
    price_per_income_share: float = 30.0
    wait_per_day: float = 0.3
    quality: float = 0.5
    habit: float = 0.8
    size: float = 0.7
    taste_sd: float = 0.0
    home_nest: float = 1.0
    firm_nest: float = 1.0
    budget_share: float = 1.0
    kin_constant: float = 0.2
    kin_distance: float = 0.05
    kin_paid_hours_per_week: float = 40.0
    search_hours: tuple[float, ...] = (0.5, 1.0, 1.5, 0.2, 0.7, 2.0)
    search_per_hour: float = 0.1
    credentials: tuple[float, ...] = (0.6, 0.3, 0.9, 0.5, 1.0, 0.1)
    credential: float = 0.4
    acquaintance_probability: float = 1.0
    rating_cap: float = 1.0
    signal_var: float = 1e-12


class Firm(NamedTuple):
    """What households know of a firm, and how many workers it has."""

    form: FirmForm
    expected_wait_days: float = 0.0
    quality: float = 0.0
    price_multiplier: float = 1.0
    able: int = 1


PLAIN = Weights()
FIRMS = [Firm(form, 0.5 * form, 0.2 * form, 1.0 + 0.1 * form) for form in FirmForm]


def market_of(firms: Sequence[Firm], weights: Weights, last: int = NO_ROW) -> Market:
    """Return a market with one household, one service priced by the hour, and these firms."""
    rest = make_market(load_scenario(SCENARIOS / "queue_md1.yaml"), Clock())
    tables = rest.world.tables
    tables["companies"] = Table.of(_companies(tables["companies"].used[0], firms))
    tables["workers"] = Table.of(_workers(tables["workers"].used[0], firms))
    tables["services"].used["price_fen"], tables["services"].used["price_per_min"] = PRICE_FEN, 1
    tables["households"].used["income_fen_per_month"] = INCOME_FEN
    tables["households"].used["last_company_row"] = last
    record = np.zeros(1, WEIGHTS)
    for name, coefficient in weights._asdict().items():
        record[name] = coefficient
    return Market(rest.world, rest.clock, rest.calendar, rest.visit_rules, None, record)


def _companies(like: np.void, firms: Sequence[Firm]) -> Rows:
    rows = np.full(len(firms), like)
    rows["key"] = 1_000 + np.arange(len(firms))
    for name in ("form", "expected_wait_days", "quality", "price_multiplier"):
        rows[name] = [getattr(firm, name) for firm in firms]
    # Quality is what households believe; here a rating without doubt says it.
    rows["rating_sum"], rows["rating_count"] = rows["quality"], 1.0
    return rows


def _workers(like: np.void, firms: Sequence[Firm]) -> Rows:
    employer = np.repeat(np.arange(len(firms)), [firm.able for firm in firms])
    rows = np.full(len(employer), like)
    rows["key"], rows["company_row"] = np.arange(len(employer)), employer
    return rows


def counts(market: Market) -> np.ndarray:
    """Return how often kin, nobody and each firm was chosen over many occasions; kin only where there are any."""
    seed, reach = np.uint64(5), market.reach
    chosen = [
        choose(market.columns, market.weights, reach, 0, 0, HOUR, np.uint64(occasion), seed)
        for occasion in range(DRAWS)
    ]
    counted = np.bincount(np.array(chosen) + 2, minlength=market.table("companies").size + 2)
    has_kin = market.rows("households")["kin_free_min"][0] > 0.0
    return counted if has_kin else counted[1:]


def systematic(firm: Firm, weights: Weights, habit: bool = False) -> float:
    """Return a firm's utility as the page has it: price relative to income, wait, quality, papers, search or habit."""
    price = PRICE_FEN * firm.price_multiplier / INCOME_FEN
    value = weights.constant[firm.form] - weights.price_per_income_share * price
    value += weights.quality * firm.quality - weights.wait_per_day * firm.expected_wait_days
    value += weights.credential * weights.credentials[firm.form]
    return value + (weights.habit if habit else -weights.search_per_hour * weights.search_hours[firm.form])


def logit(utilities: list[float]) -> np.ndarray:
    """Return the shares of doing it oneself (utility 0) and of the alternatives."""
    weights: np.ndarray = np.exp([0.0, *utilities])
    shares: np.ndarray = weights / weights.sum()
    return shares


def nested(home: list[float], firms: list[float], alone: list[float], weights: Weights) -> np.ndarray:
    """Return the shares of a nested logit with these utilities by nest (McFadden 1978)."""
    nests = [(home, weights.home_nest), (firms, weights.firm_nest), (alone, 1.0)]
    sums = [np.exp(np.array(values) / index).sum() for values, index in nests]
    total = sum(value**index for value, (_, index) in zip(sums, nests, strict=True))
    return np.concatenate(
        [
            np.exp(np.array(values) / index) / value * value**index / total
            for value, (values, index) in zip(sums, nests, strict=True)
        ]
    )


def p_value(found: np.ndarray, shares: np.ndarray) -> float:
    return float(stats.chisquare(found, shares * found.sum()).pvalue)


@pytest.fixture(scope="module")
def five() -> np.ndarray:
    return counts(market_of(FIRMS, PLAIN))


def test_one_firm_of_each_form_is_chosen_by_the_logit_of_its_utility(five: np.ndarray) -> None:
    assert p_value(five, logit([systematic(firm, PLAIN) for firm in FIRMS])) > FALSE_ALARM


LARGER = {
    "constant": PLAIN._replace(constant=tuple(1.2 * constant for constant in PLAIN.constant)),
    "price": PLAIN._replace(price_per_income_share=1.2 * PLAIN.price_per_income_share),
    "wait": PLAIN._replace(wait_per_day=1.2 * PLAIN.wait_per_day),
    "quality": PLAIN._replace(quality=1.2 * PLAIN.quality),
}


@pytest.mark.parametrize("weights", LARGER.values(), ids=LARGER)
def test_a_coefficient_that_is_a_fifth_larger_would_be_found(five: np.ndarray, weights: Weights) -> None:
    assert p_value(five, logit([systematic(firm, weights) for firm in FIRMS])) < FALSE_ALARM


def test_the_systematic_utility_is_the_sum_on_the_page() -> None:
    market = market_of(FIRMS, PLAIN, last=2)
    for row, firm in enumerate(FIRMS):
        price = PRICE_FEN * firm.price_multiplier
        found = utility(market.columns, market.weights, 0, 0, row, price, np.uint64(1))
        assert found == pytest.approx(systematic(firm, PLAIN, habit=row == 2))


def test_habit_raises_the_odds_of_the_last_firm_by_its_factor() -> None:
    found = counts(market_of(FIRMS, PLAIN, last=1))
    shares = logit([systematic(firm, PLAIN, habit=row == 1) for row, firm in enumerate(FIRMS)])
    assert p_value(found, shares) > FALSE_ALARM


def test_leaving_a_form_out_keeps_the_odds_among_the_others() -> None:
    others = [firm for firm in FIRMS if firm.form != FirmForm.EMPLOYEE_BASED]
    found = counts(market_of(others, PLAIN))
    assert p_value(found, logit([systematic(firm, PLAIN) for firm in others])) > FALSE_ALARM


def test_acquaintances_are_an_alternative_only_as_often_as_one_can_name_a_worker() -> None:
    weights = PLAIN._replace(acquaintance_probability=0.3)
    known = logit([systematic(firm, PLAIN) for firm in FIRMS])
    unknown = logit([systematic(firm, PLAIN) for firm in FIRMS[:-1]])
    shares = 0.3 * known + 0.7 * np.append(unknown, 0.0)
    assert p_value(counts(market_of(FIRMS, weights)), shares) > FALSE_ALARM
    assert p_value(counts(market_of(FIRMS, PLAIN)), shares) < FALSE_ALARM


def test_who_found_the_last_worker_through_acquaintances_needs_no_other_to_name_one() -> None:
    last = len(FIRMS) - 1
    weights = PLAIN._replace(acquaintance_probability=0.0)
    shares = logit([systematic(firm, PLAIN, habit=row == last) for row, firm in enumerate(FIRMS)])
    assert p_value(counts(market_of(FIRMS, weights, last=last)), shares) > FALSE_ALARM


def test_within_a_form_one_firm_is_considered_by_the_logit_of_its_size_and_record() -> None:
    rivals = [
        Firm(FirmForm.PLATFORM, quality=0.6, expected_wait_days=1.0),
        Firm(FirmForm.PLATFORM, expected_wait_days=0.2, able=4),
        Firm(FirmForm.OUTLET, quality=0.3, able=2),
    ]
    scores = np.array(
        [
            PLAIN.size * math.log(firm.able)
            + PLAIN.quality * firm.quality
            - PLAIN.wait_per_day * firm.expected_wait_days
            for firm in rivals[:2]
        ]
    )
    considered = np.exp(scores) / np.exp(scores).sum()
    value = [systematic(firm, PLAIN) for firm in rivals]
    shares = np.zeros(4)
    for k in (0, 1):
        itself, platform, outlet = logit([value[k], value[2]])
        shares += considered[k] * np.array([itself, platform * (k == 0), platform * (k == 1), outlet])
    assert p_value(counts(market_of(rivals, PLAIN)), shares) > FALSE_ALARM


def test_the_taste_of_one_household_is_frozen_and_shifts_its_utilities_once_for_all() -> None:
    market = market_of(FIRMS, PLAIN._replace(taste_sd=1.5))
    shifted = [
        utility(market.columns, market.weights, 0, 0, row, PRICE_FEN * firm.price_multiplier, np.uint64(5))
        for row, firm in enumerate(FIRMS)
    ]
    found = counts(market)
    assert p_value(found, logit(shifted)) > FALSE_ALARM
    assert p_value(found, logit([systematic(firm, PLAIN) for firm in FIRMS])) < FALSE_ALARM


KIN_KM = 4.0


def with_kin(market: Market, free_min: float = 600.0, paid_min: float = 0.0) -> Market:
    """Give the household kin with so many free and paid minutes a week."""
    home = market.rows("households")
    home["kin_free_min"], home["kin_paid_min"], home["kin_km"] = free_min, paid_min, KIN_KM
    home["kin_service"], home["members"] = NO_ROW, 1
    return market


def nested_shares(weights: Weights) -> np.ndarray:
    """Return the closed-form shares of kin, of doing it oneself and of the firms."""
    value = [systematic(firm, weights) for firm in FIRMS]
    kin = weights.kin_constant - weights.kin_distance * KIN_KM
    return nested([kin, 0.0], value[: FirmForm.INSTITUTION], value[FirmForm.INSTITUTION :], weights)


NESTED = PLAIN._replace(home_nest=0.5, firm_nest=0.6)


def test_nested_shares_are_those_of_the_closed_form() -> None:
    found = counts(with_kin(market_of(FIRMS, NESTED)))
    assert p_value(found, nested_shares(NESTED)) > FALSE_ALARM
    assert p_value(found, nested_shares(PLAIN)) < FALSE_ALARM, "nests would be missed otherwise"


def test_a_positive_stable_number_has_its_laplace_transform() -> None:
    index = 0.6
    draws = np.exp(
        [
            log_positive_stable(index, np.uint64(3), np.uint64(7), np.uint64(k), np.uint64(0))
            for k in range(40_000)
        ]
    )
    for argument in (0.3, 1.0, 3.0):
        values = np.exp(-argument * draws)
        error = values.std() / math.sqrt(len(values))
        assert abs(values.mean() - math.exp(-(argument**index))) < 5.0 * error, "false alarm below 1e-6 each"


def test_a_higher_price_never_raises_a_service_s_choice() -> None:
    cheap, dear = market_of(FIRMS, NESTED), market_of(FIRMS, NESTED)
    dear.rows("companies")["price_multiplier"][1] *= 1.3
    for occasion in range(3_000):
        before, after = (
            choose(
                m.columns,
                m.weights,
                m.reach,
                0,
                0,
                HOUR,
                np.uint64(occasion),
                np.uint64(5),
            )
            for m in (with_kin(cheap), with_kin(dear))
        )
        assert after == before or before == 1, "who leaves comes from the firm that became dearer"


def test_kin_give_their_free_time_first_and_then_their_paid_work() -> None:
    market = with_kin(market_of(FIRMS, PLAIN), free_min=30.0, paid_min=2_400.0)
    wage = INCOME_FEN / (60.0 * 40.0 * DAYS_PER_MONTH / DAYS_PER_WEEK)
    cost = PLAIN.price_per_income_share * math.floor(30.0 * wage) / INCOME_FEN
    found = kin_utility(market.columns, market.weights, 0, 0, HOUR)
    assert found == pytest.approx(PLAIN.kin_constant - PLAIN.kin_distance * KIN_KM - cost)
    market.rows("households")["kin_free_min"] = 600.0
    assert kin_utility(market.columns, market.weights, 0, 0, HOUR) > found
    assert kin_utility(market.columns, market.weights, 0, 0, 50 * HOUR) > -math.inf
    assert kin_utility(market.columns, market.weights, 0, 0, 51 * HOUR) == -math.inf, (
        "all their time is used up"
    )


def test_what_a_household_cannot_pay_it_does_not_choose() -> None:
    market = market_of(FIRMS, PLAIN)
    prices = [PRICE_FEN * firm.price_multiplier for firm in FIRMS]
    market.rows("households")["spent_fen"] = INCOME_FEN - int(prices[2])
    found = counts(market)
    assert found[1] > 0 and found[3] > 0 and not found[4:].any()


def test_for_a_birth_a_household_has_saved() -> None:
    market = market_of(FIRMS, PLAIN._replace(budget_share=0.0))
    assert counts(market)[1:].sum() == 0
    market.weights["birth_savings_months"] = 1.0
    assert counts(market)[1:].sum() == 0
    market.table("services").used["needs_by"] = NeedsBy.BIRTH
    assert counts(market)[1:].sum() > 0
