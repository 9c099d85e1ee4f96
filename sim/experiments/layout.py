"""What lies where in a study's folder, and how a file there is replaced whole or not at all."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.records.refusal import cannot_write

PLAN = "plan.jsonl"
STUDY = "study.json"
JOURNALS = "journals"
LOCKS = "locks"
COLLECTED = "collected"
COMPARISON = ("comparison.csv", "comparison.json")
CALIBRATION = ("sets.csv", "calibration.json")
PARTS = frozenset({PLAN, STUDY, JOURNALS, LOCKS, COLLECTED, *COMPARISON})
"""Everything that this package writes into a study's folder."""
_BESIDE = re.compile(r"\.(.+)-[0-9a-f]{8}")
"""Names of files that were to take the place of others, as :func:`replacing` gives them."""


def is_ours(name: str) -> bool:
    """Whether this package writes files or folders of this name into a study's folder.

    So are those that a writer left which died before its file took the place of another.
    """
    beside = _BESIDE.fullmatch(name)
    known = PARTS.union(CALIBRATION)
    return name in known or (beside is not None and beside[1] in known)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a new name beside `path` to write to; when the block succeeds the file takes the place of `path`.

    A reader sees the old file or the new one. The new one is on the disk before it takes the place.

    Raises:
        OutputError: The system refuses to write.
    """
    beside = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        sync_file(beside)
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Replace a file by these lines, given without their ends.

    Raises:
        OutputError: The system refuses to write.
    """
    with replacing(path) as beside, beside.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)


def sync_file(path: Path) -> None:
    """Have a file's content on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have a folder's list of files on the disk, where the system knows of such a thing (not on Windows)."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse to sync folders
            os.fsync(number)
    finally:
        os.close(number)
