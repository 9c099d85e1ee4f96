"""Make the runs of a study that are not recorded yet. The caller's process is the only one that writes."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sim.experiments.engines.engine import Engine, Stop, Work
from sim.experiments.errors import StudyError, StudyStopped
from sim.experiments.journal import Journal
from sim.experiments.lock import PART_OF, WHOLE, StudyLock
from sim.experiments.plan import Plan, Run, read_plan
from sim.experiments.planned import check_unchanged
from sim.experiments.progress import Counter, Progress, Tally, unseen
from sim.experiments.scratch import scratch
from sim.experiments.stopping import stop_requested
from sim.experiments.store import Store, read_store
from sim.records.refusal import refusal
from sim.scenario.faults import words


@dataclass(frozen=True)
class Part:
    """A share of a plan, for one of several processes that make a study together.

    Attributes:
        number: Which share, from 1.
        of: How many shares there are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}{PART_OF}{self.of}"

    def runs(self, plan: Plan) -> tuple[Run, ...]:
        """Every `of`-th run of the plan; a plan that grows leaves the shares of the old runs as they were."""
        return plan.runs[self.number - 1 :: self.of]


def execute(
    folder: Path,
    engine: Engine,
    *,
    part: Part | None = None,
    retry_failed: bool = False,
    progress: Progress = unseen,
    lock: StudyLock | None = None,
    stop: Stop | None = None,
) -> Tally:
    """Make the missing runs of a study, long ones first, and record each as it ends.

    Args:
        folder: The study's folder, with a plan in it.
        engine: What makes the runs.
        part: The share of the plan that is to be made; all of it if not given.
        retry_failed: Whether runs whose record is a failure are made again.
        progress: Is told how far it is.
        lock: The whole study's, if the caller goes on working on it; where nothing is missing, none is taken.
        stop: Says whether the user wants to stop, if the caller goes on hearing that; else signals are heard here.

    Raises:
        StudyError: There is no sound plan, a scenario is no longer the one that was planned, or another process is
            making the same runs.
        StudyStopped: The user interrupted; what has ended is recorded.
        OutputError: The system refuses to write; what was recorded is unharmed.
    """
    if part is not None and not 1 <= part.number <= part.of:
        raise refusal(StudyError, "study_part", folder, found=part)
    job = _Job.read(folder, part, retry_failed=retry_failed)
    with StudyLock(folder, WHOLE if part is None else str(part)) as own:
        if job.missing and (lock or own).take():
            job = _Job.read(folder, part, retry_failed=retry_failed)
        check_unchanged(job.plan, job.missing)
        hearing = stop_requested() if stop is None else nullcontext(stop)
        with hearing as wish:
            return _execute(folder, engine, job, progress, wish)


def _wanted(run: Run, store: Store, *, retry_failed: bool) -> bool:
    entry = store.entries.get(run.identity)
    return entry is None or (retry_failed and not entry.ok)


@dataclass(frozen=True)
class _Job:
    """What one execution has to do: the runs that it answers for, those that are missing, what is recorded."""

    plan: Plan
    runs: tuple[Run, ...]
    missing: list[Run]
    store: Store

    @classmethod
    def read(cls, folder: Path, part: Part | None, *, retry_failed: bool) -> Self:
        """What there is to do in a folder just now."""
        plan, store = read_plan(folder), read_store(folder)
        runs = plan.runs if part is None else part.runs(plan)
        missing = [run for run in runs if _wanted(run, store, retry_failed=retry_failed)]
        return cls(plan, runs, missing, store)

    def counter(self) -> Counter:
        found = len(self.runs) - len(self.missing)
        return Counter(len(self.runs), found, sum(run.cost for run in self.missing))

    def attempts(self, identity: str) -> int:
        """How often a run had been tried before this execution."""
        entry = self.store.entries.get(identity)
        return entry.attempt if entry is not None else 0


def _execute(folder: Path, engine: Engine, job: _Job, progress: Progress, stop: Stop) -> Tally:
    counter = job.counter()
    progress(counter.tally())
    if not job.missing:
        return counter.tally()
    costs = {run.identity: run.cost for run in job.missing}
    work = Work(job.plan.task, job.plan.shared, tuple(sorted(job.missing, key=lambda run: -run.cost)))
    with Journal(folder) as journal, scratch(), closing(engine.outcomes(work, stop)) as outcomes:
        for outcome in outcomes:
            attempt = outcome.attempt + job.attempts(outcome.identity)
            journal.append(replace(outcome, attempt=attempt))
            counter.count(costs.pop(outcome.identity), ok=outcome.ok)
            progress(counter.tally())
        if costs and stop():
            raise stopped(len(job.runs) - len(costs), len(job.runs))
    return counter.tally()


def stopped(recorded: int, total: int) -> StudyStopped:
    """Return what is raised when the user stops a study."""
    details = {"recorded": recorded, "total": total}
    return StudyStopped(words("study_stopped", details.items()), recorded, total)
