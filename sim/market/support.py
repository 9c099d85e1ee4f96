"""Public support of prices: what a claim pays of a price, and how budgets and monthly caps are used up.

A claim belongs to a household and a scheme. When a visit is booked, what the claim will pay is reserved; when it is
served, it is spent; when it is not, the reservation is given back. So neither a month's cap nor a budget can be
overdrawn, and the household knows its own part of the price when it chooses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents import means
from sim.agents.entitlement import best_claim
from sim.agents.informal import is_informal
from sim.compiled import kernel
from sim.market.ledger import pay_support
from sim.state import Columns
from sim.vocabulary import NO_ROW, MoneyKind, Sector

if TYPE_CHECKING:
    from sim.market.market import Market

_NO_ROW = NO_ROW


@kernel
def reserve(c: Columns, order: int) -> None:
    """Reserve for a booked visit what the household's best claim pays of it, and set the household's own part aside."""
    row = c.orders[order]
    row.claim_row, row.support_fen = _NO_ROW, 0
    if not is_informal(c, row.company_row):
        row.claim_row, row.support_fen = best_claim(c, row.household_row, row.service, row.price_fen)
    if row.claim_row != _NO_ROW:
        claim = c.claims[row.claim_row]
        claim.reserved_fen += row.support_fen
        c.schemes[claim.scheme_row].reserved_fen += row.support_fen
    means.hold(c, order)


@kernel
def give_back(c: Columns, order: int) -> None:
    """Give back what was reserved for a visit that will not be served."""
    means.release(c, order)
    _unreserve(c, order)


@kernel
def _unreserve(c: Columns, order: int) -> None:
    row = c.orders[order]
    if row.claim_row != _NO_ROW:
        claim = c.claims[row.claim_row]
        claim.reserved_fen -= row.support_fen
        c.schemes[claim.scheme_row].reserved_fen -= row.support_fen


@kernel
def spend(c: Columns, claim: int, amount_fen: int) -> None:
    """Note that a claim has paid."""
    row = c.claims[claim]
    row.used_fen += amount_fen
    row.spent_fen += amount_fen
    c.schemes[row.scheme_row].spent_fen += amount_fen


@kernel
def redeem(c: Columns, order: int) -> None:
    """Let the government pay the firm its part of a served visit's price."""
    row = c.orders[order]
    means.spend(c, order)
    if row.claim_row != _NO_ROW:
        _unreserve(c, order)
        spend(c, row.claim_row, row.support_fen)
        pay_support(c, row.company_row, row.support_fen)


def pay_fee(market: Market, household: int, institution: int, service: int, fee_fen: int) -> int:
    """Let the household pay an institution's fee, and the government what its best claim pays of it.

    Returns:
        The part that the government paid.
    """
    claim, support = best_claim(market.columns, household, service, fee_fen)
    home, house = (Sector.INSTITUTION, institution), (Sector.HOUSEHOLD, household)
    tables, ledger = market.world.tables, market.ledger
    ledger.transfer(tables, house, home, MoneyKind.CARE_FEE, fee_fen - support)
    if claim != NO_ROW:
        spend(market.columns, claim, support)
        ledger.transfer(tables, (Sector.GOVERNMENT, 0), home, MoneyKind.SUBSIDY, support)
    return int(support)
