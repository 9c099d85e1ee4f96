"""Those whom a policy reaches, household by household, beside the whole region.

Who is treated is known from the policy's own world: the households that hold a claim there. The same households are
looked at in every other world.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY
from sim.records.recorder import Recorder
from sim.sink import EventSink
from sim.state import Rows, World
from sim.vocabulary import OrderState

FEN_PER_YUAN = 100.0
DAYS_PER_MONTH = 365.0 / 12.0
REQUESTED, COMPLETED, PRICE_FEN, SUPPORT_FEN = range(4)
TREATED = "treated"
"""Scope of the outcomes that are made here."""


class Households(EventSink):
    """A sink that counts visits by household and passes everything on to the recorder.

    Attributes:
        counts: Shape (households, 4): visits requested, completed, their price and support in fen, of visits that were
            requested on or after the first measured day.
    """

    def __init__(self, recorder: Recorder, households: int, from_day: int) -> None:
        self.recorder = recorder
        self.from_min = from_day * MINUTES_PER_DAY
        self.counts: NDArray[np.int64] = np.zeros((households, 4), np.int64)

    def orders_ended(self, rows: Rows, world: World) -> None:
        """Count, and pass on."""
        measured = rows[rows["placed_min"] >= self.from_min]
        done = measured[measured["state"] == OrderState.COMPLETED]
        for column, households, amount in (
            (REQUESTED, measured["household_row"], np.ones(len(measured), np.int64)),
            (COMPLETED, done["household_row"], np.ones(len(done), np.int64)),
            (PRICE_FEN, done["household_row"], done["price_fen"]),
            (SUPPORT_FEN, done["household_row"], done["support_fen"]),
        ):
            np.add.at(self.counts[:, column], households, amount)
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


def outcomes(counts: NDArray[np.int64], treated: NDArray[np.bool_], days: int) -> dict[str, float]:
    """Return the outcomes of the treated households in one world.

    Args:
        counts: As :class:`Households` has them.
        treated: Which households are treated, by row.
        days: Measured days.
    """
    chosen = counts[treated]
    household_months = max(len(chosen), 1) * days / DAYS_PER_MONTH
    own_fen = chosen[:, PRICE_FEN].sum() - chosen[:, SUPPORT_FEN].sum()
    return {
        "treated_households": float(len(chosen)),
        "treated_visits": float(chosen[:, COMPLETED].sum()) / household_months,
        "treated_requests": float(chosen[:, REQUESTED].sum()) / household_months,
        "treated_own_spending": float(own_fen) / FEN_PER_YUAN / household_months,
        "treated_support": float(chosen[:, SUPPORT_FEN].sum()) / FEN_PER_YUAN / household_months,
    }
