"""From a scenario file to a resolved scenario, with all faults of all its files in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from sim.errors import ScenarioError
from sim.scenario.check_facts import check_services, with_values
from sim.scenario.check_policies import policy_origins
from sim.scenario.check_settings import check_settings
from sim.scenario.faults import Findings, ScenarioFault, fault
from sim.scenario.layers import Chain, read_layers
from sim.scenario.merge import PARAMETERS, Layer, Merged, Origin, dotted
from sim.scenario.nodes import Place, plain, shown
from sim.scenario.overrides import COMMAND_LINE, override_layer
from sim.scenario.policy_warnings import warn_of_policies
from sim.scenario.regions import REGION, facts_of, region_of
from sim.scenario.rules import WHOLE, check_rules
from sim.scenario.scenario import Origins, Scenario
from sim.scenario.settings import SCHEMA_VERSION, Settings

VERSION = ("schema_version",)


@dataclass(frozen=True)
class Examination:
    """What came of reading a scenario.

    Attributes:
        scenario: The resolved scenario; None when there are faults.
        faults: What must be mended.
        warnings: What is allowed but doubtful.
    """

    scenario: Scenario | None
    faults: tuple[ScenarioFault, ...]
    warnings: tuple[ScenarioFault, ...]


def load_scenario(file: str | FilePath, overrides: Sequence[str] = ()) -> Scenario:
    """Read and resolve a scenario.

    Args:
        file: The scenario file.
        overrides: Values on top of it, each ``key=value`` as after ``-o`` on the command line.

    Raises:
        ScenarioError: All faults of the file, of those that it extends, and of the overrides.
    """
    examined = examine(file, overrides)
    if examined.scenario is None:
        raise ScenarioError("\n".join(map(str, examined.faults)), examined.faults)
    return examined.scenario


def examine(file: str | FilePath, overrides: Sequence[str] = ()) -> Examination:
    """Read a scenario and return it, or its faults; see :func:`load_scenario`."""
    findings = Findings()
    layers, rooted = read_layers(file, findings)
    for layer in layers:
        _check_version(layer, findings)
    if overrides:
        layers.append(override_layer(overrides, findings))
    scenario = _resolved(Chain(layers, rooted), findings) if layers else None
    if scenario is not None:
        scenario = replace(scenario, overrides=tuple(overrides))
    faults = _in_order(findings.faults, layers)
    return Examination(None if faults else scenario, faults, tuple(findings.warnings))


def _in_order(faults: Sequence[ScenarioFault], layers: Sequence[Layer]) -> tuple[ScenarioFault, ...]:
    """Return the faults by file, the one that the user named first, and line."""
    files = [layer.file for layer in reversed(layers)]
    place = {file: position for position, file in enumerate(files)}
    return tuple(sorted(faults, key=lambda one: (place.get(one.file, len(files)), one.line)))


def _check_version(layer: Layer, findings: Findings) -> None:
    """Every file says for itself which version it is written in."""
    stated = {statement.path: statement for statement in layer.statements}.get(VERSION)
    if stated is None:
        findings.add(fault("version_missing", Place(layer.file, 1), VERSION[0], version=SCHEMA_VERSION))
    elif plain(stated.node) != SCHEMA_VERSION:
        found = shown(stated.node)
        findings.add(fault("version_unknown", stated.place, VERSION[0], found=found, version=SCHEMA_VERSION))


def _resolved(chain: Chain, findings: Findings) -> Scenario | None:
    """Return the scenario; None where it has faults.

    Without the lowest file only values are judged that are wrong whatever it says: all else would follow from its loss.
    """
    layers, rooted = chain
    merged = Merged(rooted=rooted)
    settings: Settings | None = None
    for layer in layers:
        merged = merged.with_layer(layer)
        settings = check_settings(merged, findings, whole=rooted and layer is layers[-1])
    if rooted:
        check_rules(merged, findings)
    region = region_of(merged, findings)
    tree = facts_of(region, merged.place_of(REGION), findings)
    if region is not None or rooted:
        check_services(merged, tree, findings)
    facts = with_values(tree, merged, region is not None, findings)
    if settings is None:
        return None
    warn_of_policies(settings, merged, findings)
    files = tuple(layer.file for layer in layers if layer.file != COMMAND_LINE)
    scale = settings.scale if settings.laboratory is None else WHOLE
    return Scenario(
        settings.model_copy(update={"region": region, "scale": float(scale)}),
        facts,
        Origins(_setting_chains(merged), facts),
        files,
        tuple(findings.warnings),
    )


def _setting_chains(merged: Merged) -> dict[str, tuple[Origin, ...]]:
    chains = {dotted(path): merged.chains[path] for path in merged.active if path[0] != PARAMETERS}
    return policy_origins(merged) | chains
