from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.errors import OutputError, SavedStateError, ScenarioError
from sim.records.read import Results
from sim.records.recorder import ALL_TABLES
from sim.records.run import Model, Run, Stopped, Watcher, execute, execute_until, plan
from sim.scenario import load_scenario
from tests.records.history import FakeModel

Plan = Callable[..., Run]
DAY_MIN = 1440.0


class StopAt(Watcher):
    """Stops a run at a time; notes the stages and the times that it saw."""

    def __init__(self, minute: float) -> None:
        self.minute = minute
        self.now_min = 0.0
        self.stages: list[str] = []
        self.steps: list[float] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def moved(self, model: Model) -> None:
        self.steps.append(model.now_min - self.now_min)
        self.now_min = model.now_min

    def stop_requested(self) -> bool:
        return self.now_min >= self.minute


def made(run: Run, **how: Any) -> Results:
    return execute(run, Watcher(), market=FakeModel, **how)


def same_tables(first: Results, second: Results) -> None:
    for table in ALL_TABLES:
        pd.testing.assert_frame_equal(first.table(table.name), second.table(table.name))


def test_a_run_leaves_one_complete_folder(planned: Plan, tmp_path: Path) -> None:
    run = planned()
    results = made(run)
    assert results.folder == run.place == tmp_path / "results" / f"queue-1-{run.identity[:8]}"
    assert [path.name for path in run.place.parent.iterdir()] == [run.place.name]
    on_disk = sorted(path.name for path in run.place.iterdir() if path.name != "manifest.json")
    assert list(results.manifest.files) == on_disk
    assert set(on_disk) == {"kpis.csv", *(f"{table.name}.parquet" for table in ALL_TABLES)}


def test_the_manifest_says_what_was_run(planned: Plan) -> None:
    run = planned("seed=5")
    manifest = made(run).manifest
    assert (manifest.identity, manifest.seed, manifest.detail) == (run.identity, 5, "tables")
    assert manifest.settings["calendar"]["country"] == "CN", "the calendar is frozen with the scenario"
    assert manifest.audits == {"orders": 3}
    assert set(manifest.timings["seconds"]) == {"set_up", "simulate", "record"}
    assert manifest.platform["packages"]["numpy"]
    assert manifest.memory["estimated_bytes"] > 1e6  # type: ignore[operator]
    assert manifest.memory["peak_bytes"] > 1e6  # type: ignore[operator]
    assert len(set(manifest.digests.values())) == len(manifest.digests) == 14


def test_the_same_run_has_the_same_content(planned: Plan, tmp_path: Path) -> None:
    first = made(planned())
    again = made(plan(load_scenario(tmp_path / "queue.yaml"), tmp_path / "elsewhere"))
    assert first.manifest.digests == again.manifest.digests
    assert first.manifest.monthly_digests == again.manifest.monthly_digests
    assert (first.folder / "kpis.csv").read_bytes() == (again.folder / "kpis.csv").read_bytes()
    same_tables(first, again)


@pytest.mark.parametrize("detail", ["none", "indicators"])
def test_detail_is_no_part_of_identity_digests_or_indicators(planned: Plan, detail: str) -> None:
    full = made(planned())
    run = planned(f"recording.detail={detail}")
    assert run.identity == full.manifest.identity
    less = made(run)
    assert less.manifest.digests == full.manifest.digests
    assert less.manifest.indicators == full.manifest.indicators
    with pytest.raises(OutputError, match=r"recorded no orders \(recording\.detail is " + detail):
        _ = less.orders


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("seed=2", False),
        ("period.days=49", False),
        ("laboratory.arrivals_per_hour=2", False),
        ("laboratory.servers=3", False),
        ("name.en=Other", True),
        ("recording.detail=none", True),
    ],
)
def test_identity_changes_with_what_can_change_the_result(planned: Plan, override: str, same: bool) -> None:
    assert (planned(override).identity == planned().identity) is same


