"""What every engine is: runs go in, outcomes come out, in whatever order they end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sim.experiments.outcome import Outcome
from sim.experiments.plan import Run

Stop = Callable[[], bool]
"""Says whether the user wants the work to end now."""


@dataclass(frozen=True)
class Work:
    """What an engine is asked to do.

    Attributes:
        task: What makes a run, as ``package.module:function``.
        shared: What the payloads of all runs have in common.
        runs: The runs, in the order in which they should be begun.
    """

    task: str
    shared: Mapping[str, Any]
    runs: tuple[Run, ...]


class Engine(Protocol):
    """Makes runs. It writes nothing: the caller records what it yields."""

    def outcomes(self, work: Work, stop: Stop) -> Generator[Outcome]:
        """Yield exactly one outcome for each run, as it ends; fewer only if `stop` says so.

        Closing the generator ends everything that it has begun.

        Raises:
            StudyError: No run can be made at all, because the task cannot be loaded.
        """
