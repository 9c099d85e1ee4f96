"""Interruptions of a run by real signals; Windows has others, see conftest.py."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

from tests.cli.processes import QUEUE, finish, start, wait_for


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_answers_within_three_seconds_and_saves(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "queue.yaml").write_text(QUEUE.format(days=36_000), encoding="utf-8")
    with start(tmp_path, "queue.yaml", often=True) as process:
        wait_for(process, "%")
        asked = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - asked < 3.0
    assert process.returncode == 130
    assert "Traceback" not in err
    assert out == ""
    found = re.search(r"saved at \d{4}-\d\d-\d\d \d\d:00; to go on: (.+)", err)
    assert found is not None
    saved = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert len(saved) == 2, "the state and its records, and no folder that looks complete"
    assert found[1] == f"jiazheng run queue.yaml --resume {Path('results', saved[0])}"


def test_an_interrupted_and_resumed_run_equals_the_straight_one(tmp_path: Path) -> None:
    (tmp_path / "queue.yaml").write_text(QUEUE.format(days=200), encoding="utf-8")
    straight = finish(tmp_path, "queue.yaml", "--out", "straight")
    with start(tmp_path, "queue.yaml", often=True) as process:
        wait_for(process, "%")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    found = re.search(r"--resume (\S+)", err)
    assert found is not None, err
    resumed = finish(tmp_path, "queue.yaml", "--resume", found[1])
    assert resumed["digests"] == straight["digests"]
    assert resumed["indicators"] == straight["indicators"]


def test_before_an_hour_is_simulated_an_interruption_leaves_at_once(tmp_path: Path) -> None:
    (tmp_path / "queue.yaml").write_text(QUEUE.format(days=200), encoding="utf-8")
    with start(tmp_path, "queue.yaml") as process:
        wait_for(process, "Setting up")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert list((tmp_path / "results").iterdir()) == []
