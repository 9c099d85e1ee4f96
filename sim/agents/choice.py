"""How a household chooses among meeting a need itself and the firms that offer to meet it.

A mixed logit (McFadden and Train 2000): utility is linear in net price relative to income, expected wait, quality and
habit, with a normal taste frozen per (household, form of firm) and a Gumbel taste per occasion. In each form one firm
is considered, drawn by the logit of its size, quality and the household's habit. With the taste's spread at zero the
shares over forms are exactly multinomial logit.
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.entitlement import best_claim
from sim.compiled import kernel, wide
from sim.rng import combine, decision, gumbel, normal
from sim.state import Columns, Rows
from sim.vocabulary import NO_ROW, FirmForm, ServiceForm

FORMS = len(FirmForm)
_FORMS = FORMS
_NO_ROW = NO_ROW
_PLACEMENT = int(ServiceForm.PLACEMENT)
_RECURRING = int(ServiceForm.RECURRING)
_RESIDENCE = int(ServiceForm.RESIDENCE)
_FIRM = decision("choice.firm")
_OCCASION = decision("choice.occasion")
_TASTE = decision("choice.taste")
_SELF = np.uint64(1_000_003)

WEIGHTS = np.dtype(
    [
        ("constant", "f8", (FORMS,)),
        ("placement_constant", "f8", (FORMS,)),
        ("price_per_income_share", "f8"),
        ("monthly_price_per_income_share", "f8"),
        ("wait_per_day", "f8"),
        ("quality", "f8"),
        ("habit", "f8"),
        ("size", "f8"),
        ("taste_sd", "f8"),
    ],
    align=True,
)
"""One record: the coefficients of utility. ``constant`` by form of firm against doing it oneself."""


@kernel
def price_fen(c: Columns, service: int, company: int, duration_min: float) -> int:
    """Return what a company asks for a visit of that length, or for a month."""
    row = c.services[service]
    amount = row.price_fen * c.companies[company].price_multiplier
    if row.price_per_min == 1:
        amount *= duration_min / 60.0
    return math.floor(amount + 0.5)


@kernel
def utility(
    c: Columns, weights: Rows, household: int, service: int, company: int, price: float, seed: np.uint64
) -> float:
    """Return the systematic utility of a company for a household's need, frozen taste included."""
    w = weights[0]
    firm = c.companies[company]
    home = c.households[household]
    form = c.services[service].form
    by_the_month = form in (_PLACEMENT, _RECURRING, _RESIDENCE)
    constant = w.placement_constant[firm.form] if by_the_month else w.constant[firm.form]
    sensitivity = w.monthly_price_per_income_share if by_the_month else w.price_per_income_share
    value = constant - sensitivity * price / max(home.income_fen_per_month, 1)
    value -= w.wait_per_day * firm.expected_wait_days
    value += w.quality * firm.quality
    if home.last_company_row == company:
        value += w.habit
    if w.taste_sd > 0.0:
        value += w.taste_sd * normal(seed, _TASTE, home.key, np.uint64(firm.form))
    return value


@kernel
def consider(
    c: Columns,
    weights: Rows,
    starts: np.ndarray,
    firms: np.ndarray,
    household: int,
    service: int,
    occasion: np.uint64,
    seed: np.uint64,
    considered: np.ndarray,
) -> None:
    """Write the firm that the household considers in each form into ``considered`` (-1 where none serves)."""
    w = weights[0]
    home = c.households[household]
    best = np.full(_FORMS, -math.inf)
    considered[:] = _NO_ROW
    bit = np.uint32(service)
    for k in range(starts[home.district], starts[home.district + 1]):
        company = wide(firms[k])
        firm = c.companies[company]
        able = c.capacity[company, service]
        if able == 0 or (firm.services >> bit) & np.uint32(1) == 0:
            continue
        score = w.size * math.log(able) + w.quality * firm.quality - w.wait_per_day * firm.expected_wait_days
        if home.last_company_row == company:
            score += w.habit
        score += gumbel(seed, _FIRM, combine(home.key, firm.key), occasion)
        if score > best[firm.form]:
            best[firm.form] = score
            considered[firm.form] = company


@kernel
def choose(
    c: Columns,
    weights: Rows,
    starts: np.ndarray,
    firms: np.ndarray,
    household: int,
    service: int,
    duration_min: float,
    occasion: np.uint64,
    seed: np.uint64,
) -> int:
    """Return the company chosen for a need, or -1 when the household meets the need itself."""
    considered = np.empty(_FORMS, np.int32)
    consider(c, weights, starts, firms, household, service, occasion, seed, considered)
    home = c.households[household]
    best = gumbel(seed, _OCCASION, combine(home.key, _SELF), occasion)
    chosen = _NO_ROW
    for form in range(_FORMS):
        company = wide(considered[form])
        if company == _NO_ROW:
            continue
        price = price_fen(c, service, company, duration_min)
        price -= best_claim(c, household, service, price)[1]
        value = utility(c, weights, household, service, company, price, seed)
        value += gumbel(seed, _OCCASION, combine(home.key, np.uint64(form)), occasion)
        if value > best:
            best = value
            chosen = company
    return chosen
