"""The audit of work without a firm: all that a household pays is the worker's, and nobody in between owns anything.

Work that has left a firm goes on: the same household, worker and service, from the same minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import AuditError
from sim.vocabulary import NO_ROW, FirmForm, MoneyKind, OrderState, PlacementState, Reason, ServiceForm

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


def check_leaving(market: Market, since_min: float) -> None:
    """Hold the work that left firms against the work that went on: the same pairs at the same minute, none lost.

    Args:
        market: The market.
        since_min: Time of the last audit, after which the logs of what has ended were emptied.

    Raises:
        AuditError: Work has left a firm and is gone, or goes on without having left one, or still through a firm.
    """
    ended, live = market.ended_placements.used, market.table("placements").used
    live = live[(live["state"] >= PlacementState.SEARCHING) & (live["state"] <= PlacementState.ACTIVE)]
    left = ended[ended["reason"] == Reason.WENT_PRIVATE]
    went_on = np.concatenate([rows[rows["went_on"] == 1] for rows in (ended, live)])
    if np.any(market.rows("companies")["form"][went_on["company_row"]] != FirmForm.ACQUAINTANCE):
        raise AuditError("placements: what went on without a firm has one")
    begun = went_on[went_on["start_min"] >= since_min]
    if _pairs(left, "ended_min") != _pairs(begun, "start_min"):
        raise AuditError(
            f"placements: {len(left)} have left their firms and {len(begun)} went on, or others than these"
        )


def _pairs(rows: Rows, minute: str) -> list[tuple[float, ...]]:
    names = ("household_row", "worker_row", "service", "slots", minute)
    return sorted(zip(*(rows[name].tolist() for name in names), strict=True))


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
