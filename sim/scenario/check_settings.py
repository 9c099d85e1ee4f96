"""Check what the layers say against the models of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.check_policies import check_policies
from sim.scenario.faults import Findings, listed, near
from sim.scenario.keys import DISPATCH, POLICIES, POLICY, model_keys, setting_keys
from sim.scenario.merge import PARAMETERS, Merged
from sim.scenario.model_faults import ModelFaults
from sim.scenario.nodes import quoted
from sim.scenario.registry import registered_dispatchers
from sim.scenario.settings import DEFAULT_POLICY, FIRM_FORMS, DispatchChoice, Settings


def check_settings(merged: Merged, findings: Findings, whole: bool) -> Settings | None:
    """Return the settings, or None where they have faults.

    Args:
        merged: The layers so far.
        findings: Takes the faults, each at the place that set the key.
        whole: Whether these are all layers, and the lowest is there; only then is a missing key a fault.
    """
    content = merged.content()
    content.pop(PARAMETERS, None)
    given_policies = content.pop(POLICIES, None)
    content[DISPATCH] = _nested(content.get(DISPATCH, {}))
    report = ModelFaults(merged, findings, whole)
    settings = report.validated(Settings, content, (), setting_keys())
    choices = {form: _check_choice(form, choice, report) for form, choice in _choices(content).items()}
    policies = check_policies(given_policies, report)
    if settings is None:
        return None
    return settings.model_copy(update={DISPATCH: settings.dispatch | choices, POLICIES: policies})


def _nested(group: Any) -> Any:
    """Put the parameters of each dispatcher into a mapping of their own, as the model has them."""
    if not isinstance(group, dict):
        return group
    return {form: _split(choice) if form in FIRM_FORMS else choice for form, choice in group.items()}


def _split(choice: Any) -> Any:
    if not isinstance(choice, dict):
        return choice
    parameters = {key: value for key, value in choice.items() if key != POLICY}
    return {POLICY: choice.get(POLICY, DEFAULT_POLICY), "parameters": parameters}


def _choices(content: Mapping[str, Any]) -> dict[str, Any]:
    group = content[DISPATCH]
    given = group if isinstance(group, dict) else {}
    return {form: given.get(form, _split({})) for form in FIRM_FORMS}


def _check_choice(form: str, choice: Any, report: ModelFaults) -> DispatchChoice:
    """Return a dispatcher with all its parameters, those left out at their defaults."""
    if not report.merged.rooted and (DISPATCH, form, POLICY) not in report.merged.active:
        return DispatchChoice()  # the parameters are those of a dispatcher that the lost file names
    known = registered_dispatchers()
    policy = choice.get(POLICY) if isinstance(choice, dict) else None
    if not isinstance(policy, str):
        return DispatchChoice()
    above = (DISPATCH, form)
    if policy not in known:
        like, path = near(policy, known), (*above, POLICY)
        report.add("unknown_dispatcher", path, found=quoted(policy), near=like, allowed=listed(known))
        return DispatchChoice()
    model = known[policy]
    parameters = report.validated(model, choice["parameters"], above, model_keys(model, above))
    return DispatchChoice(policy=policy, parameters=parameters.model_dump() if parameters else {})
