"""The audit of households' means: what is set aside is what runs and is booked, and no month's budget is overdrawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import AuditError
from sim.market.audit_sums import add_at, agree
from sim.vocabulary import NO_ROW, OrderState, PlacementState
from sim.world.frame import NEVER_MIN

if TYPE_CHECKING:
    from sim.market.market import Market


def check_means(market: Market) -> None:
    """Hold what households have set aside against their placements, stays and booked visits.

    Raises:
        AuditError: Something does not agree.
    """
    households = market.table("households").used
    placements = market.table("placements").used
    live = placements[
        np.isin(placements["state"], (PlacementState.SEARCHING, PlacementState.AGREED, PlacementState.ACTIVE))
    ]
    residents = market.table("residents").used
    inside = residents[residents["ended_min"] == NEVER_MIN]
    committed = np.zeros(len(households), np.int64)
    for rows in (live, inside):
        add_at(committed, rows["household_row"], rows["committed_fen"])
    agree(
        "money that households have set aside for what runs by the month",
        committed,
        households["committed_fen"],
    )
    orders = market.table("orders").used
    booked = orders[(orders["state"] > OrderState.NONE) & (orders["state"] < OrderState.COMPLETED)]
    booked = booked[booked["placement_row"] == NO_ROW]
    expected = np.zeros(len(households), np.int64)
    add_at(expected, booked["household_row"], booked["price_fen"] - booked["support_fen"])
    agree("money that households have set aside for booked visits", expected, households["booked_fen"])
    share = float(market.weights["budget_share"][0])
    spoken_for = committed + expected + households["spent_fen"]
    over = np.flatnonzero(spoken_for > np.floor(share * households["income_fen_per_month"]))
    if len(over):
        raise AuditError(f"money: household {over[0]} has spent and set aside more than its month's budget")


def check_kin(market: Market) -> None:
    """Kin give no more time than they have.

    Raises:
        AuditError: Somewhere they do.
    """
    households = market.table("households").used
    time = households["kin_free_min"].astype(np.float64) + households["kin_paid_min"]
    over = np.flatnonzero(households["kin_care_min"] > time)
    if len(over):
        has = math.floor(time[over[0]])
        raise AuditError(
            f"hours: the kin of household {over[0]} give more than the {has} min a week that they have"
        )
