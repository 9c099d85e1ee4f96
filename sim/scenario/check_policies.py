"""Check the policies of a scenario: a mapping of names, each with the policy's name and its parameters.

A policy goes by its own name unless it says which it is, so that one policy can stand twice with other parameters::

    policies:
      elder_voucher: {home_share: 0.4}
      voucher_for_few: {policy: elder_voucher, least_disability: severe}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.faults import listed, near
from sim.scenario.keys import GROUP, POLICIES, POLICY, Key, model_keys
from sim.scenario.merge import Merged, Origin, Path
from sim.scenario.model_faults import ModelFaults
from sim.scenario.nodes import quoted
from sim.scenario.registry import registered_policies
from sim.scenario.settings import POLICY_NAME, PolicyChoice


def check_policies(group: Any, report: ModelFaults) -> dict[str, PolicyChoice]:
    """Return the policies with all their parameters, those left out at their defaults, in the order of their names.

    Args:
        group: What stands under ``policies``; None where nothing does.
        report: Takes the faults.
    """
    if group is None:
        return {}
    if not isinstance(group, dict):
        report.add("policies_form", (POLICIES,), found=quoted(group))
        return {}
    checked = {name: _checked(name, given, report) for name, given in sorted(group.items())}
    return {name: choice for name, choice in checked.items() if choice}


def policy_origins(merged: Merged) -> dict[str, tuple[Origin, ...]]:
    """Return who chose each policy whose file leaves ``policy`` out: the place of its name."""
    names = {path[1] for path in merged.active if path[0] == POLICIES and len(path) > 1}
    unsaid = sorted(name for name in names if (POLICIES, name, POLICY) not in merged.active)
    return {".".join((POLICIES, name, POLICY)): (_named_at(name, merged),) for name in unsaid}


def _named_at(name: str, merged: Merged) -> Origin:
    place = merged.place_of((POLICIES, name))
    return Origin(name, place.file, place.line)


def _checked(name: str, given: Any, report: ModelFaults) -> PolicyChoice | None:
    path = (POLICIES, name)
    if not POLICY_NAME.fullmatch(name):
        report.add("policy_name", path, found=quoted(name))
    elif given is None:
        _check_removal(path, report)
    elif not isinstance(given, dict):
        report.add("wrong_value", path, found=quoted(given), needs=Key(path, GROUP, allowed=(POLICY, "...")))
    else:
        return _chosen(path, given, report)
    return None


def _check_removal(path: Path, report: ModelFaults) -> None:
    """``null`` takes away a policy of the file that is extended; without one it is a slip."""
    stood = _ever_given(report.merged)
    if report.merged.rooted and path[1] not in stood:
        report.add("no_policy_to_remove", path, near=near(path[1], stood))


def _ever_given(merged: Merged) -> list[str]:
    """Return the names under which any layer has a policy."""
    given = (
        path[1]
        for path, chain in merged.chains.items()
        if path[0] == POLICIES and len(path) > 1 and any(origin.value is not None for origin in chain)
    )
    return sorted(set(given))


def _chosen(path: Path, given: Mapping[str, Any], report: ModelFaults) -> PolicyChoice | None:
    policy = given.get(POLICY, path[1])
    if not isinstance(policy, str):
        key = Key((*path, POLICY), "text")
        report.add("wrong_value", key.path, found=quoted(policy), needs=key)
        return None
    model = registered_policies().get(policy)
    if model is None and not report.merged.rooted and POLICY not in given:
        return None  # the lost file may say which policy it is
    if model is None:
        _report_unknown(policy, path, POLICY in given, report)
        return None
    content = {key: value for key, value in given.items() if key != POLICY}
    parameters = report.validated(model, content, path, model_keys(model, path))
    return PolicyChoice(policy=policy, parameters=parameters.model_dump()) if parameters else None


def _report_unknown(policy: str, path: Path, said: bool, report: ModelFaults) -> None:
    """A name without ``policy`` may be meant for a policy of the program, or for another one of the scenario."""
    known = list(registered_policies())
    names = known if said else sorted({*known, *_ever_given(report.merged)} - {path[1]})
    place = (*path, POLICY) if said else path
    like = near(policy, names)
    report.add("unknown_policy", place, found=quoted(policy), near=like, allowed=listed(known))
