"""Small studies, and what was recorded of them in a form that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.experiments.engines.engine import Stop, Work
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, run_identity, write_plan
from sim.experiments.store import read_store

JOBS = "tests.experiments.jobs"


def plan(task: str, payloads: Iterable[Mapping[str, Any]], **shared: Any) -> Plan:
    """A plan whose points are the numbers of the payloads."""
    task = f"{JOBS}:{task}"
    runs = (
        Run(run_identity(task, shared, payload), {"number": number}, 0, payload)
        for number, payload in enumerate(payloads)
    )
    return Plan(task, tuple(runs), shared, {"name": "a study"})


def study(folder: Path, task: str, payloads: Iterable[Mapping[str, Any]], **shared: Any) -> Plan:
    """A plan that is written into a folder."""
    made = plan(task, payloads, **shared)
    write_plan(folder, made)
    return made


def squares(count: int, seconds: float = 0.0) -> list[dict[str, Any]]:
    return [{"x": x, "seconds": seconds} for x in range(count)]


def outcomes(folder: Path) -> dict[str, Outcome]:
    """What counts of each run, by identity."""
    store = read_store(folder)
    return {outcome.identity: outcome for outcome in store.outcomes(store.entries.values())}


def results(folder: Path) -> dict[str, tuple[object, ...]]:
    """What does not depend on who made the runs and when."""
    return {
        identity: (one.ok, dict(one.values), one.digest, dict(one.platform), one.failure and one.failure.type)
        for identity, one in outcomes(folder).items()
    }


class FakeEngine:
    """Yields what it is told to; counts the runs that it was asked for."""

    def __init__(self, make: Callable[[Run], Outcome]) -> None:
        self.make = make
        self.asked: list[str] = []
        self.closed = False

    def outcomes(self, work: Work, stop: Stop) -> Generator[Outcome]:
        try:
            for run in work.runs:
                self.asked.append(run.identity)
                yield self.make(run)
        finally:
            self.closed = True
