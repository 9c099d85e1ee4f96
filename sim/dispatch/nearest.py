"""The nearest worker who can come in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from sim.dispatch.interface import Action, Assign, Triggers

if TYPE_CHECKING:
    from sim.dispatch.interface import DispatchView


class NearestParameters(BaseModel):
    """Parameters of ``nearest``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_km: float = Field(default=15.0, gt=0, le=200, description="Longest trip to an order, in km")


class Nearest:
    """Assign each order at once to the feasible worker with the shortest trip to it.

    An order for which nobody can come stays open; a worker who becomes free takes the oldest that fits.
    """

    name: ClassVar[str] = "nearest"
    Parameters: ClassVar[type[BaseModel]] = NearestParameters

    def __init__(self, parameters: NearestParameters) -> None:
        self.max_km = parameters.max_km
        self.triggers = Triggers(on_placed=True, on_freed=True)

    def decide(self, view: DispatchView) -> Sequence[Action]:
        """Return one assignment for each due order that somebody can serve."""
        if view.freed >= 0:
            return next_for(view, self.max_km)
        actions = []
        for order in view.due().tolist():
            found = view.best_insertion(order, self.max_km)
            if found is not None:
                actions.append(Assign(order, found.worker, found.position))
        return actions


def next_for(view: DispatchView, max_km: float) -> Sequence[Action]:
    """Return the assignment of the oldest waiting order that fits into the plan of the worker who has become free."""
    found = view.first_fit(view.freed, max_km)
    return [] if found is None else [Assign(found[0], view.freed, found[1].position)]
