"""What a worker makes of his career, month by month: stay, change the firm, or leave for another life.

A multinomial logit among staying, one considered firm, another trade, home, and a rival city; the odds of an option
against staying are a yearly rate at equal pay over twelve, times (pay there / pay here) ** elasticity, times a taste
that is frozen per worker and option. Pay here is what the worker remembers of his months, less the rent. Age ends
careers by a hazard of its own. Work teaches, up to what the worker can reach.
"""

from __future__ import annotations

import math

import numpy as np

from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY, MONTHS_PER_YEAR
from sim.compiled import kernel
from sim.rng import combine, decision, gumbel, normal, uniform
from sim.state import Record, Rows
from sim.vocabulary import NO_ROW, Destination, FirmForm, HealthClass, WorkerStatus

CAREER = np.dtype(
    [
        ("exit_rate_per_year", "f8"),
        ("share", "f8", (len(Destination),)),
        ("move_rate_per_year", "f8", (len(FirmForm),)),
        ("pay_elasticity", "f8"),
        ("firm_pay_elasticity", "f8"),
        ("insurance_hold", "f8"),
        ("taste_sd", "f8"),
        ("other_trade_fen_per_month", "f8"),
        ("rival_city_fen_per_month", "f8"),
        ("rent_fen_per_month", "f8"),
        ("dormitory_rent_share", "f8"),
        ("least_net_fen_per_month", "f8"),
        ("memory_weight", "f8"),
        ("festival_home_factor", "f8"),
        ("retire_mid_years", "f8"),
        ("retire_spread_years", "f8"),
        ("retire_rate_per_year", "f8"),
        ("learning_hours", "f8"),
        ("health_renewal_probability", "f8"),
        ("health_return_probability", "f8"),
    ],
    align=True,
)
"""One record of rules; ``share`` of the leavers at equal pay by destination, ``move_rate_per_year`` by form of firm."""

STAY, MOVE = -1, -2
_STAY, _MOVE = STAY, MOVE
_NO_ROW = NO_ROW
_LEFT, _PLACED, _IDLE = int(WorkerStatus.LEFT), int(WorkerStatus.PLACED), int(WorkerStatus.IDLE)
_STAFF = int(WorkerStatus.STAFF)
_NO_CLASS = int(HealthClass.NONE)
_EMPLOYEE = int(FirmForm.EMPLOYEE_BASED)
_ACQUAINTANCE = int(FirmForm.ACQUAINTANCE)
_TRADE, _GO_HOME, _CITY = int(Destination.OTHER_TRADE), int(Destination.HOME), int(Destination.RIVAL_CITY)
_RETIRED = int(Destination.RETIRED)
_MONTHS, _DAYS_PER_MONTH = MONTHS_PER_YEAR, DAYS_PER_MONTH
_DAY = MINUTES_PER_DAY
_FULL_MONTH_H = 174.0  # 40 h a week; the legal month of work
_YEAR_MIN = 365.0 * MINUTES_PER_DAY
_MOVE_KEY = np.uint64(99)  # beside the destinations, which are keyed by their numbers
_OPTION = decision("career.option")
_TASTE = decision("career.taste")
_RETIRES = decision("career.retires")
_CONSIDERS = decision("career.considered_firm")
_RENEWS = decision("career.health_examination")


@kernel
def remember(who: Record, rules: Record, days: float) -> None:
    """Take the month that has ended into the worker's memory of what a month brings, in fen a month."""
    month = (who.income_fen - who.income_seen_fen) * _DAYS_PER_MONTH / max(days, 1.0)
    who.income_seen_fen = who.income_fen
    if who.months_seen == 0:
        who.income_memory_fen = month
    else:
        weight = max(rules.memory_weight, 1.0 / (who.months_seen + 1.0))
        who.income_memory_fen += weight * (month - who.income_memory_fen)
    who.months_seen += 1


@kernel
def learn(who: Record, rules: Record) -> None:
    """Let a month's work close part of the gap to what the worker can reach: 1 - exp(-hours / learning hours)."""
    hours = (who.service_min - who.service_seen_min) / 60.0
    who.service_seen_min = who.service_min
    if who.status == _PLACED or who.status == _STAFF:
        hours += _FULL_MONTH_H
    who.skill_level += (who.skill_potential - who.skill_level) * (
        1.0 - math.exp(-hours / rules.learning_hours)
    )


@kernel
def renew_health(who: Record, rules: Record, now_min: float, seed: np.uint64) -> None:
    """Let a health examination that has run out be renewed, or lapse where no work depends on it."""
    if who.health_held == _NO_CLASS or who.health_until_min > now_min:
        return
    lapsed = who.health_class == _NO_CLASS
    has_work = who.plan_length > 0 or who.contracts > 0 or who.status == _PLACED or who.status == _STAFF
    chance = rules.health_return_probability if lapsed else rules.health_renewal_probability
    occasion = np.uint64(math.floor(now_min / _DAY))
    if has_work or uniform(seed, _RENEWS, who.key, occasion) < chance:
        who.health_class = who.health_held
        who.health_until_min = now_min + _YEAR_MIN
    else:
        who.health_class = _NO_CLASS


