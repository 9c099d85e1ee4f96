"""First come, first served by whoever is free: the rule of the textbook queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from sim.dispatch.interface import Action, Assign, Triggers

if TYPE_CHECKING:
    from sim.dispatch.interface import DispatchView


class FirstComeParameters(BaseModel):
    """``first_come`` has no parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FirstCome:
    """Give the order that has waited longest to an idle worker; nobody is booked ahead."""

    name: ClassVar[str] = "first_come"
    Parameters: ClassVar[type[BaseModel]] = FirstComeParameters

    def __init__(self, parameters: FirstComeParameters) -> None:
        self.triggers = Triggers(on_placed=True, on_freed=True)

    def decide(self, view: DispatchView) -> Sequence[Action]:
        """Return one assignment for each due order as long as somebody is idle."""
        actions: list[Action] = []
        taken: set[int] = set()
        for order in view.due():
            found = view.idle_worker(int(order))
            if found is None or found.worker in taken:
                break
            taken.add(found.worker)
            actions.append(Assign(int(order), found.worker, found.position))
        return actions
