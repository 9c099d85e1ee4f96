"""The command line as a person calls it, in an empty folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app

ROOT = Path(__file__).resolve().parents[2]
collect_ignore = ["test_run_interrupted.py", "test_study_interrupted.py"] if os.name == "nt" else []
"""Windows interrupts a process in another way."""

BASELINE = str(ROOT / "scenarios" / "baseline.yaml")

Call = Callable[..., "Outcome"]


class Outcome:
    """What a command printed, and its exit status."""

    def __init__(self, *arguments: str) -> None:
        result = CliRunner().invoke(app, list(arguments))
        self.status, self.out, self.err = result.exit_code, result.stdout, result.stderr


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Outcome


@pytest.fixture
def scenario(call: Call) -> str:
    """A scenario file in the current folder, with a value of its own for a fact."""
    file = Path("mine.yaml")
    text = "schema_version: 1\nname: {en: Mine, zh: 我的}\nregion: beijing\nperiod: {start: 2026-01-01, days: 60}\n"
    file.write_text(f"{text}scale: 0.02\nparameters:\n  travel.ebike.speed_km_per_h: 16\n", encoding="utf-8")
    return str(file)
