"""What runs write for a while goes with the execution, however its processes end."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from sim.experiments import replication
from sim.experiments.comparison import Comparison, Source
from sim.experiments.engines.local import LocalEngine
from sim.experiments.engines.serial import SerialEngine
from sim.experiments.errors import StudyStopped
from sim.experiments.execute import execute
from sim.experiments.lock import is_free
from sim.experiments.plan import write_plan
from sim.experiments.scratch import LOCK, PREFIX, VARIABLE, scratch, scratch_folder
from sim.experiments.status import status
from tests.experiments.studies import squares, study

ROOT = Path(__file__).resolve().parents[2]
LONG_AGO = time.time() - 3600.0


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, of this process and of its workers."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(("trouble", "timeout_s"), [("kill", None), ("hang", 5.0)])
def test_a_killed_worker_leaves_nothing(
    tmp_path: Path, temporary: Path, trouble: str, timeout_s: float | None
) -> None:
    study(tmp_path / "study", "litter", [{"x": 1, "trouble": trouble}, *squares(2)])
    execute(tmp_path / "study", LocalEngine(2, timeout_s=timeout_s, retries=0))
    assert (status(tmp_path / "study").done, status(tmp_path / "study").failed) == (2, 1)
    assert list(temporary.iterdir()) == []


def test_an_interrupted_execution_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    study(tmp_path / "study", "litter", [{"x": 1, "trouble": "hang"}])

    def stop() -> bool:
        return any(temporary.rglob("past"))

    with pytest.raises(StudyStopped):
        execute(tmp_path / "study", LocalEngine(1), stop=stop)
    assert list(temporary.iterdir()) == []


def left_behind(temporary: Path, name: str, *, at: float = LONG_AGO) -> Path:
    folder = temporary / f"{PREFIX}{name}"
    folder.mkdir()
    (folder / LOCK).touch()
    os.utime(folder, (at, at))
    return folder


def test_what_dead_drivers_left_goes_and_what_living_ones_use_stays(temporary: Path) -> None:
    dead, used = left_behind(temporary, "dead"), left_behind(temporary, "used")
    young = left_behind(temporary, "young", at=time.time())
    (dead / "past").touch()
    os.utime(dead, (LONG_AGO, LONG_AGO))
    foreign = temporary / "jiazheng-thesis"
    foreign.mkdir()
    held = os.open(used / LOCK, os.O_RDWR)
    try:
        assert is_free(held)
        with scratch() as own:
            assert set(temporary.iterdir()) == {used, young, foreign, own}
    finally:
        os.close(held)


def test_the_place_is_told_for_the_time_of_the_execution(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert scratch_folder() is None
    with scratch() as outer:
        with scratch() as inner:
            assert scratch_folder() == str(inner)
        assert scratch_folder() == str(outer)
    assert VARIABLE not in os.environ
    monkeypatch.setenv(VARIABLE, str(outer))  # it is gone
    assert scratch_folder() is None


def test_the_saved_past_of_a_replication_lies_there(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[Path] = []

    def simulate_past(*given: Any) -> float:
        saved.append(given[2])
        raise RuntimeError("far enough")

    monkeypatch.setattr(replication, "_simulate_past", simulate_past)
    files = (ROOT / "scenarios" / name for name in ("baseline.yaml", "elder_voucher.yaml"))
    comparison = Comparison(tuple(Source.of(file, ("scale=0.0005", "period.days=70")) for file in files))
    made = comparison.plan(1)
    write_plan(tmp_path / "study", made)
    execute(tmp_path / "study", SerialEngine())
    (past,) = saved
    assert past.relative_to(temporary).parts[0].startswith(PREFIX)
    with pytest.raises(RuntimeError):  # without a driver
        replication.replicate({**made.shared, **made.runs[0].payload})
    assert not saved[1].relative_to(temporary).parts[0].startswith(PREFIX)
