"""How a household chooses among doing it itself, its kin, and the firms that offer to meet a need.

A nested logit with frozen tastes. Utility is linear in net price relative to income, expected wait, believed quality,
search cost, credentials and habit, with a normal taste frozen per (household, form of firm) and an error per
occasion. Nests: doing it oneself with kin; agencies, employee-based firms, platforms and outlets; institutions alone;
acquaintances alone. In each form one firm is considered, drawn by the logit of its size, quality and the household's
habit; a circle of acquaintances only when somebody there can name a worker, or the household found its last one there.
A house to live in may stand in any district; of these the fee and the way from home weigh as well.
What the household cannot pay from what is left of its month's budget is not among the alternatives.

The errors are exact draws of the generalised extreme value law of the nested logit (McFadden 1978): in a nest with
parameter l an error is l (log S + G), with G a standard Gumbel number per alternative and S a positive stable number
of index l per nest, since E[exp(-t S)] = exp(-t**l). Each is keyed by alternative and nest, so that a price moves the
utility of its own alternative and no other. With l = 1 and no tastes the shares are exactly multinomial logit.
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.beliefs import believed_quality
from sim.agents.entitlement import best_claim
from sim.agents.informal import can_ask
from sim.agents.kin import can_help, care_min_per_week, forgone_fen
from sim.agents.means import left_fen
from sim.clock import DAYS_PER_MONTH, DAYS_PER_WEEK
from sim.compiled import kernel, wide
from sim.rng import combine, decision, gumbel, log_positive_stable, normal
from sim.state import Columns, Reach, Rows
from sim.vocabulary import KIN, NO_ROW, FirmForm, NeedsBy, ServiceForm

FORMS = len(FirmForm)
_FORMS = FORMS
_NO_ROW = NO_ROW
_KIN = KIN
_VISIT = int(ServiceForm.VISIT)
_RESIDENCE = int(ServiceForm.RESIDENCE)
_BIRTH = int(NeedsBy.BIRTH)
_INSTITUTION = int(FirmForm.INSTITUTION)
_ACQUAINTANCE = int(FirmForm.ACQUAINTANCE)
_FIRM = decision("choice.firm")
_OCCASION = decision("choice.occasion")
_NEST = decision("choice.nest")
_TASTE = decision("choice.taste")
_SELF_KEY = np.uint64(1_000_003)
_KIN_KEY = np.uint64(1_000_033)
_WEEKS_PER_MONTH = DAYS_PER_MONTH / DAYS_PER_WEEK
_HOME_NEST, _FIRM_NEST = 0, 1
_NOBODY = np.empty(0, np.int32)

WEIGHTS = np.dtype(
    [
        ("constant", "f8", (FORMS,)),
        ("placement_constant", "f8", (FORMS,)),
        ("kin_constant", "f8"),
        ("kin_placement_constant", "f8"),
        ("kin_distance", "f8"),
        ("kin_paid_hours_per_week", "f8"),
        ("house_distance", "f8"),
        ("search_hours", "f8", (FORMS,)),
        ("search_per_hour", "f8"),
        ("credentials", "f8", (FORMS,)),
        ("credential", "f8"),
        ("acquaintance_probability", "f8"),
        ("price_per_income_share", "f8"),
        ("monthly_price_per_income_share", "f8"),
        ("wait_per_day", "f8"),
        ("quality", "f8"),
        ("reference_quality", "f8"),
        ("signal_var", "f8"),
        ("firm_quality_var", "f8"),
        ("rating_bias_var", "f8"),
        ("rating_cap", "f8"),
        ("blind_box_aversion", "f8"),
        ("review_base", "f8"),
        ("review_per_point", "f8"),
        ("habit", "f8"),
        ("size", "f8"),
        ("taste_sd", "f8"),
        ("home_nest", "f8"),
        ("firm_nest", "f8"),
        ("budget_share", "f8"),
        ("birth_savings_months", "f8"),
    ],
    align=True,
)
"""One record: the coefficients of utility. ``constant``, ``search_hours`` and ``credentials`` by form of firm, against
doing it oneself; ``acquaintance_probability`` is that of an acquaintance who can name a worker; ``home_nest`` and
``firm_nest`` are the nests' parameters, in (0, 1]; ``budget_share`` of income is what a household can spend in a month,
``birth_savings_months`` of income what it has saved for a birth."""


@kernel
def price_fen(c: Columns, service: int, company: int, duration_min: float) -> int:
    """Return what a company asks for a visit of that length, or for a month; an institution its fee."""
    row = c.services[service]
    if row.form == _RESIDENCE:
        return wide(c.institutions[c.companies[company].institution_row].fee_fen_per_month)
    amount = row.price_fen * c.companies[company].price_multiplier
    if row.price_per_min == 1:
        amount *= duration_min / 60.0
    return math.floor(amount + 0.5)


@kernel
def means_fen(c: Columns, weights: Rows, household: int, service: int) -> float:
    """Return what a price is weighed against: a month's income, for a birth also what has been saved for it.

    A price by the month comes again every month and a visit next time; a matron stays once, for a month.
    """
    months = 1.0
    if c.services[service].needs_by == _BIRTH:
        months += weights[0].birth_savings_months
    return max(months * c.households[household].income_fen_per_month, 1.0)


@kernel
def km_to_house(c: Columns, household: int, company: int) -> float:
    """Return the plane distance on the full-size map from a household to the institution of a firm."""
    home = c.households[household]
    house = c.institutions[c.companies[company].institution_row]
    return math.hypot(home.city_x_km - house.city_x_km, home.city_y_km - house.city_y_km)


@kernel
def utility(
    c: Columns, weights: Rows, household: int, service: int, company: int, price: float, seed: np.uint64
) -> float:
    """Return the systematic utility of a company for a household's need, frozen taste included."""
    w = weights[0]
    firm = c.companies[company]
    home = c.households[household]
    by_the_month = c.services[service].form != _VISIT
    constant = w.placement_constant[firm.form] if by_the_month else w.constant[firm.form]
    sensitivity = w.monthly_price_per_income_share if by_the_month else w.price_per_income_share
    value = constant - sensitivity * price / means_fen(c, weights, household, service)
    value -= w.wait_per_day * firm.expected_wait_days
    value += w.quality * believed_quality(c, weights, household, company)
    value += w.credential * w.credentials[firm.form]
    if home.last_company_row == company:
        value += w.habit
    else:
        value -= w.search_per_hour * w.search_hours[firm.form]
    if c.services[service].form == _RESIDENCE:
        value -= w.house_distance * km_to_house(c, household, company)
    if w.taste_sd > 0.0:
        value += w.taste_sd * normal(seed, _TASTE, home.key, np.uint64(firm.form))
    return value


