"""Check a scenario's services and parameters against the facts, and put its values into the tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sim.data import Fact, FactTree
from sim.data.facts import UNITS_WITHIN_ONE, Value, accepted_value
from sim.data.facts import Origin as Setter
from sim.errors import DataError
from sim.names import label
from sim.scenario.faults import Findings, fault, listed, near
from sim.scenario.keys import interval_words, setting_keys, unit_words
from sim.scenario.merge import PARAMETERS, Merged, Origin, Path
from sim.scenario.nodes import Place, quoted, shown
from sim.scenario.overrides import COMMAND_LINE
from sim.scenario.scalars import is_number

SERVICES: Path = ("services",)
REGIONAL = ("region", "districts")
"""Families of facts that only a region has."""
KINDS = {"number": "number", "text": "text", "boolean": "boolean", "list of numbers": "list"}
TYPING_ERROR = 0.7
"""How alike two paths must be for a suggestion; paths share long beginnings."""


@dataclass(frozen=True)
class FactNeeds:
    """What may stand for a fact."""

    fact: Fact

    def say(self, lang: str) -> str:
        """Say kind, range and unit, or the categories."""
        fact = self.fact
        kind = label(f"kind.{KINDS[fact.kind]}", lang)
        if fact.allowed:
            return f"{label('kind.choice', lang)}: {', '.join(fact.allowed)}"
        if isinstance(fact.value, tuple):
            kind = label("kind.numbers", lang).format(len(fact.value))
        return ", ".join([kind, *interval_words(*_ends(fact), False, lang), *unit_words(fact.unit, lang)])


def _ends(fact: Fact) -> tuple[int | None, int | None]:
    """Return the ends that no value may pass, whatever the documented range."""
    if fact.unit in UNITS_WITHIN_ONE:
        return 0, 1
    low = min(fact.low) if isinstance(fact.low, tuple) else fact.low
    return (0 if low is not None and low >= 0 else None), None


def check_services(merged: Merged, tree: FactTree, findings: Findings) -> None:
    """Note the services that the catalogue does not have."""
    known = tree.children("services")
    for origin in merged.chains.get(SERVICES, ()) if known else ():
        place = Place(origin.file, origin.line)
        for service in origin.value if isinstance(origin.value, list) else ():
            if isinstance(service, str) and service not in known:
                like = near(service, known)
                findings.add(
                    fault("unknown_service", place, f"services.{service}", near=like, allowed=listed(known))
                )


def with_values(tree: FactTree, merged: Merged, regional: bool, findings: Findings) -> FactTree:
    """Return the tree in which the scenario's values override the facts, each on top of the earlier ones.

    Args:
        tree: The facts to start from.
        merged: The scenario's layers.
        regional: Whether the tree holds a region's own facts; without them their paths are not judged.
        findings: Takes unknown paths and wrong values as faults, values outside the documented range as warnings.
    """
    _check_form(merged, findings)
    current = dict(tree)
    earlier = {path: tree.chain(path)[:-1] for path in tree}
    for origin, path in _given(merged):
        fact = current.get(path)
        if fact is None:
            if regional or path.split(".", 1)[0] not in REGIONAL:
                _report_unknown(path, origin, tree, findings)
            continue
        value = _accepted(fact, origin, findings)
        if value is not None:
            earlier[path] = (*earlier[path], fact)
            source = f"set by {origin.place}"
            current[path] = replace(fact, value=value, source=source, file=origin.file, line=origin.line)
    return FactTree(current.values(), earlier)


def _check_form(merged: Merged, findings: Findings) -> None:
    """``parameters`` itself must be a group of paths."""
    stated = merged.active.get((PARAMETERS,))
    if stated is not None:
        findings.add(fault("parameters_form", stated.place, PARAMETERS, found=shown(stated.node)))


def _given(merged: Merged) -> list[tuple[Origin, str]]:
    """Return every value that a layer gives to a fact, in the order of the layers."""
    chains = {key[1]: chain for key, chain in merged.chains.items() if key[0] == PARAMETERS and len(key) > 1}
    return [(origin, path) for path, chain in chains.items() for origin in chain]


def _accepted(fact: Fact, origin: Origin, findings: Findings) -> Value | None:
    place = Place(origin.file, origin.line)
    try:
        value = accepted_value(fact, origin.value, Setter(origin.file, origin.line))
    except DataError:
        code = "number_in_quotes" if fact.kind == "number" and is_number(origin.value) else "wrong_value"
        findings.add(fault(code, place, fact.path, found=quoted(origin.value), needs=FactNeeds(fact)))
        return None
    if not fact.within_range(value):
        found, low, high = quoted(value), quoted(fact.low), quoted(fact.high)
        findings.warn(
            fault("outside_range", place, fact.path, found=found, low=low, high=high, unit=fact.unit)
        )
    return value


def _report_unknown(path: str, origin: Origin, tree: Mapping[str, Any], findings: Findings) -> None:
    place = Place(origin.file, origin.line)
    below = tree.children(path) if isinstance(tree, FactTree) else ()
    if below:
        findings.add(fault("fact_group", place, path, allowed=listed(below)))
        return
    above = path.rpartition(".")[0]
    if above in tree:
        findings.add(fault("fact_part", place, path, fact=above))
        return
    known = [*tree, *_settings_too(origin)]
    findings.add(fault("unknown_fact", place, path, near=near(path, known, TYPING_ERROR)))


def _settings_too(origin: Origin) -> list[str]:
    """On the command line settings and facts go by the same option, so both are suggested."""
    return [key.dotted for key in setting_keys().values()] if origin.file == COMMAND_LINE else []
