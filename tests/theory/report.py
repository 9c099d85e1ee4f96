"""Print what theory says beside what the engine finds: ``python -m tests.theory.report [long|short] [--states]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from tests.theory import cases, observe
from tests.theory.cases import Case, Check

FAMILIES = {"long": cases.LONG, "short": cases.SHORT}
HEAD = ("queue", "outcome", "theory", "engine", "half-width")


def lines(case: Case, checks: Sequence[Check], all_states: bool) -> Iterator[tuple[str, ...]]:
    """Yield a case's lines; unless all states are wanted, one line stands for the state that lies furthest off."""
    states = [check for check in checks if check.outcome.startswith(observe.STATE)]
    others = [check for check in checks if check not in states]
    for check in others + states * all_states:
        yield line(case, check, check.outcome)
    if not all_states:
        worst = max(states, key=lambda check: abs(check.engine.mean / check.theory - 1.0))
        number = worst.outcome.removeprefix(observe.STATE)
        yield line(case, worst, f"of {len(states)} states, the furthest off: {number}")


def line(case: Case, check: Check, name: str) -> tuple[str, ...]:
    """Return one check as texts."""
    mark = "" if check.holds else " (outside)"
    return (
        case.name, name, f"{check.theory:.5g}", f"{check.engine.mean:.5g}{mark}", f"{100 * check.precision:.1f}%",
    )  # fmt: skip


def table(family: Sequence[Case], all_states: bool) -> Iterator[str]:
    """Yield the rows of a Markdown table, case by case as the runs end."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|" + "---|" * len(HEAD)
    for case in family:
        checks = cases.checks_of(case, family, cases.log_of(case))
        for cells in lines(case, checks, all_states):
            yield f"| {' | '.join(cells)} |"


def main() -> None:
    """Run a family of cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=FAMILIES, nargs="?", default="long")
    parser.add_argument("--states", action="store_true", help="a line for every state")
    given = parser.parse_args()
    family = FAMILIES[given.family]
    for text in table(family, given.states):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    total = cases.checks_in_family(family)
    sys.stdout.write(f"\n{total} checks, false alarm of all together at most {cases.FAMILY_FALSE_ALARM:g}\n")


if __name__ == "__main__":
    main()
