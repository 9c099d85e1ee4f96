"""Errors of this room, said in both languages from the catalogue of messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from sim.errors import OutputError, UserError
from sim.scenario.faults import fault
from sim.scenario.nodes import Place

Refused = TypeVar("Refused", bound=UserError)


def refusal(kind: type[Refused], code: str, place: str | Path, **details: Any) -> Refused:
    """An error whose words are the catalogue's message `code`, about a file or folder."""
    found = fault(code, Place(str(place)), **details)
    return kind(str(found), (found,))


def cannot_write(place: Path, error: OSError) -> OutputError:
    """The error to raise when the system refuses to write."""
    return refusal(OutputError, "cannot_write", place, reason=error.strerror or str(error))
