"""The dispatchers that validation knows: each a name and a model of its parameters.

The room of the dispatchers lies above this one, so nothing of it is imported here. It is named by its import name and
looked up when the first scenario is read: a scenario must be checked, and have the same identity, whether the command
line or a notebook reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from pydantic import BaseModel

HOME = "sim.dispatch"
"""The package whose ``DISPATCHERS`` are always known: classes by name, each with its ``Parameters`` model."""

_dispatchers: dict[str, type[BaseModel]] = {}


def register_dispatcher(name: str, parameters_model: type[BaseModel]) -> None:
    """Make a dispatcher known.

    Args:
        name: What a scenario writes after ``policy:``.
        parameters_model: A frozen model that forbids unknown keys; its fields are the dispatcher's parameters.

    Raises:
        ValueError: Another dispatcher has that name.
    """
    if _dispatchers.setdefault(name, parameters_model) is not parameters_model:
        raise ValueError(f"two dispatchers are called {name}")


def registered_dispatchers() -> Mapping[str, type[BaseModel]]:
    """Return the models of the dispatchers' parameters, by name in sorted order."""
    for name, dispatcher in import_module(HOME).DISPATCHERS.items():
        register_dispatcher(name, dispatcher.Parameters)
    return MappingProxyType(dict(sorted(_dispatchers.items())))
