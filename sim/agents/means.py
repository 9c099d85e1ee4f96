"""What a household can still spend this month: a household cannot spend what it does not have.

Of a month's budget, placements, contracts and stays that run have their monthly price set aside, visits that are booked
their price, and visits of this month have spent theirs; each net of what public money pays. What is left bounds every
new purchase.
"""

from __future__ import annotations

import math

from sim.compiled import kernel
from sim.state import Columns
from sim.vocabulary import NO_ROW

_NO_ROW = NO_ROW


@kernel
def left_fen(c: Columns, household: int, budget_share: float) -> int:
    """Return what is left of the month's budget, a share of income; it can be negative after incomes have changed."""
    home = c.households[household]
    budget = math.floor(budget_share * home.income_fen_per_month)
    return budget - home.committed_fen - home.booked_fen - home.spent_fen


@kernel
def hold(c: Columns, order: int) -> None:
    """Set the household's part of a booked visit aside; a contract has its month set aside already."""
    row = c.orders[order]
    if row.placement_row == _NO_ROW:
        c.households[row.household_row].booked_fen += row.price_fen - row.support_fen


@kernel
def release(c: Columns, order: int) -> None:
    """Give back what was set aside for a visit that is served or will not be."""
    row = c.orders[order]
    if row.placement_row == _NO_ROW:
        c.households[row.household_row].booked_fen -= row.price_fen - row.support_fen


@kernel
def spend(c: Columns, order: int) -> None:
    """Count the household's part of a served visit among what it has spent this month."""
    row = c.orders[order]
    if row.placement_row == _NO_ROW:
        release(c, order)
        c.households[row.household_row].spent_fen += row.price_fen - row.support_fen
