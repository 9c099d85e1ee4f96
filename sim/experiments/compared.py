"""What a comparison has shown: a row for each outcome of each policy, as objects and as files in its folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments import treated
from sim.experiments.errors import StudyError
from sim.experiments.layout import replacing
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan
from sim.experiments.sequential import Look
from sim.experiments.statistics import (
    Interval,
    Verdict,
    paired_difference,
    simultaneous_intervals,
    verdict,
)
from sim.experiments.statistics.simultaneous import Together
from sim.experiments.store import read_store
from sim.records.indicators import INDICATORS
from sim.records.refusal import refusal

if TYPE_CHECKING:
    import pandas as pd

FILE = "comparison.csv"
ABOUT = "comparison.json"
FEWEST = 2
FEWEST_FOR_MAX_T = 20
MOST_FOR_MAX_T = 50
"""Outcomes at once up to which max-t was measured to hold, see docs/statistics.md."""
CONFIDENCE = 0.95
FEWEST_FOR_VERDICT = 5
"""Replications below which nothing is called decided: a spread that so few show says next to nothing."""


@dataclass(frozen=True)
class Row:
    """One outcome of one policy beside the baseline.

    Attributes:
        policy: Number of the scenario, from 1.
        outcome, scope, group: Which outcome, of whom.
        unit: Its unit.
        replications: Pairs in which it was observed.
        baseline, value: Means in the baseline's and in the policy's world.
        difference: Interval by itself.
        together: Interval that holds at once for all main outcomes of the same scope, or for all others of it.
        verdict: In words, from the interval that holds at once.
        variance_ratio: How many times fewer replications pairing needs; None where nothing varies.
    """

    policy: int
    outcome: str
    scope: str
    group: str
    unit: str
    replications: int
    baseline: float
    value: float
    difference: Interval
    together: Interval
    verdict: Verdict
    variance_ratio: float | None


@dataclass(frozen=True)
class Budget:
    """How a policy's public money was used, over all replications.

    Attributes:
        policy: Number of the scenario, from 1.
        replications: In how many the world of the policy had a limited budget.
        spent_share: Share of it that was spent or reserved at the end, on average.
        used_up: In how many replications nothing of it was left at the end.
    """

    policy: int
    replications: int
    spent_share: float
    used_up: int


@dataclass(frozen=True)
class Compared:
    """A finished comparison.

    Attributes:
        folder: Where it lies.
        titles: The scenarios' names in both languages, the baseline's first.
        rows: All outcomes.
        from_date, to_date: First and last measured day.
        scale: Share of the region that was simulated.
        failed: Replications that failed.
        missing: By policy the outcomes left out because some replication did not observe them in both worlds.
        seconds_saved: Wall time that simulating the common past once has saved, all replications together.
        budgets: Of each policy whose public money is limited, how much of it was used.
        look: What the last look at a precision target has shown; None where there was none.
        first_failure: What the first failed replication said; "" where none failed.
        conflicts: Replications that were recorded twice with different results on one platform.
        damages: Places of the journals that could not be read.
    """

    folder: Path
    titles: tuple[Mapping[str, str], ...]
    rows: tuple[Row, ...]
    from_date: str
    to_date: str
    scale: float
    failed: int
    missing: Mapping[int, tuple[str, ...]]
    seconds_saved: float
    budgets: tuple[Budget, ...] = ()
    look: Look | None = None
    first_failure: str = ""
    conflicts: int = 0
    damages: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios' names in English."""
        return tuple(title["en"] for title in self.titles)

    def __repr__(self) -> str:
        return f"Compared({str(self.folder)!r}: {' / '.join(self.names)}, {len(self.rows)} outcomes)"

    def table(self) -> pd.DataFrame:
        """Return all outcomes, a row each; the columns are those of ``comparison.csv``."""
        import pandas as pd

        return pd.read_csv(self.folder / FILE)


def analyse(plan: Plan, folder: Path, look: Look | None = None) -> Compared:
    """Say what the recorded replications of a comparison show, and write that down.

    Args:
        plan: The replications that count.
        folder: The comparison's folder.
        look: What the last look at the precision target has shown, if there is one.

    Raises:
        StudyError: Fewer than two replications have a result.
    """
    store = read_store(folder)
    wanted = {run.identity: run.replication for run in plan.runs}
    entries = [entry for identity, entry in store.entries.items() if identity in wanted]
    outcomes = sorted(
        (outcome for outcome in store.outcomes(entries)), key=lambda outcome: wanted[outcome.identity]
    )
    good = [outcome for outcome in outcomes if outcome.ok]
    failed = len(outcomes) - len(good)
    first = _first_failure(outcomes)
    if len(good) < FEWEST:
        gap = f" ({first})" if first else ""
        raise refusal(StudyError, "comparison_too_few", folder, done=len(good), failed=failed, first=gap)
    names = plan.about["names"]
    policies = range(1, len(names))
    rows = [row for policy in policies for row in _rows(policy, good)]
    found = Compared(
        folder,
        tuple(names),
        tuple(rows),
        plan.about["from_date"],
        plan.about["to_date"],
        plan.about["scale"],
        failed,
        {policy: _missing(good, policy) for policy in policies},
        sum(_saved_s(outcome, len(names)) for outcome in good),
        tuple(budget for policy in policies if (budget := _budget(policy, good)) is not None),
        look,
        first,
        sum(one.identity in wanted for one in store.conflicts()),
        len(store.damages),
    )
    _write(found, plan)
    return found


def _first_failure(outcomes: Sequence[Outcome]) -> str:
    failure = next((outcome.failure for outcome in outcomes if outcome.failure is not None), None)
    return "" if failure is None else f"{failure.stage}: {failure.type}: {failure.message}"


