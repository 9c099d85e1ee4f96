"""The one tree of exceptions, each with the exit status that the command line returns for it.

A user's mistake is a :class:`UserError` (status 2): the message names the place, what was wrong, what is allowed
and what to do. A broken invariant is an :class:`AuditError` (status 3): a fault of the simulator, never of the
user. Everything that derives from :class:`JiazhengError` is shown without a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass

EXIT_OK = 0
EXIT_FAILURE = 1
EXIT_USER_ERROR = 2
EXIT_AUDIT_FAILED = 3
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file or an option.

    Attributes:
        message: What was wrong, what is allowed, what to do.
        file: The file as the user named it, or "" for an option.
        line: Line in that file, from 1; 0 where it has none.
        path: Dotted path of the key, or "".
    """

    message: str
    file: str = ""
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class JiazhengError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = EXIT_FAILURE


class UserError(JiazhengError):
    """Something that the user wrote cannot be taken."""

    exit_code = EXIT_USER_ERROR

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class ScenarioError(UserError):
    """A scenario file or an override is not valid; ``faults`` lists all that was found."""


class DataError(UserError):
    """A data file (facts, region, names) is not valid."""


class UnknownFact(DataError, KeyError):
    """A dotted path names no fact."""

    def __str__(self) -> str:
        return str(self.args[0])


class ResourceError(UserError):
    """The run needs more memory or disk than can be had."""


class SavedStateError(UserError):
    """A saved run cannot be resumed here: damaged, of another model version, or of another scenario."""


class OutputError(UserError):
    """Results cannot be written where the user asked for them."""


class AuditError(JiazhengError):
    """An invariant of the simulation is broken; the message names the event and the rows."""

    exit_code = EXIT_AUDIT_FAILED


class Interrupted(JiazhengError):
    """The user stopped the run; what was finished has been saved."""

    exit_code = EXIT_INTERRUPTED
