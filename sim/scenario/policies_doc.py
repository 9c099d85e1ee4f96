"""Write docs/policies.md: every policy with its parameters, their ranges, grades and sources.

Run `python -m sim.scenario.policies_doc` after a policy has changed; a test compares the page with the policies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sim.names import label
from sim.scenario.keys import POLICIES, Key, interval_words, parameter_keys
from sim.scenario.policy_names import parameter_meaning, policy_meaning, unset_meaning
from sim.scenario.registry import registered_policies

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"

HEAD = """\
# Policies

Every policy that a scenario can put into force, with its parameters. This page is written by
`python -m sim.scenario.policies_doc`; edit the policies, not the page. How to write them into a scenario stands in
[scenario_files.md](scenario_files.md#policies); the same in a scenario of one's own is shown by
`jiazheng explain FILE policies`.

"Allowed" is what the program takes. "Documented" is what the sources or, for assumptions, the authors hold plausible:
a value outside it is a warning. Grades: **A** read in a source, **B** recalled official statistic, **C** assumption.
Marks in brackets (such as [P006]) name the collected facts behind a value: [sources.md](sources.md).
"""
COLUMNS = ("parameter", "default", "unit", "allowed", "documented", "grade", "meaning", "source")


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *map(_section, registered_policies())])


def _section(policy: str) -> str:
    meaning = policy_meaning(policy)
    rows = [_cells(policy, key) for key in parameter_keys(POLICIES, policy).values()]
    return f"## `{policy}`\n\n{meaning.en}. / {meaning.zh}。\n\n" + "\n".join(_table(rows)) + "\n"


def _table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (COLUMNS, ["---"] * len(COLUMNS), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cells(policy: str, key: Key) -> tuple[str, ...]:
    meaning = parameter_meaning(policy, key.path[-1])
    documented = _ends(key.documented_low, key.documented_high)
    words = f"{meaning.en} / {meaning.zh}"
    return (
        f"`{key.dotted}`",
        _default(policy, key),
        key.unit,
        _allowed(key),
        documented,
        key.grade,
        words,
        key.source,
    )


def _default(policy: str, key: Key) -> str:
    if key.required:
        return "required"
    if isinstance(key.default, list):
        return ", ".join(map(_shown, key.default))
    if key.default is not None:
        return _shown(key.default)
    unset = unset_meaning(policy, key.path[-1])
    return f"none: {unset.en}" if unset else "none"


def _allowed(key: Key) -> str:
    kind = label(f"kind.{key.kind}", "en")
    if key.allowed:
        return f"{kind}: {', '.join(key.allowed)}"
    low, high = (None if end is None else _shown(end) for end in (key.low, key.high))
    bounds = interval_words(low, high, key.low_open, "en")
    return ", ".join([kind, *bounds])


def _ends(low: float | None, high: float | None) -> str:
    return " to ".join(_shown(end) for end in (low, high) if end is not None)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, (int, float)) else str(value)


def main(arguments: Sequence[str]) -> None:
    """Write the page to the path given, or into the repository's docs."""
    target = Path(arguments[0]) if arguments else PAGE
    target.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
