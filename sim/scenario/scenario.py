"""A resolved scenario: settings, facts, where each value came from, and its identity."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Any

from sim.data import Fact, FactTree
from sim.scenario.faults import ScenarioFault
from sim.scenario.merge import Origin
from sim.scenario.settings import Calendar, PolicyChoice, Settings

NOT_IDENTITY = ("schema_version", "name", "description", "recording", "region")
"""Settings that change no result; the region counts by its facts and by its folder's name."""
NOT_IDENTITY_OF_CALENDAR = ("source", "warnings")


class Origins(Mapping[str, tuple[Origin, ...]]):
    """Who set each key, settings and facts alike: the values that it was given, the one in force last.

    A setting that no file gives has no origin: it is at its default.
    """

    def __init__(self, settings: Mapping[str, tuple[Origin, ...]], facts: FactTree) -> None:
        self._settings = dict(settings)
        self._facts = facts

    def __getitem__(self, key: str) -> tuple[Origin, ...]:
        if key in self._settings:
            return self._settings[key]
        if key not in self._facts:
            raise KeyError(key)
        return tuple(_origin(fact) for fact in self._facts.chain(key))

    def __iter__(self) -> Iterator[str]:
        yield from self._settings
        yield from self._facts

    def __len__(self) -> int:
        return len(self._settings) + len(self._facts)


def _origin(fact: Fact) -> Origin:
    return Origin(fact.value, fact.file, fact.line)


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario with nothing left open.

    Attributes:
        settings: Period, scale, seed, dispatch and the rest; frozen.
        facts: The region's facts with the scenario's values on top; for a laboratory those that no region owns.
        origins: Per dotted key the values that it was given, the one in force last.
        files: The files read, the one that extends nothing first.
        warnings: What is allowed but doubtful.
        overrides: Values that were put on top of the files, as they were given.
    """

    settings: Settings
    facts: FactTree
    origins: Origins
    files: tuple[str, ...]
    warnings: tuple[ScenarioFault, ...] = ()
    overrides: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in English."""
        return self.settings.name.en

    @property
    def policies(self) -> Mapping[str, PolicyChoice]:
        """Its policies by the names that it gives them, sorted."""
        return self.settings.policies

    @property
    def identity(self) -> str:
        """Hex digest of all that can change a result: settings and facts, without name, description, recording."""
        return self._digest(self._settings())

    @property
    def past_identity(self) -> str:
        """The identity of this scenario without its policies: equal for those that share a past.

        Until the first announcement, runs of scenarios with equal past identities are the same run. Without policies
        it is the identity itself.
        """
        return self._digest(self._settings() | {"policies": {}})

    def _digest(self, settings: dict[str, Any]) -> str:
        settings = _without(settings, NOT_IDENTITY)
        if settings["calendar"]:
            settings["calendar"] = _without(settings["calendar"], NOT_IDENTITY_OF_CALENDAR)
        region = FilePath(self.settings.region).name if self.settings.region else None
        content = {"settings": settings, "region": region, "facts": self._facts()}
        text = json.dumps(_canonical(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the resolved scenario as JSON values: settings, facts by path, files, identity."""
        return {
            "settings": self._settings(),
            "facts": self._facts(),
            "files": list(self.files),
            "identity": self.identity,
        }

    def with_calendar(self, calendar: Mapping[str, Any]) -> Scenario:
        """Return the scenario with a calendar frozen into it (``sim.world.calendar`` makes one)."""
        frozen = Calendar.model_validate(dict(calendar))
        return replace(self, settings=self.settings.model_copy(update={"calendar": frozen}))

    def _settings(self) -> dict[str, Any]:
        return self.settings.model_dump(mode="json")

    def _facts(self) -> dict[str, Any]:
        return {path: _plain(fact.value) for path, fact in self.facts.items()}


def _without(mapping: Mapping[str, Any], keys: Container[str]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in keys}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _canonical(value: Any) -> Any:
    """Return the value with whole floats as integers, so that 17 and 17.0 are the same."""
    if isinstance(value, dict):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_canonical(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
