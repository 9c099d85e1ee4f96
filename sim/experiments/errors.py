"""What can be wrong with a study, said in both languages."""

from __future__ import annotations

from sim.errors import Interrupted, UserError


class StudyError(UserError):
    """A study's folder or plan cannot be taken as it is."""


class StudyStopped(Interrupted):
    """The user stopped a study.

    Attributes:
        recorded: Runs that were recorded before it stopped, those of earlier executions included.
        total: Runs that were to be there at the end.
    """

    def __init__(self, message: str, recorded: int, total: int) -> None:
        super().__init__(message)
        self.recorded = recorded
        self.total = total
