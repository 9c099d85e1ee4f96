"""What ``jiazheng explain`` says about policies beyond their values: which there are, and what each can be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from sim.cli.values import with_unit

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.scenario import Scenario
    from sim.scenario.explain import Explanation

POLICIES = "policies"


def policy_of(key: str) -> str | None:
    """The name below ``policies`` that a key is about; "" for all of them, None for another key."""
    group, _, below = key.partition(".")
    return below.partition(".")[0] if group == POLICIES else None


def standing(face: Face, scenario: Scenario, key: str) -> str:
    """What is said before all else about a key: that its policy is not in force."""
    name = policy_of(key)
    return face.word("not_in_force") if name and name not in scenario.policies else ""


def show_no_policy(face: Face, scenario: Scenario, file: str) -> None:
    """Say that no policy is in force, which ones there are, and how one is added."""
    from sim.scenario import registered_policies
    from sim.scenario.policy_names import policy_meaning

    if scenario.settings.laboratory is not None:
        face.write(face.word("no_policy_in_laboratory"))
        return
    known = list(registered_policies())
    face.write(face.word("no_policy"))
    face.rows([(name, getattr(policy_meaning(name), face.lang)) for name in known])
    face.write(face.word("add_policy"))
    for line in example(scenario, known[0]):
        face.write(f"  {line}")
    face.note("explain_policy", file=file, policy=known[0])


def example(scenario: Scenario, policy: str) -> list[str]:
    """The lines that put a policy into a scenario's file: what it must be given, from the first day that counts."""
    from sim.scenario.keys import parameter_keys

    period = scenario.settings.period
    first = period.start + timedelta(days=period.warm_up_days)
    needed = [key for key in parameter_keys(POLICIES, policy).values() if key.required]
    values = [f"    {key.dotted}: {first if key.kind == 'date' else '...'}" for key in needed]
    return [f"{POLICIES}:", f"  {policy}:{'' if values else ' {}'}", *values]


def show_meanings(face: Face, key: str, found: Iterable[Explanation]) -> None:
    """Below a policy's table: what each parameter means, and what it is when it is left out."""
    rows = [(entry.key.removeprefix(f"{key}."), _meaning(face, entry)) for entry in found]
    face.write("")
    face.rows(rows)


def _meaning(face: Face, entry: Explanation) -> str:
    words = str(getattr(entry.meaning, face.lang))
    if entry.key.endswith(".policy"):
        return words
    if entry.required:
        left_out = face.word("required")
    elif entry.default is not None:
        left_out = face.word("default_is").format(with_unit(entry.default, entry))
    else:
        unset = getattr(entry.unset, face.lang) if entry.unset else face.word("not_set")
        left_out = face.word("default_is").format(unset)
    return f"{words} ({left_out})" if face.lang == "en" else f"{words}（{left_out}）"
