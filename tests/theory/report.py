"""Print what theory says beside what the engine finds: ``python -m tests.theory.report [long|short] [--all]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from tests.theory import cases, observe
from tests.theory.cases import Case, Check

FAMILIES = {"long": cases.LONG, "short": cases.SHORT}
HEAD = ("queue", "outcome", "theory", "engine", "half-width")
RESULTS = (*observe.RATIOS, "utilisation")


def main() -> None:
    """Run a family of cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=FAMILIES, nargs="?", default="long")
    parser.add_argument(
        "--all", action="store_true", help="a line for every check, inputs and all states included"
    )
    given = parser.parse_args()
    family = FAMILIES[given.family]
    for text in table(family, given.all):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def table(family: Sequence[Case], everything: bool) -> Iterator[str]:
    """Yield the rows of a Markdown table, case by case as the runs end."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|" + "---|" * len(HEAD)
    for case in family:
        checks = cases.checks_of(case, family, cases.log_of(case))
        for cells in map(line, checks) if everything else summary(checks):
            yield f"| {case.name} | {' | '.join(cells)} |"
    yield ""
    alarm = f"{cases.FAMILY_FALSE_ALARM:g}"
    yield f"{cases.checks_in_family(family)} checks; false alarm of all together at most {alarm}."


def summary(checks: Sequence[Check]) -> Iterator[tuple[str, ...]]:
    """Yield the main results and, for the states, the one that lies furthest off."""
    yield from (line(check) for check in checks if check.outcome in RESULTS)
    states = [check for check in checks if check.outcome.startswith(observe.STATE)]
    furthest = max(states, key=lambda check: abs(check.engine.mean / check.theory - 1.0))
    yield f"{furthest.outcome}, furthest off of {len(states)}", *line(furthest)[1:]


def line(check: Check) -> tuple[str, ...]:
    """Return one check as texts."""
    mark = "" if check.holds else " (outside)"
    found = f"{check.engine.mean:.5g}{mark}"
    return check.outcome, f"{check.theory:.5g}", found, f"{100 * check.precision:.1f}%"


if __name__ == "__main__":
    main()
