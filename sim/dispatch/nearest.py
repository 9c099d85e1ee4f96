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
            return self._serve_with(view, view.freed)
        actions = []
        for order in view.due():
            found = view.best_insertion(int(order), self.max_km)
            if found is not None:
                actions.append(Assign(int(order), found.worker, found.position))
        return actions

    def _serve_with(self, view: DispatchView, worker: int) -> Sequence[Action]:
        for order in view.due():
            found = view.insertion(worker, int(order))
            if found is not None and found.km <= self.max_km:
                return [Assign(int(order), worker, found.position)]
        return []
