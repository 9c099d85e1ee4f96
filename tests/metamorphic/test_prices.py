"""With requests, beliefs and waits frozen, a higher price never raises that alternative's choice.

The errors of the choice are keyed by alternative, so it holds occasion by occasion: a household that parts from what it
chose before comes from the alternative that became dearer. So the share of no other alternative falls, of any subset of
occasions, whatever the utilities, budgets, prices and public support.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.choice import choose, price_fen
from sim.agents.entitlement import best_claim
from sim.market.market import Market
from sim.vocabulary import NO_ROW, UNLIMITED_FEN, FirmForm, ServiceForm
from tests.theory.test_choice_shares import FIRMS, HOUR, INCOME_FEN, PLAIN, Firm, market_of, with_kin

RIVALS = [*FIRMS, Firm(FirmForm.AGENCY, quality=0.1, able=3), Firm(FirmForm.PLATFORM, able=2)]
OCCASIONS = 60
SEED = np.uint64(11)
CLAIMS = 2
FIRM = int(FirmForm.EMPLOYEE_BASED)  # the only one of its form


def supported_market() -> Market:
    """Return a market whose household has two claims to public money, which pay nothing yet."""
    market = with_kin(market_of(RIVALS, PLAIN))
    for number in range(CLAIMS):
        scheme, claim = market.add("schemes"), market.add("claims")
        market.rows("schemes")["active"][scheme], market.rows("schemes")["budget_fen"][scheme] = (
            1,
            UNLIMITED_FEN,
        )
        market.rows("claims")["scheme_row"][claim] = scheme
        market.rows("claims")["next_row"][claim] = number - 1
    market.rows("households")["claim_row"] = CLAIMS - 1
    return market


MARKET = supported_market()
utilities = st.lists(st.floats(-3.0, 3.0), min_size=len(FirmForm), max_size=len(FirmForm))


@st.composite
def households(draw: st.DrawFn) -> dict[str, Any]:
    """How a household weighs, what it has, and what the public pays for it."""
    return {
        "constant": draw(utilities),
        "placement_constant": draw(utilities),
        "price_per_income_share": draw(st.floats(0.0, 80.0)),
        "monthly_price_per_income_share": draw(st.floats(0.0, 80.0)),
        "taste_sd": draw(st.floats(0.0, 2.0)),
        "home_nest": draw(st.floats(0.2, 1.0)),
        "firm_nest": draw(st.floats(0.2, 1.0)),
        "budget_share": draw(st.floats(0.0, 0.1)),
        "habit": draw(st.floats(0.0, 2.0)),
        "last_company_row": draw(st.integers(NO_ROW, len(RIVALS) - 1)),
        "kin_free_min": draw(st.sampled_from([0.0, 600.0])),
        "form": draw(st.sampled_from([ServiceForm.VISIT, ServiceForm.PLACEMENT])),
        "price": draw(st.floats(0.2, 4.0)),
        "share": draw(st.lists(st.floats(0.0, 1.0), min_size=CLAIMS, max_size=CLAIMS)),
        "cap_fen_per_month": draw(st.lists(st.integers(0, 20_000), min_size=CLAIMS, max_size=CLAIMS)),
    }


def set_up(household: dict[str, Any]) -> None:
    for name in MARKET.weights.dtype.names or ():
        if name in household:
            MARKET.weights[name] = household[name]
    for name in ("last_company_row", "kin_free_min"):
        MARKET.rows("households")[name] = household[name]
    MARKET.table("services").used["form"] = household["form"]
    schemes = MARKET.table("schemes").used
    schemes["share"][:, 0], schemes["cap_fen_per_month"] = household["share"], household["cap_fen_per_month"]
    prices = [household["price"] * firm.price_multiplier for firm in RIVALS]
    MARKET.table("companies").used["price_multiplier"] = prices


def choices() -> list[int]:
    """Return what the household chooses on each occasion: a firm, -1 for doing it itself, -2 for kin."""
    columns, weights, reach = MARKET.columns, MARKET.weights, MARKET.reach
    return [
        choose(columns, weights, reach, 0, 0, HOUR, np.uint64(occasion), SEED)
        for occasion in range(OCCASIONS)
    ]


@given(household=households(), firm=st.integers(0, len(RIVALS) - 1), factor=st.floats(1.0, 5.0))
@settings(max_examples=100, deadline=None)
def test_who_parts_comes_from_the_alternative_that_became_dearer(
    household: dict[str, Any], firm: int, factor: float
) -> None:
    set_up(household)
    before = choices()
    MARKET.rows("companies")["price_multiplier"][firm] *= factor
    parted = [(old, new) for old, new in zip(before, choices(), strict=True) if old != new]
    assert all(old == firm for old, _ in parted)


MIDDLING = {
    "constant": [0.0, 0.0, 1.5, 0.0, 0.0, 0.0], "price_per_income_share": 80.0, "taste_sd": 0.0, "home_nest": 0.6,
    "firm_nest": 0.6, "budget_share": 0.1, "habit": 0.5, "last_company_row": FIRM, "kin_free_min": 600.0,
    "form": ServiceForm.VISIT, "price": 1.0, "share": [0.0, 0.0], "cap_fen_per_month": [0, 0],
}  # fmt: skip


def test_a_price_moves_choices_and_a_price_out_of_reach_ends_them() -> None:
    """The relation is not kept by choices that see no price."""
    set_up(MIDDLING)
    multiplier = MARKET.rows("companies")["price_multiplier"]
    often = choices().count(FIRM)
    multiplier[FIRM] *= 2.0
    assert 0 < choices().count(FIRM) < often
    multiplier[FIRM] *= INCOME_FEN / price_fen(MARKET.columns, 0, FIRM, HOUR)
    assert choices().count(FIRM) == 0


def test_public_money_brings_the_choice_of_it_back() -> None:
    dear = {**MIDDLING, "price": 3.0}
    set_up(dear)
    unsupported = choices()
    set_up({**dear, "share": [0.5, 0.2], "cap_fen_per_month": [9_000, 20_000]})
    assert best_claim(MARKET.columns, 0, 0, 24_000)[1] == 9_000, "half of the price, within the cap"
    supported = choices()
    firms = [sum(choice >= 0 for choice in chosen) for chosen in (unsupported, supported)]
    assert firms[0] < firms[1]
