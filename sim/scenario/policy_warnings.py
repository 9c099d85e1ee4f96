"""What is allowed but doubtful about the policies of a scenario."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sim.scenario.faults import Findings, ScenarioFault, fault
from sim.scenario.keys import POLICIES, Key, is_documented, parameter_keys
from sim.scenario.merge import Merged, Path, dotted
from sim.scenario.nodes import quoted
from sim.scenario.registry import ANNOUNCED
from sim.scenario.settings import PolicyChoice, Settings

BEGINS = "begins"
"""Parameter that says from which day a policy holds."""
FIRST_DATES = (ANNOUNCED, BEGINS)
"""Parameters that say when a policy is first felt."""
LAST_DATE = "ends"
"""Parameter that says on which day a policy no longer holds."""


def warn_of_policies(settings: Settings, merged: Merged, findings: Findings) -> None:
    """Warn of values outside what the sources cover, and of policies that lie wholly outside the period."""
    for name, choice in settings.policies.items():
        path = (POLICIES, name)
        _warn_of_values(path, choice, merged, findings)
        _warn_of_dates(path, choice, settings, merged, findings)


def _warn_of_values(path: Path, choice: PolicyChoice, merged: Merged, findings: Findings) -> None:
    for key in parameter_keys(POLICIES, choice.policy, path).values():
        value = choice.parameters.get(key.path[-1])
        if key.path in merged.active and not is_documented(key, value):
            findings.warn(_outside_range(key, value, merged))


def _outside_range(key: Key, value: object, merged: Merged) -> ScenarioFault:
    low, high = quoted(key.documented_low), quoted(key.documented_high)
    place = merged.place_of(key.path)
    return fault(
        "outside_range", place, dotted(key.path), found=quoted(value), low=low, high=high, unit=key.unit
    )


def _warn_of_dates(
    path: Path, choice: PolicyChoice, settings: Settings, merged: Merged, findings: Findings
) -> None:
    start = settings.period.start
    end = start + timedelta(days=settings.period.days - 1)
    first = min(_dates(choice, FIRST_DATES), default=start)
    over = min(_dates(choice, (LAST_DATE,)), default=end)
    if first > end or over <= start:
        blamed = BEGINS if first > end else LAST_DATE
        place = merged.place_of((*path, blamed))
        findings.warn(fault("policy_outside_period", place, dotted(path), start=start, end=end))
        return
    begins = max(_dates(choice, (BEGINS,)), default=start)
    if begins > end:
        place = merged.place_of((*path, BEGINS))
        findings.warn(fault("policy_begins_too_late", place, dotted(path), begins=begins, end=end))


def _dates(choice: PolicyChoice, names: Iterable[str]) -> list[date]:
    values = (choice.parameters.get(name) for name in names)
    return [value for value in values if isinstance(value, date)]
