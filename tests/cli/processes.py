"""Commands as processes of their own, with the real model on a textbook queue."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUEUE = """\
schema_version: 1
name: {{en: A queue, zh: 排队}}
period: {{start: 2026-01-20, days: {days}, warm_up_days: 5}}
laboratory:
  servers: 5
  arrivals_per_hour: 4.5
  service_time: {{law: exponential, mean_min: 60}}
"""
OFTEN = "import sim.cli.progress as p; p.SECONDS_BETWEEN_LINES = 0.1; from sim.cli import main; main()"


def start(folder: Path, *words: str, often: bool = False) -> subprocess.Popen[str]:
    """Start the command `run`; `often` makes it say ten times a second how far it is."""
    return begin(folder, "run", *words, how=("-c", OFTEN) if often else ("-m", "sim"))


def begin(folder: Path, *words: str, how: Sequence[str] = ("-m", "sim")) -> subprocess.Popen[str]:
    """Start any command in a folder."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JIAZHENG_LANG": "en"}
    return subprocess.Popen(
        [sys.executable, *how, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(folder: Path, *words: str) -> dict[str, object]:
    with start(folder, *words, "--json", "--quiet") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return dict(json.loads(out))


def wait_for(process: subprocess.Popen[str], words: str, seconds: float = 90.0) -> None:
    """Read stderr until a line holds the words."""
    assert process.stderr is not None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select([process.stderr], [], [], 1.0)
        if ready and words in process.stderr.readline():
            return
    raise AssertionError(f"{words!r} has not been said")
