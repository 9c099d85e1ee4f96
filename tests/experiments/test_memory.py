"""Studies that would not fit into this machine's memory are refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ResourceError
from sim.experiments import memory as module
from sim.experiments.comparison import Comparison, Source
from sim.experiments.design import plan_study
from sim.experiments.engines.local import LocalEngine
from sim.experiments.memory import check_memory, check_sweep_memory
from sim.scenario import estimate_resources, load_scenario
from tests.experiments.studies import plan as square_plan
from tests.experiments.studies import squares

ROOT = Path(__file__).resolve().parents[2]
BASELINE = str(ROOT / "scenarios" / "baseline.yaml")


def give(monkeypatch: pytest.MonkeyPatch, memory: float | None) -> None:
    monkeypatch.setattr(module, "available_memory_bytes", lambda: memory)


def test_as_many_processes_as_fit_are_advised_and_then_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load_scenario(BASELINE, ["scale=0.05"])
    give(monkeypatch, 3.5 * estimate_resources(scenario).memory_bytes)
    with pytest.raises(ResourceError, match=r"8 processes need about .* --workers 3 fits"):
        check_memory([scenario], LocalEngine(8), 100)
    check_memory([scenario], LocalEngine(3), 100)
    # No more processes are started than there are runs.
    check_memory([scenario], LocalEngine(8), 3)


def test_the_largest_scenario_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = (load_scenario(BASELINE, [f"scale={scale}"]) for scale in (0.001, 0.5))
    give(monkeypatch, 1.05 * estimate_resources(large).memory_bytes)
    with pytest.raises(ResourceError, match="a smaller scale"):
        check_memory([small, large], LocalEngine(1), 1)
    check_memory([small], LocalEngine(1), 1)


def test_a_machine_that_says_nothing_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, None)
    check_memory([load_scenario(BASELINE, ["scale=1"])], LocalEngine(64), 64)


def test_of_a_sweep_the_heaviest_run_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    text = f"schema_version: 1\nname: {{en: a, zh: b}}\nbase: {Path(BASELINE).as_posix()}\n"
    file.write_text(f"{text}levers:\n  scale: [0.5, 0.001]\n", encoding="utf-8")
    plan = plan_study(file)
    give(monkeypatch, 1.5 * estimate_resources(load_scenario(BASELINE, ["scale=0.5"])).memory_bytes)
    with pytest.raises(ResourceError, match="2 processes need"):
        check_sweep_memory(plan, LocalEngine(2), 2)
    check_sweep_memory(plan, LocalEngine(1), 2)
    check_sweep_memory(plan, LocalEngine(2), 0)


def test_of_a_comparison_the_largest_scenario_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = (Source.of(BASELINE, ["scale=0.5"]), Source.of(BASELINE, ["scale=0.5"]))
    plan = Comparison(sources).plan(2)
    give(monkeypatch, 1.5 * estimate_resources(load_scenario(BASELINE, ["scale=0.5"])).memory_bytes)
    with pytest.raises(ResourceError, match="2 processes need"):
        check_sweep_memory(plan, LocalEngine(2), 2)


def test_of_a_task_that_somebody_wrote_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, 1.0)
    check_sweep_memory(square_plan("square", squares(2)), LocalEngine(2), 2)
