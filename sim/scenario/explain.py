"""Explain a resolved scenario: for each key its value, range, source, and the files and lines that set it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.data import Fact, Meaning
from sim.data.sources import Source, sources_of
from sim.errors import ScenarioError
from sim.names import label
from sim.scenario.faults import fault, near
from sim.scenario.keys import DISPATCH, GROUP, POLICIES, POLICY, Key, parameter_keys, setting_keys
from sim.scenario.merge import Origin
from sim.scenario.nodes import Place
from sim.scenario.overrides import COMMAND_LINE
from sim.scenario.policy_names import parameter_meaning, policy_meaning, unset_meaning
from sim.scenario.registry import registered_policies
from sim.scenario.scenario import Scenario

HOLIDAYS = "calendar.public_holidays"
LABELS = ("schema_version", "name.", "description.")
"""Beginnings of the keys that only label a scenario."""
WITH_PARAMETERS = ((DISPATCH,), (POLICIES,))
"""Groups whose members are chosen by ``policy`` and have parameters of their own."""


@dataclass(frozen=True)
class Explanation:
    """What is known about one key.

    Attributes:
        key: Dotted key of a setting, or path of a fact.
        value: Value in force.
        unit: Its unit, "" for none.
        low, high: Ends of the range; None for none.
        documented_low, documented_high: Ends of what a policy parameter's source covers; None for none. A fact's are
            its ``low`` and ``high``.
        allowed: The values that are allowed, where they can be listed.
        chain: Every value that it was given, the one in force last; empty for a setting at its default.
        source: Where a fact's documented value or a policy parameter's default comes from; "" for other settings.
        grade: Grade of that source, A, B or C; "" for other settings.
        meaning: What it says.
        changed: Whether the scenario itself gives it another value than it would have without.
        behind: The observations that the marks in the source stand for.
        default: A setting's value when it is left out; None for none.
        required: Whether it must be given.
        unset: What holds while a policy's parameter has neither value nor default; None for what needs no words.
    """

    key: str
    value: Any
    unit: str
    low: Any
    high: Any
    allowed: tuple[str, ...]
    chain: tuple[Origin, ...]
    source: str
    grade: str
    meaning: Meaning
    changed: bool
    behind: tuple[Source, ...] = ()
    documented_low: Any = None
    documented_high: Any = None
    default: Any = None
    required: bool = False
    unset: Meaning | None = None


def explain_key(scenario: Scenario, key: str) -> list[Explanation]:
    """Explain a key, or all keys below a prefix; of a policy all its parameters, those that nobody has set too.

    Raises:
        ScenarioError: There is neither such a key nor such a prefix.
    """
    everything = _all_settings(scenario)
    found = _at_or_below(key, everything)
    facts = [scenario.facts[key]] if key in scenario.facts else scenario.facts.under(key)
    found += [_fact(scenario, fact) for fact in facts]
    if not found:
        left_out = _left_out(scenario)
        found = [left_out[key]] if key in left_out else _at_or_below(key, left_out)
    if not found:
        raise _unknown(key, [*everything, *scenario.facts, *_groups(everything, scenario.facts)])
    return found


def _at_or_below(key: str, entries: Mapping[str, Explanation]) -> list[Explanation]:
    return [entry for name, entry in entries.items() if name == key or name.startswith(f"{key}.")]


def _left_out(scenario: Scenario) -> dict[str, Explanation]:
    """Explain the settings that a scenario may have and this one has not: no value, set by nobody."""
    keys = [key for key in setting_keys().values() if key.kind != GROUP or key.dotted == POLICIES]
    names = [key.dotted for key in keys if not key.dotted.startswith(DISPATCH)]
    for policy in registered_policies():
        names += _parameters(policy, policy)
    return {name: _setting(scenario, name, None) for name in names}


def _all_settings(scenario: Scenario) -> dict[str, Explanation]:
    """Explain every setting that has a value, and every parameter of the policies in force."""
    values = setting_values(scenario)
    names = [name for name in values if not name.startswith(f"{POLICIES}.")]
    for name, choice in scenario.policies.items():
        given = [key for key in values if key.startswith(f"{POLICIES}.{name}.")]
        names += dict.fromkeys([f"{POLICIES}.{name}.{POLICY}", *_parameters(name, choice.policy), *given])
    return {name: _setting(scenario, name, values.get(name)) for name in names}


def _parameters(name: str, policy: str) -> Iterator[str]:
    """The keys of a policy's parameters below the name that a scenario gives it."""
    keys = parameter_keys(POLICIES, policy, (POLICIES, name)).values()
    return (key.dotted for key in keys if key.kind != GROUP)


def explain_changes(scenario: Scenario) -> list[Explanation]:
    """Explain every setting and fact whose value the scenario changes."""
    changed = [entry for entry in _settings(scenario) if entry.changed and not entry.key.startswith(LABELS)]
    facts = [_fact(scenario, fact) for fact in scenario.facts.values() if _is_own(scenario, fact)]
    return changed + [entry for entry in facts if entry.changed]


