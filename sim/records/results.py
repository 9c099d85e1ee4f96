"""Results folders: written beside their place and put there whole, or not at all.

A run writes into a hidden sibling; when all files and, last, the manifest are written, the sibling is renamed. So a
folder without a dot is complete. Nothing is deleted that a manifest does not list.
"""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.errors import OutputError
from sim.records import manifest
from sim.records.refusal import cannot_write, refusal

IDENTITY_DIGITS = 8
UNFINISHED = ".unfinished-"
REPLACED = ".replaced-"


def folder_name(scenario_file: str | Path, seed: int, identity: str) -> str:
    """The name of a run's folder: <scenario>-<seed>-<first digits of the identity>."""
    stem = re.sub(r"[^\w.-]+", "_", Path(scenario_file).stem) or "scenario"
    return f"{stem}-{seed}-{identity[:IDENTITY_DIGITS]}"


def existing(place: Path, identity: str) -> manifest.Manifest | None:
    """The manifest of the run that lies at `place` already, None where there is nothing.

    Raises:
        OutputError: Something else lies there: a file, a folder without manifest, or another run's results.
    """
    if not place.exists():
        return None
    if not place.is_dir():
        raise refusal(OutputError, "results_in_the_way", place)
    found = manifest.read_manifest(place)
    if found.identity != identity:
        raise refusal(OutputError, "results_of_another_run", place)
    return found


def check_writable(folder: Path) -> None:
    """Refuse a folder in which nothing can be written; where it is not there yet, the one that it will be made in.

    Raises:
        OutputError: A file is in its way, or the system refuses to write.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise refusal(OutputError, "folder_is_file", there)
    try:
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=there):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from None


@contextmanager
def unfinished(place: Path) -> Iterator[Path]:
    """Give a new empty folder beside `place` to write into; it is removed again if the block fails.

    Raises:
        OutputError: The folder cannot be made, or the disk is full.
    """
    try:
        folder = place.with_name(f"{UNFINISHED}{place.name}-{uuid.uuid4().hex[:8]}")
        folder.mkdir(parents=True)
    except OSError as error:
        raise cannot_write(place.parent, error) from None
    try:
        yield folder
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        if folder.exists():
            _remove(folder, [path.name for path in folder.iterdir()])


def put_in_place(folder: Path, place: Path) -> None:
    """Rename a complete folder to its place; results of the same run that lie there are replaced.

    Files in the replaced folder that no run wrote (notes, figures) are carried over.
    """
    if not place.exists():
        folder.rename(place)
        return
    ours = {*manifest.read_manifest(place).files, manifest.FILE}
    old = place.with_name(f"{REPLACED}{folder.name.removeprefix('.')}")
    place.rename(old)
    folder.rename(place)
    for path in sorted(old.iterdir()):
        if path.name not in ours and not (place / path.name).exists():
            path.rename(place / path.name)
    _remove(old, sorted(ours))


def _remove(folder: Path, names: list[str]) -> None:
    """Remove files that we wrote and then the folder, if it is empty."""
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()
    with suppress(OSError):
        folder.rmdir()
