"""Warn when a dispatcher's radius is too wide for the simulated patches of the districts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.scenario import Scenario
from sim.scenario.faults import ScenarioFault, fault
from sim.scenario.nodes import Place
from sim.world.geography import patch_side_km

WIDEST_SHARE = 1 / 3
"""Of a patch's edge: a wider circle meets itself around the joined edges."""
KILOMETRES = "_km"

Radius = tuple[str, str]
"""Form of firm, and name of its dispatcher's parameter."""


def space_warnings(scenario: Scenario) -> list[ScenarioFault]:
    """Return one warning that names every radius above a third of a patch's edge in some district; or nothing."""
    if scenario.settings.laboratory is not None or not scenario.facts.children("districts"):
        return []
    sides = patch_side_km(scenario.facts, scenario.settings.scale)
    smallest = min(sides, key=lambda district: sides[district])
    wide = {key: radius for key, radius in _radii(scenario) if radius > WIDEST_SHARE * sides[smallest]}
    if not wide:
        return []
    narrow = sum(max(wide.values()) > WIDEST_SHARE * side for side in sides.values())
    side = f"{sides[smallest]:.2g}"
    place = _place(scenario)
    return [
        fault(
            "radius_too_wide",
            place,
            "scale",
            radii=_listed(wide),
            narrow=narrow,
            districts=len(sides),
            side=side,
            smallest=smallest,
        )
    ]


def _listed(wide: Mapping[Radius, float]) -> str:
    """Return the radii as a message lists them: each name and length once, with the forms of firm that use it."""
    forms: dict[tuple[str, float], list[str]] = {}
    for (form, name), length in wide.items():
        forms.setdefault((name, length), []).append(form)
    return ", ".join(
        f"{name} = {length:g} km ({', '.join(users)})" for (name, length), users in forms.items()
    )


def _place(scenario: Scenario) -> Place:
    """Return where the scale was set, or the file where it is left at its default."""
    chain = scenario.origins.get("scale")
    return Place(chain[-1].file, chain[-1].line) if chain else Place(scenario.files[-1])


def _radii(scenario: Scenario) -> Iterator[tuple[Radius, float]]:
    """Give the parameters of the dispatchers that are lengths."""
    for form, choice in scenario.settings.dispatch.items():
        for name, value in choice.parameters.items():
            if name.endswith(KILOMETRES):
                yield (form, name), float(value)
