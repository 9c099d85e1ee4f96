"""Study files: what may stand in them, what is said when it does not, and the design's points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import ScenarioError, UserError
from sim.experiments.design import plan_study, points_of
from sim.experiments.study_file import read_study_file

ROOT = Path(__file__).resolve().parents[2]
SWEEPS = sorted((ROOT / "scenarios" / "sweeps").glob("*.yaml"))
HEAD = f"""\
schema_version: 1
name: {{en: Depth, zh: 力度}}
base: {(ROOT / "scenarios" / "elder_voucher.yaml").as_posix()}
"""
LEVERS = "levers:\n  policies.elder_voucher.home_share: [0, 0.5]\n  scale: [0.001, 0.002, 0.003]\n"
UNKNOWN = "uncertainties:\n  parameters.choice.price_per_income_share: {low: 20, high: 150}\n"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


BROKEN = {
    "no yaml": ("schema_version: [1\n", 2, "is no YAML"),
    "a list": ("- 1\n", 1, "a study file is a mapping"),
    "unknown key": (f"{HEAD}levrs: {{}}\n", 4, "did you mean levers?"),
    "unknown key inside": (f"{HEAD}design:\n  kin: grid\n", 5, "did you mean kind?"),
    "unknown indicator": (f"{HEAD}outcomes: [fill_rat]\n", 4, "did you mean fill_rate?"),
    "version": (HEAD.replace("1", "7", 1), 1, "input should be 1"),
    "no base": ("schema_version: 1\nname: {en: a, zh: b}\n", 1, "field required"),
    "ends": (f"{HEAD}uncertainties:\n  a.b: {{low: 2, high: 1}}\n", 5, "low (2) must lie below high (1)"),
    "sampled without points": (
        f"{HEAD}{UNKNOWN}design: {{kind: sobol}}\n",
        6,
        "needs the number of its points",
    ),
    "grid of uncertainties": (f"{HEAD}{UNKNOWN}", 1, "uncertainties are sampled"),
    "per cent of days": (f"{HEAD}precision: {{wait: 5%}}\n", 4, "wait is no share"),
    "list with levers": (
        f"{HEAD}{LEVERS}design: {{kind: list, points: [{{scale: 0.01}}]}}\n",
        1,
        "a list has its own points",
    ),
    "list without points": (f"{HEAD}design: {{kind: list}}\n", 4, "a list needs its points"),
    "replications": (f"{HEAD}replications: 0\n", 4, "greater than or equal to 1"),
}


@pytest.mark.parametrize(("text", "line", "words"), BROKEN.values(), ids=BROKEN)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(UserError) as told:
        read_study_file(file)
    assert f"{file}:{line}: " in str(told.value)
    assert words in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no file"):
        read_study_file(tmp_path / "none.yaml")


def test_a_lever_that_no_scenario_knows_is_a_fault(tmp_path: Path) -> None:
    file = written(tmp_path, f"{HEAD}levers:\n  policies.elder_voucher.hom_share: [0.5]\n")
    with pytest.raises(ScenarioError, match="did you mean home_share") as told:
        plan_study(file)
    assert str(told.value).startswith(f"{file}: policies.elder_voucher.hom_share: ")


def test_a_grid_has_all_combinations_and_a_run_for_each_replication(tmp_path: Path) -> None:
    plan = plan_study(written(tmp_path, f"{HEAD}{LEVERS}replications: 2\n"))
    assert len(plan.runs) == 12
    assert len({run.identity for run in plan.runs}) == 12
    assert {tuple(run.point.values()) for run in plan.runs} == {
        (share, scale) for share in (0, 0.5) for scale in (0.001, 0.002, 0.003)
    }
    assert {run.replication for run in plan.runs} == {0, 1}
    first, second = (run for run in plan.runs if run.point == plan.runs[0].point)
    assert second.payload["seed"] == first.payload["seed"] + 1


def test_a_plan_is_the_same_when_it_is_made_again(tmp_path: Path) -> None:
    file = written(tmp_path, f"{HEAD}{LEVERS}")
    assert plan_study(file) == plan_study(file)


def test_a_design_beyond_its_budget_is_refused_before_anything_runs(tmp_path: Path) -> None:
    file = written(tmp_path, f"{HEAD}{LEVERS}budget_runs: 5\n")
    with pytest.raises(UserError, match="needs 6 runs and budget_runs allows 5"):
        plan_study(file)


def test_the_points_of_a_list_are_as_written(tmp_path: Path) -> None:
    text = f"{HEAD}design:\n  kind: list\n  points: [{{scale: 0.001}}, {{scale: 0.004}}]\n"
    assert [dict(point) for point in points_of(read_study_file(written(tmp_path, text)))] == [
        {"scale": 0.001},
        {"scale": 0.004},
    ]


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol"])
def test_samples_fill_the_ranges_and_are_paired_across_levers(tmp_path: Path, kind: str) -> None:
    text = f"{HEAD}{LEVERS}{UNKNOWN}design: {{kind: {kind}, points: 16}}\n"
    points = list(points_of(read_study_file(written(tmp_path, text))))
    assert len(points) == 6 * 16
    key = "parameters.choice.price_per_income_share"
    by_lever = np.array([point[key] for point in points]).reshape(6, 16)
    assert (by_lever == by_lever[0]).all()
    # Both designs have one point in each sixteenth of the range.
    cells = np.floor((by_lever[0] - 20.0) / (130.0 / 16.0)).astype(int)
    assert sorted(cells.tolist()) == list(range(16))


@pytest.mark.parametrize("file", SWEEPS, ids=lambda file: file.name)
def test_the_studies_at_hand_can_be_planned(file: Path) -> None:
    assert plan_study(file).runs


def test_a_precision_may_be_in_per_cent_of_a_share(tmp_path: Path) -> None:
    study = read_study_file(written(tmp_path, f"{HEAD}precision: {{fill_rate: 0.5%, wait: 0.1}}\n"))
    assert study.precision == {"fill_rate": pytest.approx(0.005), "wait": 0.1}
