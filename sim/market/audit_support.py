"""The audit of public support: what was paid, what is reserved, and that no limit is overdrawn.

The sums of ended visits and stays come from :class:`sim.market.audit.Auditor`; here they are held against the accounts
of the government, the schemes and the claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import AuditError
from sim.market.audit_sums import add_at, agree
from sim.state import Rows
from sim.vocabulary import NO_ROW, MoneyKind, OrderState, Sector

if TYPE_CHECKING:
    from sim.market.market import Market


def check_support(market: Market, claim_fen: Rows, for_visits: int, for_stays: int) -> None:
    """The government has paid what visits and stays were supported with; no cap, claim or budget is overdrawn.

    Args:
        market: The market.
        claim_fen: What ended visits were supported with by claim, in fen.
        for_visits: What visits and placements were supported with in all, in fen.
        for_stays: What stays in institutions were supported with in all, in fen.

    Raises:
        AuditError: Something does not agree.
    """
    schemes, claims = market.table("schemes").used, market.table("claims").used
    _check_outlay(market, schemes, claims, for_visits + for_stays)
    _check_reservations(market, schemes, claims)
    _check_claims(market, claims, claim_fen)
    _check_limits(schemes, claims)


def _check_outlay(market: Market, schemes: Rows, claims: Rows, supported: int) -> None:
    """What the government paid is what was supported, by scheme and in all."""
    paid = -int(market.ledger.singles[Sector.GOVERNMENT, MoneyKind.SUBSIDY])
    if paid != supported:
        raise AuditError(
            f"money: the government has paid {paid} fen of support, visits and stays add up to {supported}"
        )
    by_scheme = np.bincount(claims["scheme_row"], weights=claims["spent_fen"], minlength=len(schemes))
    agree("support by scheme", by_scheme.astype(np.int64), schemes["spent_fen"])
    spent = int(schemes["spent_fen"].sum())
    if spent != paid:
        raise AuditError(f"money: schemes have spent {spent} fen, the government {paid}")


def _check_reservations(market: Market, schemes: Rows, claims: Rows) -> None:
    """What is reserved is what booked visits will be supported with."""
    orders = market.table("orders").used
    booked = orders[(orders["state"] > OrderState.NONE) & (orders["state"] < OrderState.COMPLETED)]
    booked = booked[booked["claim_row"] != NO_ROW]
    reserved = np.zeros(len(claims), np.int64)
    add_at(reserved, booked["claim_row"], booked["support_fen"])
    agree("support reserved by claim", reserved, claims["reserved_fen"])
    by_scheme = np.zeros(len(schemes), np.int64)
    add_at(by_scheme, claims["scheme_row"], claims["reserved_fen"])
    agree("support reserved by scheme", by_scheme, schemes["reserved_fen"])


def _check_claims(market: Market, claims: Rows, claim_fen: Rows) -> None:
    """No claim has paid for visits more than it says, in all or this month."""
    over = np.flatnonzero(claims["spent_fen"] < claim_fen)
    if len(over):
        raise AuditError(f"money: claim {over[0]} paid for visits more than it says")
    visits = market.ended_orders.used
    visits = visits[(visits["state"] == OrderState.COMPLETED) & (visits["claim_row"] != NO_ROW)]
    this_month = np.zeros(len(claims), np.int64)
    add_at(this_month, visits["claim_row"], visits["support_fen"])
    over = np.flatnonzero(this_month > claims["used_fen"])
    if len(over):
        raise AuditError(f"money: claim {over[0]} has paid more this month than counts against its cap")


def _check_limits(schemes: Rows, claims: Rows) -> None:
    """No budget and no cap of a month is overdrawn."""
    over = np.flatnonzero(schemes["spent_fen"] + schemes["reserved_fen"] > schemes["budget_fen"])
    if len(over):
        raise AuditError(f"money: the budget of scheme {over[0]} is overdrawn")
    cap = schemes["cap_fen_per_month"][claims["scheme_row"]]
    over = np.flatnonzero(claims["used_fen"] > cap)
    if len(over):
        raise AuditError(f"money: claim {over[0]} has used more than a month's cap")
