"""A scenario whose period is that of the made-up history, and runs of the fake model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.records.run import Run, plan
from sim.scenario import load_scenario

TEXT = """\
schema_version: 1
name: {en: A queue, zh: 排队}
period: {start: 2026-01-20, days: 50, warm_up_days: 5}
laboratory:
  servers: 2
  arrivals_per_hour: 1.0
  service_time: {law: exponential, mean_min: 60}
"""


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "queue.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def planned(scenario_file: Path, tmp_path: Path) -> Callable[..., Run]:
    """Plan a run of the scenario with overrides; its results go to tmp_path/results."""

    def make(*overrides: str) -> Run:
        return plan(load_scenario(scenario_file, overrides), tmp_path / "results")

    return make
