"""A place for what runs write for a while, which goes with the execution also where its workers are killed.

A worker that is killed cannot tidy up; its driver does. What a killed driver leaves is found by the next one: the place
of a living driver is locked.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.experiments.lock import is_free
from sim.records.refusal import cannot_write

VARIABLE = "JIAZHENG_SCRATCH"
"""Environment variable by which workers, on whatever engine, are told the place."""
PREFIX = "jiazheng-scratch-"
LOCK = "lock"
YOUNG_S = 60.0
"""So long a place may be without a lock, since it is made before it is locked."""


def scratch_folder() -> str | None:
    """Return where a run may write for a while; None, for the system's temporary folder, outside of an execution."""
    folder = os.environ.get(VARIABLE, "")
    return folder if Path(folder).is_dir() and folder else None


@contextmanager
def scratch() -> Iterator[Path]:
    """Give the runs of an execution a place for the time of the block; remove those that dead drivers have left.

    Raises:
        OutputError: The system has no room for it.
    """
    folder, file = _made()
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before
        os.close(file)  # some systems remove no file that is open
        shutil.rmtree(folder, ignore_errors=True)


def _made() -> tuple[Path, int]:
    """Return a new place and its open lock."""
    try:
        _sweep(Path(tempfile.gettempdir()))
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise cannot_write(Path(tempfile.tempdir or PREFIX), error) from error
    is_free(file)
    return folder, file


def _sweep(place: Path) -> None:
    """Remove what dead drivers have left."""
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > YOUNG_S and _is_abandoned(folder):
                shutil.rmtree(folder)


def _is_abandoned(folder: Path) -> bool:
    if not (folder / LOCK).exists():
        return True
    file = os.open(folder / LOCK, os.O_RDWR)
    try:
        return is_free(file, unsure=False)
    finally:
        os.close(file)
