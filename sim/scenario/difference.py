"""The semantic difference of two scenarios: the keys whose resolved values differ, and who set them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.scenario.explain import LABELS, explain_key, setting_values
from sim.scenario.keys import POLICIES
from sim.scenario.merge import Origin
from sim.scenario.scenario import Scenario

REGIONAL = ("region", "districts")
"""Families of facts that belong to a region: between two regions they nearly all differ."""


Pair = tuple[Scenario, Scenario]


@dataclass(frozen=True)
class Difference:
    """A key that differs.

    Attributes:
        key: Dotted key of a setting, or path of a fact.
        first, second: The values; None where the key does not exist or is not given.
        first_origin, second_origin: Who set them; None for a default.
        unit: Unit of a fact or of a policy's parameter, "" for other settings.
        regional: Whether it is a fact of the region itself.
    """

    key: str
    first: Any
    second: Any
    first_origin: Origin | None
    second_origin: Origin | None
    unit: str
    regional: bool


def differences(first: Scenario, second: Scenario) -> list[Difference]:
    """Return the keys whose values differ, settings before facts, each sorted by key; names do not count."""
    both = (first, second)
    settings = _differing(both, [_setting_values(one) for one in both], is_fact=False)
    return settings + _differing(both, [_fact_values(one) for one in both], is_fact=True)


def _setting_values(scenario: Scenario) -> dict[str, Any]:
    return {key: value for key, value in setting_values(scenario).items() if not key.startswith(LABELS)}


def _fact_values(scenario: Scenario) -> dict[str, Any]:
    return {path: fact.value for path, fact in scenario.facts.items()}


def _differing(both: Pair, values: list[dict[str, Any]], is_fact: bool) -> list[Difference]:
    first, second = values
    keys = [key for key in sorted({*first, *second}) if first.get(key) != second.get(key)]
    return [
        Difference(
            key,
            first.get(key),
            second.get(key),
            _origin(both[0], key),
            _origin(both[1], key),
            unit=_unit(both, key) if is_fact else _parameter_unit(both, key),
            regional=is_fact and key.split(".", 1)[0] in REGIONAL,
        )
        for key in keys
    ]


def _origin(scenario: Scenario, key: str) -> Origin | None:
    chain = scenario.origins.get(key)
    return chain[-1] if chain else None


def _parameter_unit(both: Pair, key: str) -> str:
    """Return the unit of a policy's parameter, "" for other settings."""
    if not key.startswith(f"{POLICIES}."):
        return ""
    owner = next(one for one in both if key in setting_values(one))
    return explain_key(owner, key)[0].unit


def _unit(both: Pair, key: str) -> str:
    return next(one.facts[key].unit for one in both if key in one.facts)
