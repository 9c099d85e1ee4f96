"""Locks on a study's folder: a second process that would do the same work is told so.

The system's advisory locks are used, which go when their holder dies, however it dies. On file systems without locks
(some network ones) there is no protection; runs may then be made twice, which costs time and changes no result.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sim.experiments.errors import StudyError
from sim.experiments.layout import LOCKS
from sim.records.refusal import cannot_write, refusal

WHOLE = "whole"
SUFFIX = ".lock"
_HELD = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(folder: Path, name: str = WHOLE) -> Iterator[None]:
    """Hold one lock of a study for the time of the block.

    Raises:
        StudyError: Another process holds it.
        OutputError: The folder cannot be written to.
    """
    path = folder / LOCKS / f"{name}{SUFFIX}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        _take(file, folder)
        yield
    finally:
        os.close(file)


@contextmanager
def all_locked(folder: Path) -> Iterator[None]:
    """Hold every lock that anyone has ever taken on a study.

    Raises:
        StudyError: Another process holds one.
        OutputError: The folder cannot be written to.
    """
    names = {path.stem for path in (folder / LOCKS).glob(f"*{SUFFIX}")} | {WHOLE}
    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(locked(folder, name))
        yield


def _take(file: int, folder: Path) -> None:
    try:
        _lock(file)
    except OSError as error:
        if error.errno in _HELD:
            raise refusal(StudyError, "study_in_use", folder) from None
