"""Which households buy: visits by household within the month, and who has bought anything within a year.

Only what households have bought since the last closing, and the month in which each last bought, is kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.clock import MONTHS_PER_YEAR
from sim.records.flows import CITY, group_ids
from sim.state import Rows, World
from sim.vocabulary import NO_ROW, NeedsBy, OrderState, PlacementState, ServiceForm

HOUSEHOLD_MONTH = np.dtype(
    [("month", "i4"), ("dimension", "i1"), ("group", "i2"), ("users", "i8"), ("visits_completed", "i8")]
)
"""A month of a group of services: households with at least one completed visit, and their completed visits."""

HOUSEHOLD_DIMENSIONS = (CITY, "service")
_NEVER = -(2**30)


class Buyers:
    """Notes who buys what, and closes months."""

    def __init__(self) -> None:
        self._visits: list[NDArray[np.int64]] = []
        self._spells: list[NDArray[np.int64]] = []
        self._last_month = np.zeros(0, np.int64)

    def note_orders(self, rows: Rows) -> None:
        """Take visit orders that have ended."""
        done = rows[rows["state"] == OrderState.COMPLETED]
        self._visits.append(np.stack([done["household_row"], done["service"]], axis=1).astype(np.int64))

    def note_placements(self, rows: Rows) -> None:
        """Take placements and contracts that have ended; those that never started are no purchase."""
        self._spells.append(rows["household_row"][rows["state"] == PlacementState.ENDED].astype(np.int64))

    def close(self, month: int, world: World) -> tuple[Rows, float]:
        """Close a month.

        Returns:
            Rows of dtype ``HOUSEHOLD_MONTH``, and how many households bought within the twelve months that end here
            (a visit, or a placement or contract in force); NaN before twelve months have been closed.
        """
        visits = np.concatenate([np.zeros((0, 2), np.int64), *self._visits])
        rows = _rows_by_group(visits, month, world)
        active = world.tables["placements"].used
        active = active[active["state"] == PlacementState.ACTIVE]
        self._note_month(month, world, visits[:, 0], active["household_row"], *self._spells)
        self._visits, self._spells = [], []
        within = int(np.count_nonzero(self._last_month > month - MONTHS_PER_YEAR))
        return rows, float(within) if month >= MONTHS_PER_YEAR - 1 else float("nan")

    def _note_month(self, month: int, world: World, *households: NDArray[Any]) -> None:
        size = world.tables["households"].size
        if size > len(self._last_month):
            more = np.full(size - len(self._last_month), _NEVER, np.int64)
            self._last_month = np.concatenate([self._last_month, more])
        for rows in households:
            self._last_month[rows[rows != NO_ROW]] = month

    def state(self) -> dict[str, NDArray[Any]]:
        """All that is needed to go on later, as arrays."""
        return {
            "visits": np.concatenate([np.zeros((0, 2), np.int64), *self._visits]),
            "spells": np.concatenate([np.zeros(0, np.int64), *self._spells]),
            "last_month": self._last_month,
        }

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Go on from a saved state."""
        self._visits, self._spells = [state["visits"]], [state["spells"]]
        self._last_month = state["last_month"]


def _rows_by_group(visits: NDArray[np.int64], month: int, world: World) -> Rows:
    ids = group_ids(world)
    services = np.unique(visits, axis=0)
    parts = []
    for index, dimension in enumerate(HOUSEHOLD_DIMENSIONS):
        count = len(ids[dimension])
        part = np.zeros(count, HOUSEHOLD_MONTH)
        part["month"], part["dimension"], part["group"] = month, index, np.arange(count)
        if dimension == CITY:
            part["visits_completed"], part["users"] = len(visits), len(np.unique(visits[:, 0]))
        else:
            part["visits_completed"] = np.bincount(visits[:, 1], minlength=count)
            part["users"] = np.bincount(services[:, 1], minlength=count)
        parts.append(part)
    return np.concatenate(parts)


def hired_care(world: World) -> tuple[int, int]:
    """Households with a disabled elder at home, and how many of them have a carer placed with them.

    A carer is placed by a placement of a service that only households with elders need.
    """
    households = world.tables["households"].used
    in_care = (households["disability"] > 0) & (households["elders"] > households["residents"])
    services = world.tables["services"].used
    care = np.isin(services["needs_by"], (NeedsBy.ELDER, NeedsBy.DISABLED_ELDER))
    care &= services["form"] == ServiceForm.PLACEMENT
    placements = world.tables["placements"].used
    active = (placements["state"] == PlacementState.ACTIVE) & care[placements["service"]]
    served = np.zeros(len(households), bool)
    served[placements["household_row"][active]] = True
    return int(np.count_nonzero(in_care)), int(np.count_nonzero(in_care & served))
