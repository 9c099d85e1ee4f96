"""How far a study has come, told to whoever shows it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Tally:
    """How far an execution has come.

    Attributes:
        total: Runs that shall be there at the end.
        found: Of these, recorded by earlier executions.
        done: Made by this execution with a result.
        failed: Made by this execution, failed.
        seconds: Wall time of this execution.
        remaining_s: Wall time that the rest will take at this pace, by the plan's costs; None before the first run has
            ended.
    """

    total: int
    found: int
    done: int
    failed: int
    seconds: float
    remaining_s: float | None

    @property
    def rate_per_s(self) -> float:
        """Runs that end in a second."""
        return (self.done + self.failed) / self.seconds if self.seconds > 0 else 0.0


class Progress(Protocol):
    """Is told how far an execution has come: at its begin and whenever a run has ended."""

    def __call__(self, tally: Tally) -> None:
        """Hear it."""


def unseen(tally: Tally) -> None:
    """Show nothing."""
    del tally


class Counter:
    """Counts the runs of an execution.

    Args:
        total: Runs that shall be there at the end.
        found: Of these, those that are there already.
        cost: Sum of the costs of the others.
    """

    def __init__(self, total: int, found: int, cost: float) -> None:
        self._total, self._found, self._cost = total, found, cost
        self._done = self._failed = 0
        self._spent = 0.0
        self._begun = time.monotonic()

    def count(self, cost: float, *, ok: bool) -> None:
        """Count a run that has ended."""
        self._done += ok
        self._failed += not ok
        self._spent += cost

    def tally(self) -> Tally:
        """How far it is now."""
        seconds = time.monotonic() - self._begun
        left = None if self._spent == 0.0 else seconds * (self._cost - self._spent) / self._spent
        return Tally(self._total, self._found, self._done, self._failed, seconds, left)
