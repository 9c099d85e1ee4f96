"""A sweep on disk: plan it, make it, and, where it has a precision target, go on until its differences are precise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.experiments.design import grown, plan_study
from sim.experiments.engines.engine import Engine
from sim.experiments.execute import execute
from sim.experiments.lock import StudyLock
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Written, plan_before, read_plan, write_plan
from sim.experiments.points import Place, place_of, references
from sim.experiments.progress import Progress, unseen
from sim.experiments.sequential import Heard, Look, Measured, PrecisionTarget, execute_until_precise, unheard


def plan_sweep(file: str | Path, folder: Path, *, replace: bool = False) -> Written:
    """Write the plan of a study file into a folder, with the replications that a precision target has asked for so far.

    Raises:
        StudyError, ScenarioError: As :func:`~sim.experiments.design.plan_study` and
            :func:`~sim.experiments.plan.write_plan`.
    """
    plan = plan_study(file)
    if plan.about["precision"] is not None and not replace:
        planned = (*plan.runs, *plan_before(folder).runs)
        plan = grown(plan, max(run.replication for run in planned) + 1)
    return write_plan(folder, plan, replace=replace)


def make_sweep(
    folder: Path,
    engine: Engine,
    *,
    retry_failed: bool = False,
    progress: Progress = unseen,
    heard: Heard = unheard,
) -> Look | None:
    """Make what is missing of a planned sweep; return the last look at its precision, if it has a target.

    Raises:
        StudyError, StudyStopped: As :func:`~sim.experiments.sequential.execute_until_precise`.
    """
    read_plan(folder)  # where there is no study, nothing is locked
    with StudyLock(folder) as lock:
        lock.take()
        plan = read_plan(folder)
        target = PrecisionTarget.of(plan.about.get("precision"))
        how: dict[str, Any] = {"retry_failed": retry_failed, "progress": progress, "lock": lock}
        if target is None:
            execute(folder, engine, **how)
            return None
        return execute_until_precise(folder, engine, Sweep(plan, target), heard=heard, **how)


@dataclass(frozen=True)
class Sweep:
    """A planned sweep with a precision target.

    The reference of a point is the first of the plan with the same uncertainties, so the first value of each lever;
    of a list, its first point. Where nothing is compared (one point, or uncertainties only), the means count.

    Attributes:
        planned: Its plan.
        target: How precise it shall be.
    """

    planned: Plan
    target: PrecisionTarget

    def plan(self, replications: int) -> Plan:
        """Return the plan with at least so many replications."""
        return grown(self.planned, replications)

    def measured(self, plan: Plan, recorded: Mapping[str, Outcome]) -> Measured:
        """Return differences to the reference points, a row each replication."""
        columns = [
            (place, reference, outcome)
            for place, reference in self._pairs(plan)
            for outcome in self.target.reach
        ]
        identities = {(place_of(run), run.replication): run.identity for run in plan.runs}
        count = max(run.replication for run in plan.runs) + 1
        places = list(references(plan))

        def row(number: int) -> list[float | None] | None:
            runs = {place: recorded.get(identities[place, number]) for place in places}
            found = {place: run.values for place, run in runs.items() if run is not None and run.ok}
            if len(found) < len(places):
                return None
            return [_difference(found, *column) for column in columns]

        return Measured(
            [f"{outcome} ({', '.join(map(str, place))})" for place, _, outcome in columns],
            [outcome for _, _, outcome in columns],
            [row(number) for number in range(count)],
        )

    def _pairs(self, plan: Plan) -> list[tuple[Place, Place | None]]:
        """Return each point that is compared, with its reference; all points, without, if none is."""
        found = references(plan)
        pairs: list[tuple[Place, Place | None]] = [
            (place, reference) for place, reference in found.items() if reference != place
        ]
        return pairs or [(place, None) for place in found]


def _difference(
    found: Mapping[Place, Mapping[str, float | None]], place: Place, reference: Place | None, outcome: str
) -> float | None:
    here = found[place].get(outcome)
    if reference is None:
        return here
    there = found[reference].get(outcome)
    return None if here is None or there is None else here - there