@kernel
def kin_utility(c: Columns, weights: Rows, household: int, service: int, duration_min: float) -> float:
    """Return the systematic utility of kin for a need; minus infinity where they cannot help."""
    w = weights[0]
    home = c.households[household]
    by_the_month = c.services[service].form != _VISIT
    minutes = care_min_per_week(c.services[service]) if by_the_month else duration_min
    if not can_help(c, household, service, minutes):
        return -math.inf
    work_min = 60.0 * w.kin_paid_hours_per_week * _WEEKS_PER_MONTH
    wage = home.income_fen_per_month / max(home.members, 1) / max(work_min, 1.0)
    forgone = forgone_fen(c, household, service, minutes, wage)
    sensitivity = w.monthly_price_per_income_share if by_the_month else w.price_per_income_share
    value = w.kin_placement_constant if by_the_month else w.kin_constant
    return (
        value
        - sensitivity * forgone / means_fen(c, weights, household, service)
        - w.kin_distance * home.kin_km
    )


@kernel
def _among(rows: np.ndarray, row: int) -> bool:
    found = False
    for k in range(len(rows)):
        found |= rows[k] == row
    return found


@kernel
def serving(reach: Reach, district: int, lives_in: bool) -> np.ndarray:
    """Return the firms among which a household of a district looks, or the houses in which an elder of it may live."""
    if lives_in:
        return reach.houses
    return reach.rows[reach.starts[district] : reach.starts[district + 1]]


@kernel
def house_utility(c: Columns, weights: Rows, household: int, service: int, company: int) -> float:
    """Return what fee and way from home make of an institution among the others."""
    w = weights[0]
    fee = price_fen(c, service, company, 0.0) / means_fen(c, weights, household, service)
    return -w.monthly_price_per_income_share * fee - w.house_distance * km_to_house(c, household, company)


