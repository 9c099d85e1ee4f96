"""Check what the layers say against the models of the settings, and turn pydantic's findings into faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.scenario.faults import Findings, fault, listed, near
from sim.scenario.keys import DISPATCH, POLICY, Key, is_setting, model_keys, setting_keys
from sim.scenario.merge import PARAMETERS, Merged, Path, dotted
from sim.scenario.nodes import quoted
from sim.scenario.registry import registered_dispatchers
from sim.scenario.scalars import is_number
from sim.scenario.settings import DEFAULT_POLICY, FIRM_FORMS, DispatchChoice, Settings

OWN_KEYS = ("extends", PARAMETERS)
"""Keys of a file that are no settings."""
NUMBERS = ("integer", "number")

Keys = Mapping[Path, Key]
M = TypeVar("M", bound=BaseModel)


def check_settings(merged: Merged, findings: Findings, whole: bool) -> Settings | None:
    """Return the settings, or None where they have faults.

    Args:
        merged: The layers so far.
        findings: Takes the faults, each at the place that set the key.
        whole: Whether these are all layers; only then is a missing key a fault.
    """
    content = merged.content()
    content.pop(PARAMETERS, None)
    content[DISPATCH] = _nested(content.get(DISPATCH, {}))
    report = _Report(merged, findings, whole)
    settings = report.validated(Settings, content, (), setting_keys())
    choices = {form: _check_choice(form, choice, report) for form, choice in _choices(content).items()}
    return settings.model_copy(update={DISPATCH: settings.dispatch | choices}) if settings else None


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


def _check_choice(form: str, choice: Any, report: _Report) -> DispatchChoice:
    """Return a dispatcher with all its parameters, those left out at their defaults."""
    known = registered_dispatchers()
    policy = choice.get(POLICY) if isinstance(choice, dict) else None
    if not isinstance(policy, str):
        return DispatchChoice()
    above = (DISPATCH, form)
    if policy not in known:
        report.unknown_policy((*above, POLICY), policy, known)
        return DispatchChoice()
    model = known[policy]
    parameters = report.validated(model, choice["parameters"], above, model_keys(model, above))
    return DispatchChoice(policy=policy, parameters=parameters.model_dump() if parameters else {})


class _Report:
    """Turns what pydantic found into faults at the places of the keys."""

    def __init__(self, merged: Merged, findings: Findings, whole: bool) -> None:
        self.merged = merged
        self.findings = findings
        self.whole = whole

    def validated(self, model: type[M], content: Any, above: Path, keys: Keys) -> M | None:
        """Return the model's instance, or None after reporting its faults."""
        try:
            return model.model_validate(content, strict=True)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                path = (*above, *_keys_of(one["loc"], content))
                if one["type"] == "value_error":
                    self._add("broken_rule", path, problem=one["msg"].removeprefix("Value error, "))
                else:
                    self._report(one["type"], one["input"], path, keys)
        return None

    def unknown_policy(self, path: Path, policy: str, known: Iterable[str]) -> None:
        """Report a dispatcher that nobody has registered."""
        self._add(
            "unknown_policy", path, found=quoted(policy), near=near(policy, known), allowed=listed(known)
        )

    def _report(self, kind: str, found: Any, path: Path, keys: Keys) -> None:
        if kind == "missing":
            if self.whole:
                self._add("missing_key", path, needs=keys[path])
        elif path not in keys and is_setting(tuple(path[-1].split("."))):
            self._add(
                "dotted_key",
                path,
                nested=": {".join(path[-1].split(".")) + ": ..." + "}" * path[-1].count("."),
            )
        elif path not in keys:
            siblings = _siblings(path, keys)
            self._add("unknown_key", path, near=near(path[-1], siblings), allowed=listed(siblings))
        else:
            quotes = keys[path].kind in NUMBERS and is_number(found)
            code = "number_in_quotes" if quotes else "wrong_value"
            self._add(code, path, found=quoted(found), needs=keys[path])

    def _add(self, code: str, path: Path, **details: object) -> None:
        self.findings.add(fault(code, self.merged.place_of(path), dotted(path), **details))


def _keys_of(location: tuple[int | str, ...], content: Any) -> Path:
    """Return the keys in an error's location, without positions in lists and pydantic's own words."""
    path: list[str] = []
    inner = content
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if isinstance(inner, dict) and (part in inner or (last and part != "[key]")):
            inner = inner.get(part)
            path.append(str(part))
    return tuple(path)


def _siblings(path: Path, keys: Keys) -> list[str]:
    """Return the keys that may stand beside a key."""
    group = path[:-1]
    known = [key[-1] for key in keys if key[:-1] == group]
    if not group:
        return [*known, *OWN_KEYS]
    return [POLICY, *known] if group[0] == DISPATCH and len(group) == 2 else known
