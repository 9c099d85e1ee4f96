"""Two rings: who is within the first radius, else within the second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.dispatch.interface import Action, Assign, Triggers
from sim.dispatch.nearest import next_for

if TYPE_CHECKING:
    from sim.dispatch.interface import DispatchView


class RadiusParameters(BaseModel):
    """Parameters of ``radius``; 3 km and 6 km are the rings of a Chinese platform [V005]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_km: float = Field(default=3.0, gt=0, le=200, description="Radius of the first ring, in km")
    second_km: float = Field(default=6.0, gt=0, le=200, description="Radius of the second ring, in km")

    @model_validator(mode="after")
    def _rings_grow(self) -> RadiusParameters:
        if self.second_km < self.first_km:
            raise ValueError(f"second_km ({self.second_km}) must not be below first_km ({self.first_km})")
        return self


class Radius:
    """Offer each order to the best rated feasible worker of the first ring, else of the second.

    Within a ring the rating decides, as on a platform that shows good workers first; equal ratings go by distance.
    """

    name: ClassVar[str] = "radius"
    Parameters: ClassVar[type[BaseModel]] = RadiusParameters

    def __init__(self, parameters: RadiusParameters) -> None:
        self.rings_km = (parameters.first_km, parameters.second_km)
        self.triggers = Triggers(on_placed=True, on_freed=True)

    def decide(self, view: DispatchView) -> Sequence[Action]:
        """Return one assignment for each due order that somebody within the rings can serve."""
        if view.freed >= 0:
            return next_for(view, self.rings_km[-1])
        found = (self._ringwise(view, int(order)) for order in view.due())
        return [action for action in found if action is not None]

    def _ringwise(self, view: DispatchView, order: int) -> Assign | None:
        for ring_km in self.rings_km:
            found = view.best_rated(order, ring_km)
            if found is not None:
                return Assign(order, found.worker, found.position)
        return None
