"""The scenarios that a plan's runs simulate; tasks that this package does not know simulate none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sim.experiments import market_run, replication
from sim.experiments.plan import Plan, Run
from sim.experiments.replication import load_all, planned_scenarios
from sim.scenario import Scenario


def sources_of(plan: Plan, run: Run) -> Sequence[dict[str, Any]]:
    """Return where the scenarios of a run come from, as its task is told."""
    given = {**plan.shared, **run.payload}
    if plan.task == replication.TASK:
        return list(given["scenarios"])
    return [given["scenario"]] if plan.task == market_run.TASK else []


def heaviest(plan: Plan) -> list[Scenario]:
    """Return the scenarios of the run that costs most.

    Raises:
        ScenarioError: A file can no longer be read so.
    """
    run = max(plan.runs, key=lambda run: run.cost, default=None)
    return [] if run is None else load_all(sources_of(plan, run))


def check_unchanged(plan: Plan, runs: Iterable[Run]) -> None:
    """Refuse runs whose scenarios are no longer those of the plan, asking one run for each file.

    Raises:
        StudyError, ScenarioError: A scenario has changed, or can no longer be read.
    """
    asked: set[tuple[str, ...]] = set()
    for run in runs:
        sources = sources_of(plan, run)
        files = tuple(source["file"] for source in sources)
        if sources and files not in asked:
            asked.add(files)
            planned_scenarios(sources, run.payload["seed"], _identities(run))


def _identities(run: Run) -> Sequence[str]:
    """Return which runs of the market a run of a study is made of, where its payload says so."""
    given = run.payload
    return list(given["runs"]) if "runs" in given else [given["run"]] if "run" in given else []
