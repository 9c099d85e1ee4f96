"""Collect orders for some minutes, then assign them together at the least total distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from sim.dispatch.interface import Action, Assign, Triggers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.dispatch.interface import DispatchView

UNREACHABLE_KM = 1e6


class BatchParameters(BaseModel):
    """Parameters of ``batch``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_min: float = Field(default=5.0, gt=0, le=1440, description="Minutes between two assignments")
    max_km: float = Field(default=15.0, gt=0, le=200, description="Longest trip to an order, in km")


class Batch:
    """Solve the linear assignment of waiting orders to workers every few minutes.

    Each worker gets at most one new order an epoch. The solver is SciPy's (Jonker and Volgenant's shortest augmenting
    paths). Among assignments of equal cost its choice follows the sequence of the columns; the candidates come
    in the sequence of a keyed draw, so that no worker is favoured by his row.
    """

    name: ClassVar[str] = "batch"
    Parameters: ClassVar[type[BaseModel]] = BatchParameters

    def __init__(self, parameters: BatchParameters) -> None:
        self.max_km = parameters.max_km
        self.triggers = Triggers(on_placed=False, on_freed=False, every_min=parameters.every_min)

    def decide(self, view: DispatchView) -> Sequence[Action]:
        """Return the assignments of least total trip length."""
        orders = view.due()
        workers, km = view.insertion_km(orders, self.max_km)
        if len(workers) == 0:
            return []
        return [Assign(int(orders[i]), int(workers[j])) for i, j in _least_distance(km)]


def _least_distance(km: NDArray[np.float64]) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    feasible = np.isfinite(km)
    rows, columns = linear_sum_assignment(np.where(feasible, km, UNREACHABLE_KM))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if feasible[i, j]]
