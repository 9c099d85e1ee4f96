"""What an engine hands over for a run: what it gave, or how it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Failure:
    """How a run failed.

    Attributes:
        stage: What it was doing, as the task itself says (``set_up``, ``simulate`` ...).
        type: Name of the exception, or ``WorkerDied``, ``TimedOut``.
        message: What it said.
        traceback: Where; for a dead worker the last lines that it wrote to stderr.
    """

    stage: str
    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class Outcome:
    """A run that has ended.

    Attributes:
        identity: Which run.
        values: Number, or None for "nothing observed", by outcome.
        digest: Digest of the whole result; equal for equal identities on one platform.
        platform: What may change the last bits of a result.
        timings: Seconds: ``wall_s`` and ``cpu_s``, and what the task measured itself.
        notes: Anything else that the task wants to be kept, as JSON values.
        attempt: How often it has been tried, this time included.
        failure: How it failed; None if it did not.
    """

    identity: str
    values: Mapping[str, float | None] = field(default_factory=dict)
    digest: str = ""
    platform: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    failure: Failure | None = None

    @property
    def ok(self) -> bool:
        """Whether the run gave a result."""
        return self.failure is None


def outcome_of(identity: str, attempt: int, reply: Mapping[str, Any]) -> Outcome:
    """The outcome that :func:`sim.experiments.attempt.attempt` describes in plain JSON values."""
    content = dict(reply)
    failure = content.pop("failure", None)
    return Outcome(identity, attempt=attempt, failure=failure and Failure(**failure), **content)
