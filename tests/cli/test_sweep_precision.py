"""``jiazheng sweep run`` of a study that goes on until its differences are precise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sim.experiments.statistics.precision import FIRST_STAGE
from sim.experiments.store import read_store

from .conftest import BASELINE, Call

REACH = 0.006
BUDGET = 120
POINTS = 2
STUDY = f"""\
schema_version: 1
name: {{en: Precise, zh: 精度}}
base: {BASELINE}
overrides: [scale=0.0003, period.days=3, period.warm_up_days=0]
levers:
  parameters.visits.cancel_probability: [0.03, 0.09]
precision: {{fill_rate: {REACH}}}
outcomes: [orders_requested, fill_rate]
budget_runs: {BUDGET}
"""
FOLDER = Path("results/precise")
FIELDS = {"decision", "made", "counted", "projected", "slowest", "reach", "target"}


def strict(text: str) -> Any:
    """Read JSON as the standard has it: no NaN and no Infinity."""

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


def recorded() -> dict[str, bytes]:
    """Return what the journals hold that are not empty."""
    return {
        path.name: path.read_bytes()
        for path in sorted((FOLDER / "journals").iterdir())
        if path.stat().st_size
    }


@pytest.mark.slow
def test_a_precise_study_is_run_told_and_not_made_again(call: Call) -> None:
    Path("precise.yaml").write_text(STUDY, encoding="utf-8")
    command = ("sweep", "run", "precise.yaml", "--workers", "2")
    first = call(*command, "--json", "--quiet")
    assert first.status == 0, first.err
    found = strict(first.out)
    precision = found["precision"]
    assert set(precision) >= FIELDS
    assert precision["decision"] == "enough", precision
    assert precision["reach"] <= precision["target"] == REACH
    assert precision["slowest"] == "fill_rate (0.09)"
    # The first stage did not do, and the budget was not needed.
    assert FIRST_STAGE < precision["counted"] <= precision["made"] < BUDGET // POINTS
    assert found["planned"] == found["done"] == POINTS * precision["made"]
    assert len(read_store(FOLDER).entries) == found["done"]

    before = recorded()
    again = call(*command, "--json", "--quiet")
    assert again.status == 0, again.err
    assert strict(again.out) == found
    assert recorded() == before

    shown = call(*command)
    assert f"Precision reached with {precision['counted']} replications" in " ".join(shown.out.split())
    assert recorded() == before
