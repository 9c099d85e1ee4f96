"""Those whom a policy reaches, household by household, beside the whole region.

Who is treated is known from the policy's own world: the households that hold a claim there. The same households are
looked at in every other world.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY
from sim.records.recorder import Recorder
from sim.records.view import FEN_PER_YUAN
from sim.sink import EventSink
from sim.state import Rows, World
from sim.vocabulary import OrderState

REQUESTED, COMPLETED = range(2)
TREATED = "treated"
"""Scope of the outcomes that are made here."""
BETTER = {
    "treated_households": "none",
    "treated_visits": "up",
    "treated_requests": "none",
    "treated_own_spending": "none",
    "treated_support": "none",
}
UNITS = {
    "treated_households": "households",
    "treated_visits": "visits/month",
    "treated_requests": "visits/month",
    "treated_own_spending": "yuan/month",
    "treated_support": "yuan/month",
}


class Households(EventSink):
    """A sink that counts visits by household and passes everything on to the recorder.

    Attributes:
        counts: Shape (households, 2): visits requested on or after the first measured day, and those of them that were
            completed.
    """

    def __init__(self, recorder: Recorder, households: int, from_day: int) -> None:
        self.recorder = recorder
        self.from_min = from_day * MINUTES_PER_DAY
        self.counts: NDArray[np.int64] = np.zeros((households, 2), np.int64)

    def orders_ended(self, rows: Rows, world: World) -> None:
        """Count, and pass on."""
        measured = rows[rows["placed_min"] >= self.from_min]
        done = measured[measured["state"] == OrderState.COMPLETED]
        np.add.at(self.counts[:, REQUESTED], measured["household_row"], 1)
        np.add.at(self.counts[:, COMPLETED], done["household_row"], 1)
        self.recorder.orders_ended(rows, world)

    def placements_ended(self, rows: Rows, world: World) -> None:
        """Pass on."""
        self.recorder.placements_ended(rows, world)

    def stocks(self, rows: Rows, world: World) -> None:
        """Pass on."""
        self.recorder.stocks(rows, world)

    def month_closed(self, end_min: float, world: World) -> None:
        """Pass on."""
        self.recorder.month_closed(end_min, world)

    def run_closed(self, end_min: float, world: World) -> None:
        """Count what is still open as requested, and pass on."""
        orders = world.tables["orders"].used
        still = (orders["state"] > OrderState.NONE) & (orders["state"] < OrderState.COMPLETED)
        still &= orders["placed_min"] >= self.from_min
        np.add.at(self.counts[:, REQUESTED], orders["household_row"][still], 1)
        self.recorder.run_closed(end_min, world)


def paid_fen(world: World) -> NDArray[np.int64]:
    """Return by household what it has paid itself so far, for visits, placements and fees."""
    paid: NDArray[np.int64] = -world.tables["households"].used["money_fen"].sum(axis=1)
    return paid


def supported_fen(world: World) -> NDArray[np.int64]:
    """Return by household what its claims have paid so far, for visits and fees."""
    claims = world.tables["claims"].used
    paid = np.zeros(world.tables["households"].size, np.int64)
    np.add.at(paid, claims["household_row"], claims["spent_fen"])
    return paid


def outcomes(
    counts: NDArray[np.int64],
    own_fen: NDArray[np.int64],
    support_fen: NDArray[np.int64],
    treated: NDArray[np.bool_],
    days: int,
    scale: float,
) -> dict[str, float]:
    """Return the outcomes of the treated households in one world: how many there are, and the others per household.

    Args:
        counts: As :class:`Households` has them.
        own_fen: What each household has paid itself on the measured days.
        support_fen: What each household's claims have paid on the measured days.
        treated: Which households are treated, by row.
        days: Measured days.
        scale: Share of the region that is simulated; their number is that of the whole region.
    """
    households = int(np.count_nonzero(treated))
    household_months = max(households, 1) * days / DAYS_PER_MONTH
    return {
        "treated_households": households / scale,
        "treated_visits": float(counts[treated, COMPLETED].sum()) / household_months,
        "treated_requests": float(counts[treated, REQUESTED].sum()) / household_months,
        "treated_own_spending": float(own_fen[treated].sum()) / FEN_PER_YUAN / household_months,
        "treated_support": float(support_fen[treated].sum()) / FEN_PER_YUAN / household_months,
    }
