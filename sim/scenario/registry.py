"""The dispatchers and policies that validation knows: each a name and a model of its parameters.

Their packages lie above this one, so nothing of them is imported here. They are named by their import names and
looked up when a scenario asks for them: a scenario must be checked, and have the same identity, whether the command
line or a notebook reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from pydantic import BaseModel

HOME = "sim.dispatch"
"""The package whose ``DISPATCHERS`` are always known: classes by name, each with its ``Parameters`` model."""
HOME_OF_POLICIES = "sim.policies"
"""The package whose ``PARAMETERS`` are always known: models by the policy's name, without what the policy does."""
ANNOUNCED = "announced"
"""The parameter that every policy has: the day before which nothing differs."""

_dispatchers: dict[str, type[BaseModel]] = {}
_policies: dict[str, type[BaseModel]] = {}


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


def register_policy(name: str, parameters_model: type[BaseModel]) -> None:
    """Make a policy known.

    Args:
        name: What a scenario writes after ``policy:``, or as the name of its entry under ``policies:``.
        parameters_model: A frozen model that forbids unknown keys; its fields are the policy's parameters, each with
            ``json_schema_extra`` of ``unit``, ``low``, ``high`` (what the source covers), ``source`` and ``grade``.

    Raises:
        ValueError: Another policy has that name, or the model has no ``announced``.
    """
    if ANNOUNCED not in parameters_model.model_fields:
        raise ValueError(f"the policy {name} has no parameter {ANNOUNCED}")
    if _policies.setdefault(name, parameters_model) is not parameters_model:
        raise ValueError(f"two policies are called {name}")


def registered_policies() -> Mapping[str, type[BaseModel]]:
    """Return the models of the policies' parameters, by name in sorted order."""
    for name, parameters_model in import_module(HOME_OF_POLICIES).PARAMETERS.items():
        register_policy(name, parameters_model)
    return MappingProxyType(dict(sorted(_policies.items())))
