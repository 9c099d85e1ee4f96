"""The serial engine: one run after the other in this process. What the others give must equal what this one gives."""

from __future__ import annotations

from collections.abc import Generator

from sim.experiments.attempt import Task, attempt, load_task
from sim.experiments.engines.engine import Stop, Work
from sim.experiments.errors import StudyError
from sim.experiments.outcome import Outcome, outcome_of
from sim.records.refusal import refusal


class SerialEngine:
    """Makes runs in this process, for debugging and for small studies.

    A run that hangs or kills its process takes the study with it; a wish to stop is heard between runs.
    """

    def outcomes(self, work: Work, stop: Stop) -> Generator[Outcome]:
        """Yield the outcome of each run in turn.

        Raises:
            StudyError: The task cannot be loaded.
        """
        task = _load(work.task)
        for run in work.runs:
            if stop():
                return
            yield outcome_of(run.identity, 1, attempt(task, {**work.shared, **run.payload}))


def _load(name: str) -> Task:
    try:
        return load_task(name)
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise refusal(StudyError, "study_task_broken", name, problem=problem) from error
