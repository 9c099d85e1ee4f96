"""What is recorded under a run's identity is that run: a scenario that has changed since the plan is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.experiments.comparison import Comparison, Source
from sim.experiments.engines.serial import SerialEngine
from sim.experiments.errors import StudyError
from sim.experiments.execute import execute
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, read_plan, write_plan
from sim.experiments.planned import check_unchanged, heaviest
from sim.experiments.store import read_store
from sim.experiments.sweep import make_sweep, plan_sweep
from tests.experiments.studies import FakeEngine, outcomes, plan, squares

ROOT = Path(__file__).resolve().parents[2]
CHANGED = "the scenario file has changed since the plan"
SCENARIO = """\
schema_version: 1
extends: {baseline}
name: {{en: Base, zh: 基准}}
scale: 0.0003
period: {{days: 3, warm_up_days: 0}}
"""
STUDY = """\
schema_version: 1
name: {en: Study, zh: 研究}
base: base.yaml
replications: 2
outcomes: [orders_requested]
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "base.yaml"
    baseline = (ROOT / "scenarios" / "baseline.yaml").as_posix()
    path.write_text(SCENARIO.format(baseline=baseline), encoding="utf-8")
    return path


@pytest.fixture
def sweep(base: Path) -> Path:
    """The folder of a planned sweep of it."""
    file = base.with_name("study.yaml")
    file.write_text(STUDY, encoding="utf-8")
    plan_sweep(file, base.with_name("sweep"))
    return base.with_name("sweep")


def comparison(base: Path) -> Comparison:
    other = base.with_name("other.yaml")
    other.write_text(
        f"schema_version: 1\nextends: {base.name}\nname: {{en: O, zh: 其他}}\n", encoding="utf-8"
    )
    return Comparison((Source.of(base), Source.of(other)), 2)


def change(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("0.0003", "0.0006"), encoding="utf-8")


def given(run: Run) -> Outcome:
    return Outcome(run.identity, {"orders_requested": 1.0}, "d")


def test_a_sweep_whose_scenario_has_changed_is_refused_and_nothing_is_recorded(
    base: Path, sweep: Path
) -> None:
    change(base)
    engine = FakeEngine(given)
    with pytest.raises(StudyError, match=rf"base\.yaml: {CHANGED}"):
        make_sweep(sweep, engine)
    assert (engine.asked, read_store(sweep).records) == ([], 0)


def test_a_finished_sweep_may_be_read_whatever_has_become_of_its_scenario(base: Path, sweep: Path) -> None:
    execute(sweep, FakeEngine(given))
    change(base)
    assert execute(sweep, FakeEngine(given)).found == 2


def test_a_comparison_planned_before_the_change_is_refused(base: Path, tmp_path: Path) -> None:
    planned = comparison(base).plan(2)
    change(base)
    with pytest.raises(StudyError, match=CHANGED):
        check_unchanged(planned, planned.runs)


class Changing(SerialEngine):
    """Changes the scenario when the driver has made sure that it is the planned one."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def outcomes(self, *work: Any) -> Any:
        change(self.base)
        return super().outcomes(*work)


@pytest.mark.parametrize("kind", ["sweep", "comparison"])
def test_a_change_while_the_study_runs_fails_the_run(base: Path, sweep: Path, kind: str) -> None:
    folder = sweep
    if kind == "comparison":
        folder = base.with_name("comparison")
        write_plan(folder, comparison(base).plan(2))
    execute(folder, Changing(base))
    failures = [one.failure for one in outcomes(folder).values()]
    assert len(failures) == 2
    assert {(one.stage, one.type) for one in failures if one} == {("set_up", "StudyError")}
    assert all(CHANGED in one.message for one in failures if one)


def test_the_unchanged_scenario_is_made(sweep: Path) -> None:
    execute(sweep, SerialEngine())
    assert all(one.ok for one in outcomes(sweep).values())


def test_of_a_comparison_all_scenarios_count_and_of_an_unknown_task_none(base: Path, sweep: Path) -> None:
    assert [one.settings.name.en for one in heaviest(comparison(base).plan(2))] == ["Base", "O"]
    assert len(heaviest(read_plan(sweep))) == 1
    assert heaviest(plan("square", squares(2))) == []
    assert heaviest(Plan("a:b", ())) == []
