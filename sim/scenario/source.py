"""Read a scenario file's text, or say why it cannot be read."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.faults import Findings, fault
from sim.scenario.nodes import Place

MOST_BYTES = 1_000_000
"""A scenario has a few kilobytes; one of a megabyte is some other file."""


def read_source(path: Path, shown_as: str, findings: Findings, named_at: Place, key: str = "") -> str | None:
    """Return the file's text; None, and a fault, when it cannot be had.

    Args:
        path: The file.
        shown_as: Its name in messages.
        findings: Takes the fault.
        named_at: Where the file was named (the ``extends`` of another file), or the file itself.
        key: The key that named it, or "".
    """
    refusal = _refusal(path)
    if refusal:
        findings.add(fault(refusal, named_at, key, name=shown_as, limit=MOST_BYTES))
        return None
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        findings.add(fault("not_utf8", Place(shown_as), byte=error.start))
    except OSError as error:
        findings.add(fault("file_unreadable", named_at, key, name=shown_as, reason=error.strerror or error))
    return None


def _refusal(path: Path) -> str:
    """Return the code of what keeps the file from being read, or ""."""
    try:
        if path.is_dir():
            return "file_is_folder"
        if not path.exists():
            return "file_missing"
        if not path.is_file():
            return "file_not_regular"
        return "file_too_large" if path.stat().st_size > MOST_BYTES else ""
    except (OSError, ValueError):  # a name that the system does not take: too long, a zero byte
        return "file_missing"