def test_results_that_are_there_are_found_in_enough_detail(planned: Plan) -> None:
    less, full = planned("recording.detail=indicators"), planned()
    assert less.done() is None
    made(less)
    assert less.done() is not None
    assert full.done() is None, "the tables are missing"
    made(full)
    assert full.done() is not None
    assert less.done() is not None
    assert len(list(full.place.parent.iterdir())) == 1


def test_a_scenario_is_run_as_a_file_by_either_name_or_loaded(scenario_file: Path, tmp_path: Path) -> None:
    made = [
        sim.run(scenario, tmp_path / name).manifest
        for name, scenario in (
            ("text", str(scenario_file)),
            ("path", scenario_file),
            ("loaded", sim.load(scenario_file)),
        )
    ]
    assert {manifest.identity for manifest in made} == {made[0].identity}
    assert {str(manifest.digests) for manifest in made} == {str(made[0].digests)}


def test_a_scenario_file_with_faults_is_refused_with_its_faults(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="nowhere"):
        sim.run(tmp_path / "nowhere.yaml", tmp_path)


def test_a_stranger_in_the_place_is_refused_before_anything_runs(planned: Plan) -> None:
    run = planned()
    run.place.mkdir(parents=True)
    (run.place / "thesis.docx").write_bytes(b"years of work")
    watcher = StopAt(1e9)
    with pytest.raises(OutputError, match="no results folder"):
        execute(run, watcher, market=FakeModel)
    assert watcher.stages == []
    assert [path.name for path in run.place.iterdir()] == ["thesis.docx"]


def test_time_moves_by_hours_so_that_a_stop_is_heard(planned: Plan) -> None:
    watcher = StopAt(1e9)
    execute(planned(), watcher, market=FakeModel)
    assert watcher.stages == ["set_up", "simulate", "record"]
    assert set(watcher.steps) == {60.0}
    assert sum(watcher.steps) == 50 * DAY_MIN


@pytest.mark.parametrize("stop_min", [60.0, 13 * DAY_MIN, 35 * DAY_MIN + 600.0])
def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    planned: Plan, tmp_path: Path, stop_min: float
) -> None:
    straight = made(plan(load_scenario(tmp_path / "queue.yaml"), tmp_path / "straight"))
    run = planned()
    with pytest.raises(Stopped) as stopped:
        execute(run, StopAt(stop_min), market=FakeModel)
    assert stopped.value.exit_code == 130
    assert stopped.value.now_min == stop_min
    assert not run.place.exists()
    beside = sorted(path.name for path in run.place.parent.iterdir())
    assert beside == [f"{run.place.name}.saved", f"{run.place.name}.saved.records"]
    resumed = made(run, resume=stopped.value.path)
    assert [path.name for path in run.place.parent.iterdir()] == [run.place.name], (
        "the save has done its work"
    )
    assert resumed.manifest.digests == straight.manifest.digests
    assert resumed.manifest.indicators == straight.manifest.indicators
    same_tables(straight, resumed)


def test_a_run_stopped_twice_replaces_its_own_save(planned: Plan) -> None:
    run = planned()
    with pytest.raises(Stopped) as first:
        execute(run, StopAt(3 * DAY_MIN), market=FakeModel)
    with pytest.raises(Stopped) as second:
        execute(run, StopAt(20 * DAY_MIN), first.value.path, FakeModel)
    assert first.value.path == second.value.path
    straight = made(run, resume=second.value.path)
    assert straight.manifest.digests == made(run).manifest.digests


def test_until_and_save_then_resume_equals_the_straight_run(planned: Plan, tmp_path: Path) -> None:
    straight = made(plan(load_scenario(tmp_path / "queue.yaml"), tmp_path / "straight"))
    run, path = planned(), tmp_path / "half.run"
    execute_until(run, 20 * DAY_MIN, path, Watcher(), market=FakeModel)
    assert not run.place.parent.exists() or list(run.place.parent.iterdir()) == [], "no results are written"
    later = tmp_path / "later.run"
    execute_until(run, 30 * DAY_MIN, later, Watcher(), resume=path, market=FakeModel)
    same_tables(straight, made(run, resume=later))


