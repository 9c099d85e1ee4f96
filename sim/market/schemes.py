"""Schemes and claims through time: when they begin and end to count.

Institutions' fees are settled up to the moment at which what a household may claim changes, so that support reaches the
days of the scheme and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.market.spells import settle_resident
from sim.world.frame import NEVER_MIN

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.state import Rows


def switch(market: Market, scheme: int, active: bool) -> None:
    """Let a scheme pay from now on, or no longer."""
    row = market.rows("schemes")[scheme]
    if bool(row["active"]) != active:
        claims = market.table("claims").used
        _settle(market, claims["household_row"][(claims["scheme_row"] == scheme) & (claims["linked"] == 1)])
        row["active"] = active


def link_claims(market: Market) -> None:
    """Let claims count whose time has come: by their key, so that rows decide nothing."""
    claims = market.table("claims").used
    due = np.flatnonzero((claims["linked"] == 0) & (claims["valid_from_min"] <= market.now_min))
    if len(due) == 0:
        return
    _settle(market, claims["household_row"][due])
    households = market.rows("households")
    for claim in due[np.argsort(claims["key"][due], kind="stable")].tolist():
        row = claims[claim]
        row["linked"] = 1
        row["next_row"] = households["claim_row"][row["household_row"]]
        households["claim_row"][row["household_row"]] = claim


def begin_month(market: Market) -> None:
    """Open a new month's caps; what is reserved for visits to come stays reserved."""
    market.table("claims").used["used_fen"] = 0


def _settle(market: Market, households: Rows) -> None:
    """Bill the residents of these households until now."""
    residents = market.table("residents").used
    inside = (residents["ended_min"] == NEVER_MIN) & np.isin(residents["household_row"], households)
    for resident in np.flatnonzero(inside).tolist():
        settle_resident(market, resident)
