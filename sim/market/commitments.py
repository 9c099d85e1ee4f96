"""What households set aside of their month for placements, contracts and stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.entitlement import best_claim
from sim.agents.means import left_fen

if TYPE_CHECKING:
    from sim.market.market import Market


def commit(market: Market, household: int, service: int, monthly_fen: int) -> int:
    """Set the household's part of a monthly price aside, as far as its means go, and return it.

    What it chose it can pay. Beyond that are only stays in another institution than the chosen one and those that have
    begun before time starts, whose rest is paid from the elder's own savings, and what a birth asks for beyond the
    month, which the family has saved.
    """
    net = monthly_fen - int(best_claim(market.columns, household, service, monthly_fen)[1])
    left = left_fen(market.columns, household, float(market.weights["budget_share"][0]))
    amount = max(0, min(net, left))
    market.rows("households")["committed_fen"][household] += amount
    return amount


def give_up(market: Market, household: int, amount_fen: int) -> None:
    """End a commitment."""
    market.rows("households")["committed_fen"][household] -= amount_fen


def begin_month(market: Market) -> None:
    """Open a new month's budget; what is booked for visits to come stays set aside."""
    market.table("households").used["spent_fen"] = 0
