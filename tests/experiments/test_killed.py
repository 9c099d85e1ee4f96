"""Drivers and workers killed at any moment: nothing is lost, nothing is made twice, nobody is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sim.experiments.engines.serial import SerialEngine
from sim.experiments.execute import execute
from sim.experiments.layout import JOURNALS
from sim.experiments.store import read_store
from tests.experiments.studies import results, squares, study

ROOT = Path(__file__).resolve().parents[2]
SIGN = "JIAZHENG_TEST_STUDY"
SEED = 20260302
SOON_S = 10.0
KILLS = [2, pytest.param(20, marks=pytest.mark.slow)]


@contextmanager
def driving(folder: Path, retries: int = 1, **how: bool) -> Iterator[subprocess.Popen[str]]:
    """Run a driver, whose processes carry the folder's name as a sign; it is killed if the block leaves it alive."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), SIGN: str(folder)}
    command = [sys.executable, "-m", "tests.experiments.driver", str(folder), "2", str(retries)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **how) as process:
        try:
            yield process
        finally:
            process.kill()


def processes(folder: Path) -> set[int]:
    """All processes that carry the sign of a study."""
    sign = f"{SIGN}={folder}".encode()
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if sign in path.read_bytes().split(b"\0"):
                found.add(int(path.parent.name))
    return found


def workers(folder: Path, driver: subprocess.Popen[str]) -> list[int]:
    return sorted(processes(folder) - {driver.pid})


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def recorded(folder: Path) -> int:
    return read_store(folder).records


def expect_all_once(folder: Path, count: int) -> None:
    """Every run is recorded once, and as the serial engine would."""
    store = read_store(folder)
    assert (len(store.entries), store.records, store.conflicts()) == (count, count, [])
    serial = folder.with_name("serial")
    study(serial, "square", squares(count, seconds=0.05))
    study_results = results(folder)
    execute(serial, SerialEngine())
    assert study_results == results(serial)


@pytest.mark.parametrize("kills", KILLS)
def test_a_driver_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    folder, count = tmp_path / "study", 20 + 15 * kills
    study(folder, "square", squares(count, seconds=0.05))
    draw = random.Random(SEED)
    for kill in range(kills):
        before, journals = recorded(folder), len(list((folder / JOURNALS).glob("*")))
        assert before < count
        with driving(folder) as driver:
            if kill % 4:  # else at a moment of its start
                wait_until(lambda n=journals: len(list((folder / JOURNALS).glob("*"))) > n)
            time.sleep(draw.uniform(0.0, 0.6))
            driver.kill()
        wait_until(lambda: not processes(folder))
        assert recorded(folder) >= before
    with driving(folder) as driver:
        assert driver.wait(120) == 0
    assert not processes(folder)
    expect_all_once(folder, count)


@pytest.mark.parametrize("kills", KILLS)
def test_workers_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    folder, count = tmp_path / "study", 20 + 15 * kills
    study(folder, "square", squares(count, seconds=0.05))
    draw = random.Random(SEED + 1)
    with driving(folder, retries=kills) as driver:
        for _ in range(kills):
            wait_until(lambda: workers(folder, driver))
            time.sleep(draw.uniform(0.0, 0.4))
            victims = workers(folder, driver)
            if victims:
                with suppress(ProcessLookupError):
                    os.kill(draw.choice(victims), signal.SIGKILL)
        assert driver.poll() is None, "it was not killed while there was work"
        assert driver.wait(120) == 0
    assert not processes(folder)
    expect_all_once(folder, count)


@pytest.mark.parametrize("trouble", ["hang", "hang_deaf", "freeze"])
def test_no_worker_outlives_its_driver(tmp_path: Path, trouble: str) -> None:
    study(tmp_path, "troubled", [{"x": x, "trouble": trouble} for x in range(2)])
    with driving(tmp_path) as driver:
        wait_until(lambda: len(workers(tmp_path, driver)) == 2)
        time.sleep(0.5)
        driver.kill()
    wait_until(lambda: not processes(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_terminal_keeps_what_is_finished(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "study"
    study(folder, "square", squares(100, seconds=0.05))
    with driving(folder, retries=0, start_new_session=True) as driver:
        wait_until(lambda: recorded(folder) >= 5)
        asked = time.monotonic()
        os.killpg(driver.pid, signal.SIGINT) if number == signal.SIGINT else driver.terminate()
        _, err = driver.communicate(timeout=30)
    assert time.monotonic() - asked < 5.0
    assert driver.returncode == 130
    assert err.startswith("stopped; ")
    assert "Traceback" not in err
    assert not processes(folder)
    store = read_store(folder)
    assert 5 <= len(store.entries) < 100
    assert all(entry.ok for entry in store.entries.values()), "an interruption is no failure of a run"
    assert store.damages == []


def test_the_kernel_ends_a_worker_that_cannot_listen(tmp_path: Path) -> None:
    study(tmp_path, "troubled", [{"x": 0, "trouble": "hold"}])
    with driving(tmp_path) as driver:
        wait_until(lambda: (tmp_path / JOURNALS).exists() and len(workers(tmp_path, driver)) == 1)
        time.sleep(1.0)
        driver.kill()
    wait_until(lambda: not processes(tmp_path))
