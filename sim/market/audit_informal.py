"""The audit of work without a firm: all that a household pays is the worker's, and nobody in between owns anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import AuditError
from sim.vocabulary import NO_ROW, FirmForm, MoneyKind, OrderState, PlacementState, ServiceForm

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.state import Rows

_OWNED = ("rent_fen_per_month", "office_staff", "capital_fen", "credit_limit_fen", "failures")


def check_informal(market: Market) -> None:
    """Hold visits, placements and accounts of circles of acquaintances against what they may be.

    Raises:
        AuditError: Somebody keeps a part, is supported from public money, owns or owes something.
    """
    companies = market.table("companies").used
    circles = companies["form"] == FirmForm.ACQUAINTANCE
    for rows in (market.ended_orders.used, market.table("orders").used):
        _check_orders(rows[rows["state"] > OrderState.NONE], circles)
    for rows in (market.ended_placements.used, market.table("placements").used):
        _check_placements(market, rows[rows["state"] > PlacementState.NONE], circles)
    _check_accounts(companies, circles)


def _check_orders(rows: Rows, circles: Rows) -> None:
    rows = rows[circles[rows["company_row"]]]
    kept = np.flatnonzero(rows["wage_fen"] != rows["price_fen"])
    if len(kept):
        raise AuditError(
            f"money: somebody keeps a part of the visit {rows['key'][kept[0]]}, found by acquaintances"
        )
    if np.any((rows["claim_row"] != NO_ROW) | (rows["support_fen"] != 0)):
        raise AuditError("money: a visit found through acquaintances is paid from public money")


def _check_placements(market: Market, rows: Rows, circles: Rows) -> None:
    placed = market.rows("services")["form"][rows["service"]] == ServiceForm.PLACEMENT
    rows = rows[placed & circles[rows["company_row"]]]
    kept = np.flatnonzero(rows["wage_fen_per_month"] != rows["price_fen_per_month"])
    if len(kept):
        raise AuditError(
            f"money: somebody keeps a part of the placement {rows['key'][kept[0]]}, found by acquaintances"
        )


def _check_accounts(companies: Rows, circles: Rows) -> None:
    money = companies["money_fen"]
    passed_on = money[:, MoneyKind.SERVICE] == -money[:, MoneyKind.WAGE]
    other = np.delete(money, (MoneyKind.SERVICE, MoneyKind.WAGE), axis=1)
    wrong = np.flatnonzero(circles & (~passed_on | np.any(other != 0, axis=1)))
    if len(wrong):
        raise AuditError(f"money: the acquaintances of row {wrong[0]} have paid or kept something")
    for name in _OWNED:
        owning = np.flatnonzero(circles & (companies[name] != 0))
        if len(owning):
            raise AuditError(f"money: the acquaintances of row {owning[0]} have {name}")
