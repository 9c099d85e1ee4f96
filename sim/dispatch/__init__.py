"""Dispatchers: who serves which order. One rule a file, one interface, chosen by name per form of firm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.dispatch.batch import Batch
from sim.dispatch.first_come import FirstCome
from sim.dispatch.nearest import Nearest
from sim.dispatch.radius import Radius

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.dispatch.interface import Dispatcher

DISPATCHERS: dict[str, type[Any]] = {rule.name: rule for rule in (Nearest, Radius, Batch, FirstCome)}
"""Every dispatcher by its name in a scenario."""


def make_dispatcher(name: str, parameters: Mapping[str, object]) -> Dispatcher:
    """Return a dispatcher from its name and the parameters that the scenario gives it.

    Raises:
        KeyError: No dispatcher has this name (a validated scenario cannot ask for it).
        pydantic.ValidationError: A parameter is unknown or out of range.
    """
    rule = DISPATCHERS[name]
    dispatcher: Dispatcher = rule(rule.Parameters(**parameters))
    return dispatcher