def test_a_saved_run_can_be_resumed_twice(planned: Plan, tmp_path: Path) -> None:
    run, path = planned(), tmp_path / "half.run"
    execute_until(run, 20 * DAY_MIN, path, Watcher(), market=FakeModel)
    assert made(run, resume=path).manifest.digests == made(run, resume=path).manifest.digests


@pytest.fixture
def half(planned: Plan, tmp_path: Path) -> Path:
    path = tmp_path / "half.run"
    execute_until(planned("recording.detail=indicators"), 20 * DAY_MIN, path, Watcher(), market=FakeModel)
    return path


LESS = "recording.detail=indicators"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ((LESS, "seed=2"), "another scenario, or with other options"),
        ((LESS, "laboratory.servers=3"), "another scenario, or with other options"),
        ((), r"resume with -o recording\.detail=indicators"),
    ],
)
def test_a_save_of_another_run_is_refused(
    planned: Plan, half: Path, overrides: tuple[str, ...], words: str
) -> None:
    with pytest.raises(SavedStateError, match=words):
        made(planned(*overrides), resume=half)


def test_a_save_of_another_model_is_refused(planned: Plan, half: Path) -> None:
    about = half.with_name("half.run.records") / "about.json"
    content = json.loads(about.read_text(encoding="utf-8"))
    about.write_text(json.dumps(content | {"sources": "other"}), encoding="utf-8")
    with pytest.raises(SavedStateError, match="another version of the model"):
        made(planned(LESS), resume=half)


def test_a_missing_save_and_one_without_records_are_refused(planned: Plan, half: Path) -> None:
    with pytest.raises(SavedStateError, match="no such saved run"):
        made(planned(LESS), resume=half.with_name("nothing.run"))
    (half.with_name("half.run.records") / "about.json").unlink()
    with pytest.raises(SavedStateError, match=r"half\.run\.records with the records is missing"):
        made(planned(LESS), resume=half)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", None])
def test_damaged_records_are_refused(planned: Plan, half: Path, content: bytes | None) -> None:
    state = half.with_name("half.run.records") / "recorder.npz"
    state.write_bytes(state.read_bytes()[:500] if content is None else content)
    with pytest.raises(SavedStateError, match="do not fit the saved state"):
        made(planned(LESS), resume=half)


def test_records_of_another_moment_are_refused(planned: Plan, half: Path) -> None:
    half.write_text("[1440.0, 0]", encoding="utf-8")
    with pytest.raises(SavedStateError, match="do not fit the saved state"):
        made(planned(LESS), resume=half)


def test_time_does_not_run_backwards(planned: Plan, half: Path, tmp_path: Path) -> None:
    with pytest.raises(SavedStateError, match="beyond that date already"):
        execute_until(planned(LESS), DAY_MIN, tmp_path / "x", Watcher(), resume=half, market=FakeModel)


def test_a_save_does_not_overwrite_what_is_no_save(planned: Plan, tmp_path: Path) -> None:
    precious = tmp_path / "thesis.docx"
    precious.write_bytes(b"years of work")
    with pytest.raises(OutputError, match="in the way"):
        execute_until(planned(), DAY_MIN, precious, Watcher(), market=FakeModel)
    with pytest.raises(OutputError, match="there is no folder"):
        execute_until(planned(), DAY_MIN, tmp_path / "none" / "x", Watcher(), market=FakeModel)
    assert precious.read_bytes() == b"years of work"


class Broken(FakeModel):
    """A model that fails on the way."""

    def close(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_nothing_behind(planned: Plan) -> None:
    run = planned()
    with pytest.raises(OutputError, match="No space left on device"):
        execute(run, Watcher(), market=Broken)
    assert list(run.place.parent.iterdir()) == []
