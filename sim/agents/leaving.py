"""Whether a household and its regular worker go on without the firm.

Both must gain. Without the firm its part of the price is theirs; the household loses what the firm's guarantee is
worth to it and public support of the price, the worker what he gives for social insurance and for the firm's next
order. They share the rest evenly (Nash's solution for equal bargaining power), which makes the new price. How often a
pair that would gain does so is a logit of the joint gain, as a share of the price.
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.entitlement import best_claim
from sim.agents.informal import is_informal, worker_share
from sim.clock import MINUTES_PER_DAY, MONTHS_PER_YEAR
from sim.compiled import entry, kernel
from sim.rng import decision, uniform
from sim.state import Columns, Record, Rows
from sim.vocabulary import FirmForm, NeedsBy, PlacementState, ServiceForm

LEAVING = np.dtype(
    [
        ("rate_per_year", "f8"),
        ("sensitivity", "f8"),
        ("acquainted_days", "f8"),
        ("guarantee_share", "f8"),
        ("next_order_share", "f8"),
        ("insurance_fen_per_month", "f8"),
    ],
    align=True,
)
"""One record: ``rate_per_year`` of pairs that would gain nothing; ``sensitivity`` of the log odds to the joint gain as
a share of the price; ``guarantee_share`` of the price is the guarantee's worth to the household, ``next_order_share``
of the wage the next order's to the worker, ``insurance_fen_per_month`` the insurance's to an employee."""

_ACTIVE = int(PlacementState.ACTIVE)
_PLACEMENT, _RECURRING = int(ServiceForm.PLACEMENT), int(ServiceForm.RECURRING)
_BIRTH = int(NeedsBy.BIRTH)
_EMPLOYEE = int(FirmForm.EMPLOYEE_BASED)
_DAY, _MONTHS = MINUTES_PER_DAY, MONTHS_PER_YEAR
_GOES = decision("placement.goes_private")


@kernel
def may_leave(c: Columns, row: Record, rules: Record, now_min: float) -> bool:
    """Whether a pair could leave: a firm has brought them together, they know each other, and both are there."""
    service = c.services[row.service]
    if row.state != _ACTIVE or service.needs_by == _BIRTH or is_informal(c, row.company_row):
        return False
    if service.form not in (_PLACEMENT, _RECURRING):
        return False
    who = c.workers[row.worker_row]
    away = who.absent_from_min <= now_min < who.absent_until_min
    return not away and row.worker_since_min + rules.acquainted_days * _DAY <= now_min < row.end_min


@kernel
def joint_gain(c: Columns, row: Record, rules: Record) -> tuple[float, float]:
    """Return what a pair gains in a month without the firm, in fen, and the price at which it shares that evenly."""
    price = float(row.price_fen_per_month)
    wage = float(row.wage_fen_per_month)
    if c.services[row.service].form == _RECURRING:
        wage = price * worker_share(c, row.service, row.company_row)
    household = price - best_claim(c, row.household_row, row.service, row.price_fen_per_month)[1]
    household -= rules.guarantee_share * price
    worker = wage * (1.0 + rules.next_order_share)
    if c.companies[row.company_row].form == _EMPLOYEE:
        worker += rules.insurance_fen_per_month
    return household - worker, 0.5 * (household + worker)


@entry
@kernel
def decide_leaving(
    c: Columns,
    placements: Rows,
    rules: Rows,
    months: float,
    now_min: float,
    occasion: np.uint64,
    seed: np.uint64,
    prices_fen: np.ndarray,
) -> None:
    """Write the new monthly price of each pair that leaves its firm into ``prices_fen``, 0 for all others.

    ``months`` is the part of a month that the decision is for; the draw is keyed by pair and occasion.
    """
    for p in range(len(placements)):
        row = placements[p]
        prices_fen[p] = 0
        if not may_leave(c, row, rules[0], now_min):
            continue
        gain, price = joint_gain(c, row, rules[0])
        if gain <= 0.0 or rules[0].rate_per_year <= 0.0:
            continue
        share = gain / max(float(row.price_fen_per_month), 1.0)
        odds = math.exp(math.log(rules[0].rate_per_year / _MONTHS * months) + rules[0].sensitivity * share)
        if uniform(seed, _GOES, row.key, occasion) < odds / (1.0 + odds):
            prices_fen[p] = math.floor(price + 0.5)
