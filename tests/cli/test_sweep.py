"""``jiazheng sweep`` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from sim.cli.face import WIDTH
from sim.errors import EXIT_FAILURE, EXIT_USER_ERROR
from sim.experiments.comparison import Comparison, Source
from sim.experiments.plan import write_plan
from tests.experiments.studies import plan as square_plan
from tests.experiments.studies import squares

from .conftest import BASELINE, Call

STUDY = f"""\
schema_version: 1
name: {{en: Seeds, zh: 种子}}
base: {BASELINE}
overrides: [scale=0.0005, period.days=3, period.warm_up_days=0]
levers:
  parameters.visits.cancel_probability: [0.03, 0.09]
replications: 1
outcomes: [orders_requested, fill_rate]
"""


@pytest.fixture
def study(call: Call) -> str:
    """A study file in the current folder."""
    file = Path("seeds.yaml")
    file.write_text(STUDY, encoding="utf-8")
    return str(file)


def test_help_names_the_steps(call: Call) -> None:
    result = call("sweep", "--help")
    for step in ("plan", "run", "status", "resume", "collect", "gc"):
        assert step in result.out


def test_a_faulty_study_is_refused_and_nothing_is_written(call: Call, study: str) -> None:
    Path(study).write_text(STUDY.replace("levers", "lever"), encoding="utf-8")
    result = call("sweep", "plan", study)
    assert result.status == EXIT_USER_ERROR
    assert "seeds.yaml:5: lever: unknown key (did you mean levers?)" in result.err
    assert not Path("results").exists()


def test_a_study_from_its_plan_to_its_tables(call: Call, study: str) -> None:
    planned = call("sweep", "plan", study)
    assert planned.status == 0
    assert "2 runs added, 0 kept" in planned.out
    assert json.loads(call("sweep", "status", "results/seeds", "--json").out)["missing"] == 2
    ran = call("sweep", "resume", "results/seeds", "--workers", "1")
    assert ran.status == 0, ran.err
    assert "2 of 2 runs, 0 failed" in ran.err
    assert "not recorded yet" in ran.out
    assert Path("results/seeds/collected/outcomes.parquet").is_file()
    assert "cancel_probability 0.03" in ran.out and "Fill rate of orders that ended, %" in ran.out
    assert "Means and differences by point: results/seeds/collected/summary.csv" in ran.out
    assert max(map(cell_len, ran.out.splitlines())) <= WIDTH
    assert Path("results/seeds/collected/summary.csv").read_text(encoding="utf-8").count("\n") == 5
    Path(study).write_text(STUDY.replace("0.09]", "0.06, 0.09]"), encoding="utf-8")
    grown = call("sweep", "plan", study, "--json")
    assert json.loads(grown.out)["added"] == 1
    assert json.loads(call("sweep", "gc", "results/seeds", "--json").out)["records"] == 0


@pytest.mark.parametrize("task", ["square", "comparison"])
def test_a_study_of_another_kind_is_resumed_too(call: Call, tmp_path: Path, task: str) -> None:
    plan = square_plan("square", squares(2))
    if task == "comparison":
        source = Source.of(BASELINE, ["scale=0.0003", "period.days=3", "period.warm_up_days=0"])
        plan = Comparison((source, source)).plan(2)
    write_plan(tmp_path / "study", plan)
    result = call("sweep", "resume", str(tmp_path / "study"), "--workers", "1", "--json")
    assert result.status == 0, result.err
    assert json.loads(result.out)["done"] == 2


@pytest.mark.parametrize(
    ("payloads", "status"),
    [([{"x": 1, "trouble": "raise"}], EXIT_FAILURE), ([{"x": 1, "trouble": "raise"}, {"x": 2}], 0)],
    ids=["all", "some"],
)
def test_failures_are_said_and_a_study_without_a_result_has_failed(
    call: Call, tmp_path: Path, payloads: list[dict[str, object]], status: int
) -> None:
    folder = str(tmp_path / "study")
    write_plan(Path(folder), square_plan("troubled", payloads))
    result = call("sweep", "resume", folder, "--workers", "1")
    assert result.status == status
    assert "first failure: no market at 1" in result.out
    assert "failed runs: 1;" in result.err
    assert "failures.parquet" in result.err
    stands = call("sweep", "status", folder)
    assert (stands.status, "first failure: no market at 1" in stands.out) == (0, True)
    told = json.loads(call("sweep", "status", folder, "--json").out)
    assert told["first_failure"]["type"] == "ValueError"


def test_a_finished_study_names_no_failure(call: Call, tmp_path: Path) -> None:
    write_plan(tmp_path / "study", square_plan("square", squares(1)))
    result = call("sweep", "resume", str(tmp_path / "study"), "--workers", "1")
    assert (result.status, "fail" in result.err.replace("0 failed", "")) == (0, False)
    assert "first failure" not in result.out


def test_a_changed_plan_is_refused_with_the_command_that_replaces_it(call: Call, study: str) -> None:
    call("sweep", "plan", study)
    Path(study).write_text(STUDY.replace("0.03, 0.09", "0.04, 0.09"), encoding="utf-8")
    result = call("sweep", "plan", study)
    assert result.status == EXIT_USER_ERROR
    assert "jiazheng sweep plan --replace" in " ".join(result.err.split())
    assert call("sweep", "plan", study, "--replace").status == 0


def test_a_folder_without_a_study_says_so(call: Call, tmp_path: Path) -> None:
    result = call("sweep", "status", str(tmp_path))
    assert result.status == EXIT_USER_ERROR
    assert "plan it first" in result.err
