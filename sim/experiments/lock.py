"""Locks on a study's folder: a second process that would do the same work is told so.

Each lock is a file of its own. Who takes one looks afterwards whether another is held that excludes it: the whole study
and its parts exclude each other, and so do parts of different divisions. Of two that begin at the same moment none may
be let in, but never both.

The system's advisory locks are used, which go when their holder dies, however it dies. On file systems without locks
(some network ones) there is no protection; runs may then be made twice, which costs time and changes no result.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sim.experiments.errors import StudyError
from sim.experiments.layout import LOCKS
from sim.records.refusal import cannot_write, refusal

WHOLE = "whole"
PART_OF = "-of-"
"""Between the number of a part and the number of parts, in the name of a part's lock."""
SUFFIX = ".lock"
_HELD = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, *, shared: bool = False) -> None:
        del shared  # there is no such thing here
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int, *, shared: bool = False) -> None:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


@contextmanager
def locked(folder: Path, name: str = WHOLE) -> Iterator[None]:
    """Hold one lock of a study for the time of the block.

    Raises:
        StudyError: Another process holds it.
        OutputError: The folder cannot be written to.
    """
    with StudyLock(folder, name) as lock:
        lock.take()
        yield


class StudyLock:
    """A lock that is taken when something is to be written, and held until the block ends.

    Who finds nothing to write leaves no trace, so a finished study can be read where nobody may write.

    Args:
        folder: The study's folder.
        name: Of the whole study, or of a part of it.
    """

    def __init__(self, folder: Path, name: str = WHOLE) -> None:
        self._path = folder / LOCKS / f"{name}{SUFFIX}"
        self._folder = folder
        self._file: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def take(self) -> bool:
        """Hold the lock from now on; return whether it was not held before.

        Raises:
            StudyError: Another process holds it, or one that excludes it.
            OutputError: The folder cannot be written to.
        """
        if self._file is not None:
            return False
        self._file = _open(self._path)
        if not (is_free(self._file) and all(map(_nobody_holds, self._excluded()))):
            self.__exit__()
            raise refusal(StudyError, "study_in_use", self._folder)
        return True

    def _excluded(self) -> list[Path]:
        """Return the locks that may not be held beside this one: all but parts of the same division."""
        division = self._path.stem.partition(PART_OF)[2]
        others = (path for path in self._path.parent.glob(f"*{SUFFIX}") if path != self._path)
        return [path for path in others if not division or path.stem.partition(PART_OF)[2] != division]


def is_free(file: int, *, shared: bool = False, unsure: bool = True) -> bool:
    """Take the system's lock on an open file, until it is closed; return False if another process holds it.

    Args:
        file: The open file's number.
        shared: Whether others may take it so at the same time.
        unsure: What is returned where the file system knows no locks.
    """
    try:
        _lock(file, shared=shared)
    except OSError as error:
        return unsure and error.errno not in _HELD
    return True


def _nobody_holds(path: Path) -> bool:
    file = _open(path)
    try:
        return is_free(file, shared=True)
    finally:
        os.close(file)


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise cannot_write(path, error) from error
