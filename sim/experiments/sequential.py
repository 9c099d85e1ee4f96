"""Make a study's replications until its differences are known precisely enough, or its budget is used up.

The plan grows between the looks and is always in the folder before anything runs, so that a study which was interrupted
goes on where it was. What is decided depends on the recorded replications in their order alone: on another machine, or
with other numbers of processes, the same replications count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from sim.experiments import treated
from sim.experiments.engines.engine import Engine
from sim.experiments.errors import StudyError
from sim.experiments.execute import execute, stopped
from sim.experiments.lock import StudyLock
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, plan_before, replan
from sim.experiments.progress import Progress, unseen
from sim.experiments.statistics import Decision, PrecisionRule, Standing
from sim.experiments.statistics.precision import FIRST_STAGE
from sim.experiments.stopping import stop_requested
from sim.experiments.store import read_store
from sim.records.indicators import INDICATORS
from sim.records.refusal import refusal
from sim.scenario.faults import listed, near

PRECISION = "precision"
"""What a refusal of a target is said of."""
HANDFUL = 4
"""Fewest replications of a further stage, the budget permitting: one at a time would leave processors idle."""


@dataclass(frozen=True)
class PrecisionTarget:
    """How precise a study shall be.

    Attributes:
        reach: By outcome the farthest that the 95% interval of a difference may reach from the estimate, in the
            outcome's unit.
        budget: Most replications to make.
    """

    reach: Mapping[str, float]
    budget: int

    @classmethod
    def checked(cls, reach: Mapping[str, float], budget: int) -> Self:
        """Return a target of a comparison after a look at its outcomes and numbers.

        Raises:
            StudyError: An outcome is not known, a number is not above 0, the budget is below the first stage.
        """
        known = [*INDICATORS, *treated.UNITS]
        for name, farthest in reach.items():
            if name not in known:
                like = near(name, known)
                allowed = "" if like else listed(known)
                raise refusal(
                    StudyError, "precision_outcome", PRECISION, name=name, near=like, allowed=allowed
                )
            if not 0.0 < farthest < math.inf:
                raise refusal(StudyError, "precision_number", PRECISION, name=name, found=farthest)
        if budget < FIRST_STAGE:
            raise refusal(StudyError, "precision_budget", PRECISION, found=budget, least=FIRST_STAGE)
        return cls(dict(reach), budget)

    @classmethod
    def of(cls, content: Mapping[str, Any] | None) -> Self | None:
        """Return the target that a plan's ``about`` holds, if it holds one."""
        return None if content is None else cls(content["reach"], content["budget"])

    def content(self) -> dict[str, Any]:
        """Return the target as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Measured:
    """What the replications so far say about the outcomes that have a target.

    Attributes:
        names: What each column is, for readers.
        outcomes: Outcome of each column.
        rows: One row a replication, in their order; None for one in which a run failed. In a row, None where nothing
            was observed.
    """

    names: Sequence[str]
    outcomes: Sequence[str]
    rows: Sequence[Sequence[float | None] | None]


class Growing(Protocol):
    """A study that can be given more replications."""

    @property
    def target(self) -> PrecisionTarget:
        """How precise it shall be."""

    def plan(self, replications: int) -> Plan:
        """Return the plan with so many replications."""

    def measured(self, plan: Plan, recorded: Mapping[str, Outcome]) -> Measured:
        """Return what has been measured, from the recorded outcomes by identity."""


@dataclass(frozen=True)
class Look:
    """What a look at the replications has shown.

    Attributes:
        decision: Whether there are enough.
        made: Replications that are recorded.
        counted: The first of them which count: all until precision is reached, then those that reached it.
        projected: How many are needed in all, as far as can be seen now, if as many fail as until now.
        slowest: The difference that needs most; "" before two replications are whole.
        reach: How far its interval reaches from the estimate.
        target: How far it may.
    """

    decision: Decision
    made: int
    counted: int
    projected: int
    slowest: str = ""
    reach: float = math.inf
    target: float = math.inf


class Heard(Protocol):
    """Is told what a look has shown."""

    def __call__(self, look: Look, /) -> None:
        """Hear it."""


def unheard(look: Look) -> None:
    """Say nothing."""
    del look


def execute_until_precise(
    folder: Path,
    engine: Engine,
    study: Growing,
    *,
    retry_failed: bool = False,
    progress: Progress = unseen,
    heard: Heard = unheard,
    lock: StudyLock | None = None,
) -> Look:
    """Make replications until all targets are met or the budget is used up.

    Where more are recorded than the budget allows, the first ones are looked at and no more are made.

    Args:
        folder: The study's folder; made if needed.
        engine: What makes the runs.
        study: What is made.
        retry_failed: Whether runs whose record is a failure are made again, once.
        progress: Is told how far the current stage is.
        heard: Is told what each look has shown.
        lock: The whole study's, if the caller has it; else it is held from the first thing that is written to the end.

    Returns:
        The last look.

    Raises:
        StudyError: An outcome that has a target is not observed in any whole replication, or another process is working
            on the study.
        StudyStopped: The user interrupted; what has ended is recorded.
    """
    budget = study.target.budget
    count = min(max(FIRST_STAGE, replications_in(folder)), budget)
    with StudyLock(folder) as own, stop_requested() as stop:
        how: dict[str, Any] = {"progress": progress, "lock": lock or own, "stop": stop}
        while True:
            plan = study.plan(count)
            replan(folder, plan, lock=how["lock"])
            execute(folder, engine, retry_failed=retry_failed, **how)
            found = look_at(study.measured(plan, _recorded(folder)), study.target, folder)
            heard(found)
            if found.decision is Decision.ENOUGH or count >= budget:
                return found
            count, retry_failed = _next_count(found, budget), False
            if stop():  # what it came during was the last run of a stage, or no run at all
                raise stopped(len(plan.runs), len(study.plan(count).runs))


def replications_in(folder: Path) -> int:
    """Return how many replications of a study are recorded whole or in part; 0 where there is none."""
    entries = read_store(folder).entries
    planned = plan_before(folder).runs
    return max((run.replication + 1 for run in planned if run.identity in entries), default=0)


def look_at(measured: Measured, target: PrecisionTarget, folder: Path) -> Look:
    """Return what the replications so far show.

    Replications in which a run failed are left out.

    Raises:
        StudyError: Fewer than two are left, or one of them has not observed an outcome: then its difference is not
            shown either, since those that have observed it are no fair sample.
    """
    made = len(measured.rows)
    whole = [number for number, row in enumerate(measured.rows) if row is not None]
    _refuse_unobserved(measured, len(whole), folder)
    table = np.array([measured.rows[number] for number in whole], np.float64)
    rule = PrecisionRule(tuple(target.reach[name] for name in measured.outcomes), max(target.budget, 2))
    standing = rule.look(table)
    if standing.decision is Decision.ENOUGH:
        stop = int(rule.stops_at(table))
        return _said(rule.look(table[:stop]), measured, target, made, whole[stop - 1] + 1)
    spent = made >= target.budget
    decision = Decision.BUDGET_USED_UP if spent else Decision.GO_ON
    found = _said(standing, measured, target, made, made)
    return Look(**{**vars(found), "decision": decision})


def _said(standing: Standing, measured: Measured, target: PrecisionTarget, made: int, counted: int) -> Look:
    column = standing.slowest or 0
    interval = standing.intervals[column]
    allowed = target.reach[measured.outcomes[column]]
    projected = math.ceil(standing.projected * counted / standing.replications)
    return Look(standing.decision, made, counted, projected, measured.names[column], interval.reach, allowed)


def _refuse_unobserved(measured: Measured, whole: int, folder: Path) -> None:
    made = len(measured.rows)
    if whole < 2:
        raise refusal(StudyError, "precision_all_failed", folder, made=made, whole=whole)
    rows = [row for row in measured.rows if row is not None]
    names = [name for column, name in enumerate(measured.names) if any(row[column] is None for row in rows)]
    if names:
        raise refusal(StudyError, "precision_not_observed", folder, names=", ".join(names), made=made)


def _next_count(found: Look, budget: int) -> int:
    """Go half the way to what seems to be needed, and look again: projections from few replications are rough."""
    half = math.ceil((min(found.projected, budget) - found.made) / 2)
    return min(found.made + max(half, HANDFUL), budget)


def _recorded(folder: Path) -> dict[str, Outcome]:
    store = read_store(folder)
    return {outcome.identity: outcome for outcome in store.outcomes(store.entries.values())}