@kernel
def consider(
    c: Columns,
    weights: Rows,
    reach: Reach,
    household: int,
    service: int,
    occasion: np.uint64,
    seed: np.uint64,
    asked: np.ndarray,
    considered: np.ndarray,
) -> None:
    """Write the firm that the household considers in each form into ``considered`` (-1 where none serves).

    Firms in ``asked`` could not meet the need before, and are not considered again.
    """
    w = weights[0]
    home = c.households[household]
    best = np.full(_FORMS, -math.inf)
    considered[:] = _NO_ROW
    bit = np.uint32(service)
    named = can_ask(home.key, c.services[service].key, w.acquaintance_probability, occasion, seed)
    lives_in = c.services[service].form == _RESIDENCE
    for each in serving(reach, home.district, lives_in):
        company = wide(each)
        firm = c.companies[company]
        able = c.capacity[company, service]
        if able == 0 or (firm.services >> bit) & np.uint32(1) == 0:
            continue
        if _among(asked, company):
            continue
        if firm.form == _ACQUAINTANCE and not named and home.last_company_row != company:
            continue
        score = w.size * math.log(able) + w.quality * believed_quality(c, weights, household, company)
        score -= w.wait_per_day * firm.expected_wait_days
        if home.last_company_row == company:
            score += w.habit
        if lives_in:
            score += house_utility(c, weights, household, service, company)
        score += gumbel(seed, _FIRM, combine(home.key, firm.key), occasion)
        if score > best[firm.form]:
            best[firm.form] = score
            considered[firm.form] = company


@kernel
def nest_level(nest: int, index: float, household: np.uint64, occasion: np.uint64, seed: np.uint64) -> float:
    """Return what the errors of a nest's alternatives have in common on an occasion: log S."""
    return log_positive_stable(index, seed, _NEST, combine(household, np.uint64(nest)), occasion)


@kernel
def error(
    level: float,
    index: float,
    household: np.uint64,
    alternative: np.uint64,
    occasion: np.uint64,
    seed: np.uint64,
) -> float:
    """Return the error of an alternative in a nest: standard Gumbel, correlated within the nest."""
    return index * (level + gumbel(seed, _OCCASION, combine(household, alternative), occasion))


@kernel
def choose(
    c: Columns,
    weights: Rows,
    reach: Reach,
    household: int,
    service: int,
    duration_min: float,
    occasion: np.uint64,
    seed: np.uint64,
) -> int:
    """Return the company chosen for a need; -1 when the household meets the need itself, -2 when kin do."""
    return choose_next(c, weights, reach, household, service, duration_min, occasion, seed, _NOBODY)


@kernel
def choose_next(
    c: Columns,
    weights: Rows,
    reach: Reach,
    household: int,
    service: int,
    duration_min: float,
    occasion: np.uint64,
    seed: np.uint64,
    asked: np.ndarray,
) -> int:
    """Return as :func:`choose` what the household chooses once the firms in ``asked`` could not meet its need.

    On the same occasion its tastes and errors are the same: what it took for worse before, it takes for worse now.
    """
    w = weights[0]
    considered = np.empty(_FORMS, np.int32)
    consider(c, weights, reach, household, service, occasion, seed, asked, considered)
    home = c.households[household]
    level = nest_level(_HOME_NEST, w.home_nest, home.key, occasion, seed)
    best = error(level, w.home_nest, home.key, _SELF_KEY, occasion, seed)
    chosen = _NO_ROW
    value = kin_utility(c, weights, household, service, duration_min)
    if value > -math.inf:
        value += error(level, w.home_nest, home.key, _KIN_KEY, occasion, seed)
        if value > best:
            best, chosen = value, _KIN
    level = nest_level(_FIRM_NEST, w.firm_nest, home.key, occasion, seed)
    left = left_fen(c, household, w.budget_share)
    if c.services[service].needs_by == _BIRTH:
        left += math.floor(w.birth_savings_months * home.income_fen_per_month)
    for form in range(_FORMS):
        company = wide(considered[form])
        if company == _NO_ROW:
            continue
        price = price_fen(c, service, company, duration_min)
        if form != _ACQUAINTANCE:
            price -= best_claim(c, household, service, price)[1]
        if price > left:
            continue
        value = utility(c, weights, household, service, company, price, seed)
        alternative = np.uint64(form)
        if form in (_INSTITUTION, _ACQUAINTANCE):
            value += error(0.0, 1.0, home.key, alternative, occasion, seed)
        else:
            value += error(level, w.firm_nest, home.key, alternative, occasion, seed)
        if value > best:
            best, chosen = value, company
    return chosen