@kernel
def insured(who: Record, form: int) -> bool:
    """Whether a worker is an insured employee: of an employee-based firm, or in an institution's house."""
    return form == _EMPLOYEE or who.status == _STAFF


@kernel
def net_fen(who: Record, rules: Record, form: int) -> float:
    """Return what a month leaves after rent; who lives with a household pays none, employees part of it."""
    rent = rules.rent_fen_per_month
    if who.status == _PLACED:
        rent = 0.0
    elif insured(who, form):
        rent *= rules.dormitory_rent_share
    return max(who.income_memory_fen - rent, rules.least_net_fen_per_month)


@kernel
def retires(who: Record, rules: Record, months: float, occasion: np.uint64, seed: np.uint64) -> bool:
    """Whether the worker retires within so many months: a hazard that rises with age along a logistic curve."""
    age = (who.age_years - rules.retire_mid_years) / rules.retire_spread_years
    hazard = rules.retire_rate_per_year / (1.0 + math.exp(-age)) / _MONTHS
    return uniform(seed, _RETIRES, who.key, occasion) < 1.0 - math.exp(-hazard * months)


@kernel
def log_odds(who: Record, rules: Record, form: int, option: int, pay_fen: float, seed: np.uint64) -> float:
    """Return the logarithm of a month's odds of leaving for an option against staying; minus infinity at rate 0."""
    rate = rules.exit_rate_per_year * rules.share[option] / _MONTHS
    if rate <= 0.0:
        return -math.inf
    value = math.log(rate) + rules.taste_sd * normal(seed, _TASTE, who.key, np.uint64(option))
    value -= 0.5 * rules.taste_sd * rules.taste_sd
    if insured(who, form):
        value -= rules.insurance_hold
    if who.months_seen > 0:
        pay = max(pay_fen, rules.least_net_fen_per_month)
        value += rules.pay_elasticity * math.log(pay / net_fen(who, rules, form))
    return value


@kernel
def consider_firm(who: Record, companies: Rows, occasion: np.uint64, seed: np.uint64) -> int:
    """Return the firm that a worker thinks of: by the logit of its size; -1 when it has no vacancy for him.

    Acquaintances are those of the district where he lives.
    """
    best, found = -math.inf, _NO_ROW
    for company in range(len(companies)):
        firm = companies[company]
        if company == who.company_row or firm.target_workers <= 0.0:
            continue
        if firm.form == _ACQUAINTANCE and firm.district != who.home_district:
            continue
        score = math.log(firm.target_workers) + gumbel(seed, _CONSIDERS, combine(who.key, firm.key), occasion)
        if score > best:
            best, found = score, company
    if found != _NO_ROW and companies[found].workers >= companies[found].target_workers:
        return _NO_ROW
    return found


@kernel
def move_odds(who: Record, rules: Record, own: Record, other: Record, seed: np.uint64) -> float:
    """Return the logarithm of a month's odds of changing to a firm: by what it pays of its prices, and insurance."""
    rate = rules.move_rate_per_year[own.form] / _MONTHS
    if rate <= 0.0:
        return -math.inf
    there = other.price_multiplier * other.share_level
    here = own.price_multiplier * own.share_level
    value = math.log(rate) + rules.firm_pay_elasticity * math.log(there / here)
    return value + rules.insurance_hold * ((other.form == _EMPLOYEE) - insured(who, own.form))


@kernel
def decide(
    who: Record,
    companies: Rows,
    rules: Record,
    home_fen: float,
    months: float,
    home_factor: float,
    occasion: np.uint64,
    seed: np.uint64,
) -> tuple[int, int]:
    """Return (what the worker does in the months ahead, the firm that he moves to or -1).

    The first is ``STAY``, ``MOVE`` or a destination.
    """
    if retires(who, rules, months, occasion, seed):
        return _RETIRED, _NO_ROW
    form = companies[who.company_row].form
    best, chosen, firm = gumbel(seed, _OPTION, combine(who.key, np.uint64(0)), occasion), _STAY, _NO_ROW
    for option in (_TRADE, _GO_HOME, _CITY):
        pay = rules.other_trade_fen_per_month
        if option == _GO_HOME:
            pay = home_fen
        elif option == _CITY:
            pay = rules.rival_city_fen_per_month
        value = log_odds(who, rules, form, option, pay, seed) + math.log(months)
        if option == _GO_HOME:
            value += math.log(home_factor)
        value += gumbel(seed, _OPTION, combine(who.key, np.uint64(option)), occasion)
        if value > best:
            best, chosen = value, option
    if (who.status != _IDLE and who.status != _STAFF) or who.frozen > 0:
        return chosen, _NO_ROW
    other = consider_firm(who, companies, occasion, seed)
    if other != _NO_ROW:
        value = move_odds(who, rules, companies[who.company_row], companies[other], seed) + math.log(months)
        value += gumbel(seed, _OPTION, combine(who.key, _MOVE_KEY), occasion)
        if value > best:
            chosen, firm = _MOVE, other
    return chosen, firm
