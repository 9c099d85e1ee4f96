"""What a comparison makes of its replications: families of outcomes, what is missing, and when nothing is decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.experiments.compared import ABOUT, FEWEST_FOR_VERDICT, Compared, Row, analyse
from sim.experiments.engines.engine import Work
from sim.experiments.execute import execute
from sim.experiments.outcome import Failure, Outcome
from sim.experiments.plan import Plan, Run, run_identity, write_plan
from sim.experiments.statistics import Verdict, simultaneous_intervals
from tests.experiments.studies import FakeEngine

ABOUT_PLAN = {
    "names": [{"en": "a", "zh": "甲"}, {"en": "b", "zh": "乙"}, {"en": "c", "zh": "丙"}],
    "from_date": "2026-01-01",
    "to_date": "2026-02-01",
    "scale": 0.01,
}


def made(folder: Path, values: list[dict[str, Any] | None]) -> Compared:
    """A comparison of three worlds whose replications gave these values; None is a failure."""
    runs = tuple(
        Run(run_identity("r", {}, {"n": n}), {"comparison": "all"}, n, {}) for n in range(len(values))
    )
    plan = Plan("tests.experiments.jobs:square", runs, {"scenarios": []}, ABOUT_PLAN)
    by_identity = dict(zip((run.identity for run in runs), values, strict=True))

    def outcome(run: Run) -> Outcome:
        found = by_identity[run.identity]
        if found is None:
            return Outcome(run.identity, failure=Failure("simulate", "ValueError", "no market"))
        return Outcome(run.identity, found, "d", notes={"budgets": [None, None, None]})

    write_plan(folder, plan)
    execute(folder, FakeEngine(outcome))
    return analyse(plan, folder)


def worlds(name: str, *values: float | None) -> dict[str, float | None]:
    return {f"{world}/{name}": value for world, value in enumerate(values)}


def row(found: Compared, policy: int, outcome: str) -> Row:
    return next(one for one in found.rows if (one.policy, one.outcome) == (policy, outcome))


def paired(count: int, spread: float) -> list[dict[str, Any] | None]:
    """Fill rates that rise by 0.1 under the first policy, give or take the spread, and not at all under the second."""
    return [worlds("fill_rate/city/all", 0.5, 0.6 + spread * (-1) ** n, 0.5) for n in range(count)]


def test_few_replications_decide_nothing(tmp_path: Path) -> None:
    few = made(tmp_path / "few", paired(FEWEST_FOR_VERDICT - 1, 1e-6))
    enough = made(tmp_path / "enough", paired(FEWEST_FOR_VERDICT, 1e-6))
    assert row(few, 1, "fill_rate").together.low > 0.0
    assert row(few, 1, "fill_rate").verdict is Verdict.NOT_DECIDED
    assert row(enough, 1, "fill_rate").verdict is Verdict.BETTER


def test_equal_differences_do_not_decide_and_none_at_all_is_none(tmp_path: Path) -> None:
    found = made(tmp_path, [worlds("residents/city/all", 10.0, 11.0, 10.0)] * 8)
    assert row(found, 1, "residents").difference.half_width == 0.0
    assert row(found, 1, "residents").verdict is Verdict.NOT_DECIDED
    assert row(found, 2, "residents").verdict is Verdict.NO_DIFFERENCE


def test_an_outcome_is_missing_under_the_policy_that_lacks_it_and_no_other(tmp_path: Path) -> None:
    values = paired(6, 0.01)
    values[3] = worlds("fill_rate/city/all", 0.5, 0.6, None)
    found = made(tmp_path, values)
    assert found.missing == {1: (), 2: ("fill_rate/city/all",)}
    assert [one.policy for one in found.rows] == [1]
    about = json.loads((tmp_path / ABOUT).read_text(encoding="utf-8"))
    assert about["not_observed_everywhere"] == {"1": [], "2": ["fill_rate/city/all"]}


def test_main_outcomes_and_others_hold_together_among_themselves(tmp_path: Path) -> None:
    # "fill_rate" and "wait" are shown unasked, "certified_share" is not.
    values: list[dict[str, Any] | None] = [
        {
            **worlds("fill_rate/city/all", 0.5, 0.6 + 0.01 * n, 0.5),
            **worlds("wait/city/all", 1.0, 1.0 + 0.1 * (n % 3), 1.0),
            **worlds("certified_share/city/all", 0.2, 0.2 + 0.01 * (n % 4), 0.2),
        }
        for n in range(8)
    ]
    found = made(tmp_path, values)
    alone = row(found, 1, "certified_share")
    assert alone.together == alone.difference
    table = [[0.1 + 0.01 * n, 0.1 * (n % 3)] for n in range(8)]
    expected = simultaneous_intervals(table, 0.95, "bonferroni")
    assert row(found, 1, "fill_rate").together.half_width == pytest.approx(expected[0].half_width)


def test_failures_are_counted_and_the_first_is_told(tmp_path: Path) -> None:
    found = made(tmp_path, [*paired(6, 0.01), None])
    assert found.failed == 1
    assert found.first_failure == "simulate: ValueError: no market"


def test_results_that_disagree_are_told(tmp_path: Path) -> None:
    made(tmp_path, paired(6, 0.01))
    again = FakeEngine(
        lambda run: Outcome(run.identity, worlds("fill_rate/city/all", 0.5, 0.9, 0.5), "other")
    )
    plan = _recorded_anew(tmp_path, again)
    assert analyse(plan, tmp_path).conflicts == 1


def _recorded_anew(folder: Path, engine: FakeEngine) -> Plan:
    """Record the first replication a second time, as another machine would have."""
    from sim.experiments.journal import Journal
    from sim.experiments.plan import read_plan

    plan = read_plan(folder)
    with Journal(folder) as journal:
        for outcome in engine.outcomes(Work(plan.task, plan.shared, plan.runs[:1]), lambda: False):
            journal.append(outcome)
    return plan
