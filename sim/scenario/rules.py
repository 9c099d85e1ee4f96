"""Rules that tie several keys together, checked on what the layers say, whether or not the rest is valid.

A rule looks only at keys that are there and of the right kind: what is missing or wrong has been reported already.
"""

from __future__ import annotations

from typing import Any

from sim.scenario.faults import Findings, fault
from sim.scenario.keys import DISPATCH, POLICIES, setting_keys
from sim.scenario.merge import PARAMETERS, Merged, Path, dotted
from sim.scenario.nodes import quoted
from sim.scenario.overrides import COMMAND_LINE_PLACES

DAYS: Path = ("period", "days")
WARM_UP: Path = ("period", "warm_up_days")
START: Path = ("period", "start")
REGION: Path = ("region",)
LABORATORY: Path = ("laboratory",)
POLICIES_GROUP: Path = (POLICIES,)
SERVICE_TIME: Path = ("laboratory", "service_time")
PATIENCE: Path = ("laboratory", "patience")
SERVICES: Path = ("services",)
DISPATCH_GROUP: Path = (DISPATCH,)
SCALE: Path = ("scale",)


WHOLE = 1
"""Scale of a textbook queue, whose servers are all there."""


class _Rules:
    """What the rules ask and say."""

    def __init__(self, merged: Merged, findings: Findings) -> None:
        self.merged = merged
        self.findings = findings

    def value(self, path: Path) -> Any:
        """Return a key's value, or its default where it is not given."""
        if path in self.merged.active:
            return self.merged.chains[path][-1].value
        key = setting_keys().get(path)
        return key.default if key else None

    def sound(self, *paths: Path) -> bool:
        """Whether no fault has been found at any of the keys."""
        faulty = {fault.path for fault in self.findings.faults}
        return faulty.isdisjoint(map(dotted, paths))

    def from_command_line(self, path: Path) -> bool:
        """Whether a key was given by an option rather than in a file."""
        return self.merged.place_of(path).file in COMMAND_LINE_PLACES

    def given(self, group: Path) -> bool:
        """Whether a key, or any key below it, is given and not null."""
        return any(
            path[: len(group)] == group and self.value(path) is not None for path in self.merged.active
        )

    def refuse(self, code: str, path: Path, **details: object) -> None:
        """Note a broken rule at the place of a key."""
        self.findings.add(fault(code, self.merged.place_of(path), dotted(path), **details))


def check_rules(merged: Merged, findings: Findings) -> None:
    """Note every broken rule."""
    rules = _Rules(merged, findings)
    _one_world(rules)
    _warm_up(rules)
    _laws(rules)
    _calendar(rules)


def _one_world(rules: _Rules) -> None:
    """A region's market or a laboratory: not both, and not neither."""
    if not rules.given(LABORATORY):
        if not rules.given(REGION):
            rules.refuse("no_world", REGION)
        return
    for key in (REGION, SERVICES, DISPATCH_GROUP, POLICIES_GROUP, (PARAMETERS,)):
        if rules.given(key):
            rules.refuse("two_worlds", key, laboratory=rules.merged.place_of(LABORATORY))
    if rules.given(SCALE) and rules.sound(SCALE) and rules.value(SCALE) != WHOLE:
        rules.refuse("laboratory_scale", SCALE, found=quoted(rules.value(SCALE)))


def _warm_up(rules: _Rules) -> None:
    days, warm_up = rules.value(DAYS), rules.value(WARM_UP)
    if days is not None and rules.sound(DAYS, WARM_UP) and warm_up >= days:
        blamed = WARM_UP if WARM_UP in rules.merged.active and not rules.from_command_line(DAYS) else DAYS
        rules.refuse("warm_up_too_long", blamed, warm_up=warm_up, days=days)


def _laws(rules: _Rules) -> None:
    """Each law with its own parameters and no others."""
    if rules.given(SERVICE_TIME):
        _belongs(rules, (*SERVICE_TIME, "cv"), (*SERVICE_TIME, "law"), {"lognormal"})
    if rules.given(PATIENCE):
        _belongs(rules, (*PATIENCE, "mean_min"), (*PATIENCE, "law"), {"fixed", "exponential"})


def _belongs(rules: _Rules, key: Path, chooser: Path, laws: set[str]) -> None:
    law = rules.value(chooser)
    if law is None or not rules.sound(chooser):
        return
    if law in laws and rules.value(key) is None:
        rules.refuse("law_lacks", chooser, law=law, key=key[-1])
    if law not in laws and rules.value(key) is not None:
        rules.refuse("law_has_not", key, law=law, laws=", ".join(sorted(laws)))


def _calendar(rules: _Rules) -> None:
    """A calendar that was frozen must begin with the period and cover it."""
    start, days = rules.value(("calendar", "start")), rules.value(("calendar", "days"))
    if start is not None and rules.sound(START) and start != rules.value(START):
        rules.refuse("calendar_of_other_period", ("calendar", "start"), found=quoted(start))
    if days is not None and rules.sound(DAYS, ("calendar", "days")) and days < (rules.value(DAYS) or 0):
        rules.refuse("calendar_of_other_period", ("calendar", "days"), found=quoted(days))