def _saved_s(outcome: Outcome, worlds: int) -> float:
    """What the other worlds' pasts would have taken."""
    return float(outcome.timings.get("past_s", 0.0)) * (worlds - 1)


def _budget(policy: int, outcomes: Sequence[Outcome]) -> Budget | None:
    noted = [outcome.notes["budgets"][policy] for outcome in outcomes]
    limited = [one for one in noted if one is not None]
    if not limited:
        return None
    share = sum(one["spent_share"] for one in limited) / len(limited)
    return Budget(policy, len(limited), share, sum(one["used_up"] for one in limited))


def _rows(policy: int, outcomes: Sequence[Outcome]) -> list[Row]:
    families: dict[tuple[str, bool], list[str]] = {}
    for name in outcomes[0].values:
        world, rest = name.split("/", 1)
        if world == "0" and all(_both(one, policy, rest) for one in outcomes):
            outcome, scope, _ = rest.split("/", 2)
            families.setdefault((scope, is_main(outcome)), []).append(rest)
    return [row for names in families.values() for row in _family_rows(policy, names, outcomes)]


def is_main(outcome: str) -> bool:
    """Return whether an outcome is shown without being asked for."""
    return outcome not in INDICATORS or INDICATORS[outcome].main


def _missing(outcomes: Sequence[Outcome], policy: int) -> tuple[str, ...]:
    """Return the outcomes that some replication did not observe in the baseline or under the policy."""
    seen = {name.split("/", 1)[1] for outcome in outcomes for name in outcome.values}
    return tuple(sorted(name for name in seen if not all(_both(one, policy, name) for one in outcomes)))


def _both(outcome: Outcome, policy: int, name: str) -> bool:
    return all(outcome.values.get(f"{world}/{name}") is not None for world in (0, policy))


def _family_rows(policy: int, names: Sequence[str], outcomes: Sequence[Outcome]) -> list[Row]:
    worlds = [
        np.array([[one.values[f"{world}/{name}"] for name in names] for one in outcomes], np.float64)
        for world in (0, policy)
    ]
    # The bootstrap behind max-t needs some replications to see how outcomes move together; below, it is too narrow.
    enough = len(outcomes) >= FEWEST_FOR_MAX_T and len(names) <= MOST_FOR_MAX_T
    way: Together = "max_t" if enough else "bonferroni"
    together = simultaneous_intervals(worlds[1] - worlds[0], CONFIDENCE, way)
    rows = []
    for column, name in enumerate(names):
        outcome, scope, group = name.split("/", 2)
        pair = paired_difference(worlds[0][:, column], worlds[1][:, column], CONFIDENCE)
        ratio = pair.variance_ratio
        rows.append(
            Row(
                policy, outcome, scope, group, unit_of(outcome), pair.replications, pair.baseline, pair.policy,
                pair.difference, together[column], _verdict(together[column], outcome, pair.replications),
                None if ratio is None else ratio.estimate,
            )
        )  # fmt: skip
    return rows


def _verdict(interval: Interval, outcome: str, replications: int) -> Verdict:
    """Return what an interval says; equal differences show a difference, but not how far it can be trusted."""
    unsure = replications < FEWEST_FOR_VERDICT or interval.half_width == 0.0
    if unsure and (interval.estimate != 0.0 or interval.half_width > 0.0):
        return Verdict.NOT_DECIDED
    return verdict(interval, better_of(outcome))


def unit_of(outcome: str) -> str:
    """Return an outcome's unit."""
    return treated.UNITS.get(outcome) or INDICATORS[outcome].unit


def better_of(outcome: str) -> Any:
    """Return which direction of an outcome is better for people."""
    return treated.BETTER.get(outcome) or INDICATORS[outcome].better


COLUMNS = (
    "policy", "outcome", "scope", "group", "unit", "replications", "baseline", "value", "difference", "low", "high",
    "low_together", "high_together", "verdict", "variance_ratio",
)  # fmt: skip


def _write(found: Compared, plan: Plan) -> None:
    with replacing(found.folder / FILE) as path, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_cells(row) for row in found.rows)
    with replacing(found.folder / ABOUT) as path:
        text = json.dumps(about(found, plan), ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")


def _cells(row: Row) -> tuple[object, ...]:
    return (
        row.policy, row.outcome, row.scope, row.group, row.unit, row.replications, row.baseline, row.value,
        row.difference.estimate, row.difference.low, row.difference.high, row.together.low, row.together.high,
        row.verdict.value, "" if row.variance_ratio is None else row.variance_ratio,
    )  # fmt: skip


def about(found: Compared, plan: Plan) -> dict[str, Any]:
    """Return what a reader must know beside the rows: what was compared, how, and with what chance."""
    return {
        **plan.about,
        "scenarios": plan.shared["scenarios"],
        "not_observed_everywhere": {str(policy): list(names) for policy, names in found.missing.items()},
        "replications": max((row.replications for row in found.rows), default=0),
        "failed": found.failed,
        "first_failure": found.first_failure,
        "conflicts": found.conflicts,
        "damages": found.damages,
        "confidence": CONFIDENCE,
        "seconds_saved": found.seconds_saved,
        "budgets": [asdict(budget) for budget in found.budgets],
        "look": None if found.look is None else asdict(found.look),
    }


def record(found: Compared) -> dict[str, Any]:
    """Return a comparison as JSON values: what ``comparison.json`` says, and the rows."""
    content: dict[str, Any] = json.loads((found.folder / ABOUT).read_text(encoding="utf-8"))
    return {"folder": str(found.folder), **content, "rows": [asdict(row) for row in found.rows]}
