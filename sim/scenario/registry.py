"""The dispatchers that validation knows: each a name and a model of its parameters.

The room of the dispatchers lies above this one; it registers itself when it is imported, which the command line does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

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
    return MappingProxyType(dict(sorted(_dispatchers.items())))
