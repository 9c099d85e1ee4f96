"""Turn what pydantic found in a group of keys into faults at the places of the keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.scenario.faults import Findings, fault, listed, near
from sim.scenario.keys import DISPATCH, POLICIES, POLICY, Key, is_setting
from sim.scenario.merge import PARAMETERS, Merged, Path, dotted
from sim.scenario.nodes import quoted
from sim.scenario.scalars import is_number

OWN_KEYS = ("extends", PARAMETERS)
"""Keys of a file that are no settings."""
NUMBERS = ("integer", "number")

Keys = Mapping[Path, Key]
M = TypeVar("M", bound=BaseModel)


class ModelFaults:
    """Checks groups of keys against models and notes the faults.

    Args:
        merged: The layers so far.
        findings: Takes the faults, each at the place that set the key.
        whole: Whether these are all layers, and the lowest is there; only then is a missing key a fault.
    """

    def __init__(self, merged: Merged, findings: Findings, whole: bool) -> None:
        self.merged = merged
        self.findings = findings
        self.whole = whole

    def validated(self, model: type[M], content: Any, above: Path, keys: Keys) -> M | None:
        """Return the model's instance, or None after noting its faults.

        Args:
            model: What the group must be.
            content: What it is.
            above: The group's own key.
            keys: The keys that may stand there.
        """
        try:
            return model.model_validate(content, strict=True)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                path = (*above, *_keys_of(one["loc"], content))
                if one["type"] == "value_error":
                    self.add("broken_rule", path, problem=one["msg"].removeprefix("Value error, "))
                else:
                    self._report(one["type"], one["input"], path, keys)
        return None

    def add(self, code: str, path: Path, **details: object) -> None:
        """Note a fault at the place of a key."""
        self.findings.add(fault(code, self.merged.place_of(path), dotted(path), **details))

    def _report(self, kind: str, found: Any, path: Path, keys: Keys) -> None:
        if kind == "missing":
            if self.whole:
                self.add("missing_key", path, needs=keys[path])
        elif path not in keys and is_setting(tuple(path[-1].split("."))):
            nested = ": {".join(path[-1].split(".")) + ": ..." + "}" * path[-1].count(".")
            self.add("dotted_key", path, nested=nested)
        elif path not in keys:
            siblings = _siblings(path, keys)
            self.add("unknown_key", path, near=near(path[-1], siblings), allowed=listed(siblings))
        else:
            quotes = keys[path].kind in NUMBERS and is_number(found)
            code = "number_in_quotes" if quotes else "wrong_value"
            self.add(code, path, found=quoted(found), needs=keys[path])


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
    return [POLICY, *known] if group[0] in {DISPATCH, POLICIES} and len(group) == 2 else known
