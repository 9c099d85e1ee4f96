"""A run that stands still in a file: the model's state, and beside it what has been recorded so far.

`FILE` is written by the model, the folder `FILE.records` by this module. The two are made together and are of no use
without each other.
"""

from __future__ import annotations

import json
import uuid
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

from sim.errors import OutputError, SavedStateError
from sim.records.identity import sources_digest
from sim.records.recorder import EVENT_TABLES, STATE_FILE, Detail, Recorder
from sim.records.refusal import cannot_write, refusal
from sim.records.results import check_writable
from sim.records.writer import SUFFIX
from sim.scenario import Past, Scenario
from sim.state import World

ABOUT = "about.json"
FOLDER_SUFFIX = ".records"
DAMAGE = (OSError, EOFError, KeyError, ValueError, BadZipFile, zlib.error)
"""What reading a damaged archive or table may raise."""


class Savable(Protocol):
    """What saving needs of a model."""

    @property
    def now_min(self) -> float:
        """Minutes since the period's start."""

    @property
    def world(self) -> World:
        """The tables."""

    def save(self, path: Path) -> None:
        """Write the state to a file."""


def check_place(path: Path) -> None:
    """Refuse to save over a file that is no saved run.

    Raises:
        OutputError: Such a file is there, or the folder is not, or nothing can be written in it.
    """
    if path.exists() and not (_records(path) / ABOUT).is_file():
        raise refusal(OutputError, "save_in_the_way", path)
    if not path.absolute().parent.is_dir():
        raise refusal(OutputError, "save_without_folder", path, folder=path.absolute().parent)
    check_writable(path.absolute().parent)


def save(path: Path, model: Savable, recorder: Recorder, scenario: Scenario) -> None:
    """Save a run; what an earlier save left under the same name is replaced.

    Raises:
        OutputError: The system refuses to write.
    """
    try:
        folder = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
        folder.mkdir(parents=True)
        model.save(path)
        recorder.save(folder)
        about = json.dumps(_about(model.now_min, recorder.detail, scenario), indent=2)
        (folder / ABOUT).write_text(about + "\n", encoding="utf-8", newline="\n")
        _clear(_records(path))
        folder.rename(_records(path))
    except OSError as error:
        raise cannot_write(path, error) from error


def remove(path: Path) -> None:
    """Remove a saved run: the state, and what was recorded."""
    _clear(_records(path))
    path.unlink(missing_ok=True)


def check_resumable(path: Path, scenario: Scenario, detail: Detail) -> None:
    """Check that a saved run is one of this scenario and this model.

    Raises:
        SavedStateError: It is not; the message says what differs.
    """
    about = _read_about(path)
    if not Past.read(about["past"]).leads_to(scenario, about["now_min"]):
        raise refusal(SavedStateError, "saved_other_scenario", path)
    if about["sources"] != sources_digest():
        raise refusal(SavedStateError, "saved_other_model", path)
    if detail == "tables" and about["detail"] != "tables":
        raise refusal(SavedStateError, "saved_without_tables", path, detail=about["detail"])


def resume_recorder(path: Path, model: Savable, recorder: Recorder) -> None:
    """Let a new recorder go on where the saved one stopped.

    Raises:
        SavedStateError: The records are damaged, or not those of the model's state.
    """
    if _read_about(path)["now_min"] != model.now_min:
        raise refusal(SavedStateError, "saved_damaged", _records(path), problem=f"now_min {model.now_min}")
    try:
        recorder.resume(_records(path), model.world)
    except DAMAGE as error:
        raise refusal(SavedStateError, "saved_damaged", _records(path), problem=error) from error


def _about(now_min: float, detail: Detail, scenario: Scenario) -> dict[str, Any]:
    return {
        "now_min": now_min,
        "detail": detail,
        "past": Past.of(scenario).write(),
        "sources": sources_digest(),
    }


def _read_about(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise refusal(SavedStateError, "saved_missing", path)
    try:
        about = json.loads((_records(path) / ABOUT).read_text(encoding="utf-8"))
        return {key: about[key] for key in ("now_min", "detail", "past", "sources")}
    except (OSError, ValueError, KeyError, TypeError):
        raise refusal(SavedStateError, "saved_alone", path, folder=_records(path).name) from None


def _records(path: Path) -> Path:
    return path.with_name(path.name + FOLDER_SUFFIX)


def _clear(folder: Path) -> None:
    """Remove an earlier save's records, and nothing else."""
    for name in (ABOUT, STATE_FILE, *(f"{table.name}{SUFFIX}" for table in EVENT_TABLES)):
        with suppress(FileNotFoundError):
            (folder / name).unlink()
    with suppress(FileNotFoundError):
        folder.rmdir()