def setting_values(scenario: Scenario) -> dict[str, Any]:
    """Return the value of every setting by dotted key, defaults included; groups that are not given are left out."""
    return dict(_flat(scenario.settings.model_dump(), ()))


def _flat(content: dict[str, Any], above: tuple[str, ...]) -> Iterable[tuple[str, Any]]:
    for name, value in content.items():
        # The models hold the parameters of dispatchers and policies in mappings of their own; people write them beside
        # ``policy:``.
        path = above if above[:1] in WITH_PARAMETERS and name == "parameters" else (*above, name)
        if isinstance(value, dict) and ".".join(path) != HOLIDAYS:
            yield from _flat(value, path)
        elif value is not None:
            yield ".".join(path), value


def _settings(scenario: Scenario) -> list[Explanation]:
    return [_setting(scenario, name, value) for name, value in setting_values(scenario).items()]


def _setting(scenario: Scenario, name: str, value: Any) -> Explanation:
    path = tuple(name.split("."))
    key = _key(scenario, path)
    chain = scenario.origins.get(name, ())
    default = value if not chain else key.default
    return Explanation(
        name,
        value,
        key.unit,
        key.low,
        key.high,
        tuple(registered_policies()) if name == POLICIES else key.allowed,
        chain,
        key.source,
        key.grade,
        meaning_of(scenario, path),
        changed=bool(chain) and (_chooses_policy(path) or not _same(value, default)),
        behind=tuple(sources_of(key.source)),
        documented_low=key.documented_low,
        documented_high=key.documented_high,
        default=key.default,
        required=key.required,
        unset=_unset(scenario, path) if key.default is None and not key.required else None,
    )


def _unset(scenario: Scenario, path: tuple[str, ...]) -> Meaning | None:
    if path[0] != POLICIES or len(path) < 3:
        return None
    return unset_meaning(_chosen(scenario, path), path[2])


def _chooses_policy(path: tuple[str, ...]) -> bool:
    """Whether a key puts a policy into force: that changes a scenario even if all its parameters are left out."""
    return path[0] == POLICIES and path[-1] == POLICY


def _key(scenario: Scenario, path: tuple[str, ...]) -> Key:
    known = setting_keys().get(path)
    if known is None and path[:1] in WITH_PARAMETERS and len(path) > 2:
        known = parameter_keys(path[0], _chosen(scenario, path), path[:2]).get(path)
    return known or Key(path, GROUP)


def _chosen(scenario: Scenario, path: tuple[str, ...]) -> str:
    """Return the name of the dispatcher or policy that a key belongs to; one that is not in force goes by its own."""
    if path[0] == DISPATCH:
        return scenario.settings.dispatch[path[1]].policy
    choice = scenario.policies.get(path[1])
    return choice.policy if choice else path[1]


def meaning_of(scenario: Scenario, path: tuple[str, ...]) -> Meaning:
    """Say what a setting means, in both languages."""
    if path[0] == POLICIES and len(path) > 2:
        policy = _chosen(scenario, path)
        return policy_meaning(policy) if path[-1] == POLICY else parameter_meaning(policy, path[2])
    if path[0] != DISPATCH:
        name = ".".join(("setting", *path))
    elif path[-1] == POLICY:
        name = "setting.dispatch.policy"
    else:
        name = ".".join(("dispatcher", _chosen(scenario, path), path[-1]))
    return Meaning(label(name, "en"), label(name, "zh"))


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, tuple) and isinstance(other, (tuple, list)):
        return list(value) == list(other)
    if isinstance(value, date) and isinstance(other, str):
        return value.isoformat() == other
    return bool(value == other)


def _fact(scenario: Scenario, fact: Fact) -> Explanation:
    chain = scenario.facts.chain(fact.path)
    documented = [entry for entry in chain if not _is_own(scenario, entry)][-1]
    return Explanation(
        fact.path,
        fact.value,
        fact.unit,
        fact.low,
        fact.high,
        fact.allowed,
        scenario.origins[fact.path],
        documented.source,
        documented.grade,
        fact.meaning,
        changed=not _same(fact.value, documented.value),
        behind=tuple(sources_of(documented.source)),
    )


def _is_own(scenario: Scenario, fact: Fact) -> bool:
    """Whether the scenario gave the value, and not a data file."""
    return fact.file == COMMAND_LINE or fact.file in scenario.files


def _groups(settings: Iterable[str], facts: Iterable[str]) -> set[str]:
    """Return every prefix of a key."""
    parts = (key.split(".") for key in (*settings, *facts))
    return {".".join(key[:length]) for key in parts for length in range(1, len(key))}


def _unknown(key: str, known: Iterable[str]) -> ScenarioError:
    found = fault("unknown_explained", Place(""), key, near=near(key, sorted(known)))
    return ScenarioError(str(found), (found,))
