"""Interruptions of studies by real signals; Windows has others, see conftest.py."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.processes import QUEUE, begin, wait_for

DAYS = 30
STUDY = """\
schema_version: 1
name: {en: Loads, zh: 负荷}
base: calm.yaml
levers: {laboratory.arrivals_per_hour: [3.5, 4.0]}
replications: 3
outcomes: [wait]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two queues, one of them with a name that a shell would take apart, and a study."""
    calm = QUEUE.format(days=DAYS)
    (tmp_path / "calm.yaml").write_text(calm, encoding="utf-8")
    (tmp_path / "not so calm.yaml").write_text(calm.replace("4.5", "4.8"), encoding="utf-8")
    (tmp_path / "loads.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def interrupt(process: subprocess.Popen[str], after: str) -> tuple[int, int, str]:
    """Interrupt once something was said: how many are recorded, of how many, and the command that goes on."""
    wait_for(process, after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    found = re.search(r"stopped; (\d+) of (\d+) runs are recorded.*\nto go on: (.+)\n", err)
    assert found is not None, err
    return int(found[1]), int(found[2]), found[3]


@pytest.mark.slow
def test_an_interrupted_comparison_says_the_command_that_goes_on(folder: Path) -> None:
    words = ("compare", "calm.yaml", "not so calm.yaml", "-n", "5", "--workers", "1", "--details")
    with begin(folder, *words) as process:
        recorded, total, command = interrupt(process, "1 of 5 replications")
    assert 1 <= recorded < total == 5
    assert command == "jiazheng compare calm.yaml 'not so calm.yaml' -n 5 --workers 1 --details"
    with begin(folder, *shlex.split(command)[1:]) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert f"{recorded} of 5 replications" in err.splitlines()[0]
    assert "In detail" in out


@pytest.mark.slow
def test_an_interrupted_sweep_says_the_command_that_goes_on(folder: Path) -> None:
    with begin(folder, "sweep", "run", "loads.yaml", "--into", "my loads", "--workers", "1") as process:
        recorded, total, command = interrupt(process, "1 of 6 runs")
    assert 1 <= recorded < total == 6
    assert command == "jiazheng sweep resume 'my loads' --workers 1"
    with begin(folder, *shlex.split(command)[1:], "--quiet") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "not recorded yet" in out
    assert (folder / "my loads" / "collected" / "outcomes.parquet").is_file()


@pytest.mark.slow
def test_how_to_go_on_is_said_to_the_quiet_too_and_in_their_language(folder: Path) -> None:
    words = ("compare", "calm.yaml", "not so calm.yaml", "-n", "50", "--quiet", "--lang", "zh")
    with begin(folder, *words) as process:
        wait_for_journal(folder)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    first, second = err.splitlines()
    assert first.startswith("已停止；50 次运行中已记录")
    assert second == f"继续运行：{shlex.join(('jiazheng', *words))}"


def wait_for_journal(folder: Path, seconds: float = 90.0) -> None:
    """Wait until a study below the folder is being recorded."""
    end = time.monotonic() + seconds
    while not list(folder.glob("results/*/journals/*")):
        assert time.monotonic() < end, "no journal"
        time.sleep(0.05)
