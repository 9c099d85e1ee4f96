"""Plans: what is written is read again, a study grows, and nothing changes behind one's back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.experiments.errors import StudyError
from sim.experiments.layout import LOCKS, PLAN, STUDY, write_lines
from sim.experiments.lock import StudyLock, locked
from sim.experiments.plan import Plan, Run, Written, read_identities, read_plan, run_identity, write_plan
from sim.scenario.faults import ScenarioFault
from tests.experiments.studies import plan, squares


def run(number: int = 0, **changes: Any) -> Run:
    identity = run_identity("a:b", {}, {"x": number})
    return replace(Run(identity, {"depth": number * 0.5, "rule": "近"}, 0, {"x": number}), **changes)


def of(*runs: Run) -> Plan:
    return Plan("a:b", runs)


def code(error: StudyError) -> str:
    (fault,) = error.faults
    assert isinstance(fault, ScenarioFault)
    assert fault.say("zh") != fault.say("en")
    return fault.code


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Plan("a.b:c", (run(0, cost=3.5), run(1)), {"base": {"scale": 0.1}}, {"name": "研究"})
    assert write_plan(tmp_path / "study", written) == Written(added=2, kept=0, dropped=0)
    assert read_plan(tmp_path / "study") == written
    assert read_identities(tmp_path / "study") == [one.identity for one in written.runs]


def test_a_study_grows_behind_what_is_there(tmp_path: Path) -> None:
    write_plan(tmp_path, of(run(0), run(1)))
    assert write_plan(tmp_path, of(run(2), run(1), run(0))) == Written(added=1, kept=2, dropped=0)
    assert [one.payload["x"] for one in read_plan(tmp_path).runs] == [0, 1, 2]


def test_a_run_may_not_leave_a_plan_unasked(tmp_path: Path) -> None:
    write_plan(tmp_path, of(run(0), run(1)))
    with pytest.raises(StudyError) as caught:
        write_plan(tmp_path, of(run(1), run(2)))
    assert code(caught.value) == "study_plan_changed"
    assert "1 of its 2 runs" in str(caught.value)
    assert len(read_plan(tmp_path).runs) == 2
    assert write_plan(tmp_path, of(run(1), run(2)), replace=True) == Written(added=1, kept=1, dropped=1)
    assert [one.payload["x"] for one in read_plan(tmp_path).runs] == [1, 2]


@pytest.mark.parametrize("replaced", [Plan("a:other", (run(),)), Plan("a:b", (run(),), {"scale": 0.5})])
def test_task_and_shared_payload_may_not_change_unasked(tmp_path: Path, replaced: Plan) -> None:
    write_plan(tmp_path, of(run()))
    with pytest.raises(StudyError) as caught:
        write_plan(tmp_path, replaced)
    assert code(caught.value) == "study_plan_changed"


@pytest.mark.parametrize(
    "change", [{"payload": {"x": 7}}, {"replication": 3}, {"point": {"depth": 9.0, "rule": ""}}]
)
@pytest.mark.parametrize("asked", [False, True])
def test_an_identity_never_stands_for_something_else(
    tmp_path: Path, change: dict[str, Any], asked: bool
) -> None:
    write_plan(tmp_path, of(run(0), run(1)))
    with pytest.raises(StudyError) as caught:
        write_plan(tmp_path, of(run(0), run(1, **change)), replace=asked)
    assert code(caught.value) == "study_run_changed"


def test_a_better_guess_of_the_cost_is_no_change(tmp_path: Path) -> None:
    write_plan(tmp_path, of(run(0), run(1)))
    write_plan(tmp_path, of(run(0, cost=7.0), run(1)))
    assert read_plan(tmp_path).runs[0].cost == 7.0


@pytest.mark.parametrize(
    ("unsound", "said"),
    [
        (of(run(0), run(1), run(0)), "study_identity_twice"),
        (of(run(0), run(0, identity="f" * 64)), "study_point_twice"),
        (of(run(identity="not hex")), "study_identity_form"),
        (of(run(identity="abc")), "study_identity_form"),
        (Plan("no task", ()), "study_task_form"),
        (of(run(point={"value": 1})), "study_reserved_column"),
        (of(run(0), run(1, point={"other": 1})), "study_columns"),
        (of(run(cost=0.0)), "study_run_numbers"),
        (of(run(cost=float("nan"))), "study_run_numbers"),
        (of(run(replication=-1)), "study_run_numbers"),
        (of(run(payload={"x": object()})), "study_not_json"),
        (of(run(payload={"x": float("nan")})), "study_not_json"),
    ],
)
def test_an_unsound_plan_is_refused_and_nothing_is_written(tmp_path: Path, unsound: Plan, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        write_plan(tmp_path / "study", unsound)
    assert code(caught.value) == said
    assert not (tmp_path / "study").exists()


def test_a_folder_with_other_things_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(StudyError) as caught:
        write_plan(tmp_path, of(run()))
    assert code(caught.value) == "study_folder_taken"
    with pytest.raises(StudyError) as caught:
        write_plan(tmp_path / "thesis.docx", of(run()))
    assert code(caught.value) == "results_in_the_way"


@pytest.mark.parametrize(
    "left", [".plan.jsonl-0a1b2c3d", ".study.json-0a1b2c3d", ".comparison.csv-0a1b2c3d", "comparison.csv"]
)
def test_what_a_killed_writer_left_is_in_nobodys_way(tmp_path: Path, left: str) -> None:
    (tmp_path / left).touch()
    assert write_plan(tmp_path, of(run())).added == 1


@pytest.mark.parametrize("other", [".thesis.docx-0a1b2c3d", ".plan.jsonl-notes", "plan.jsonl-0a1b2c3d"])
def test_what_only_looks_like_it_is_somebody_elses(tmp_path: Path, other: str) -> None:
    (tmp_path / other).touch()
    with pytest.raises(StudyError) as caught:
        write_plan(tmp_path, of(run()))
    assert code(caught.value) == "study_folder_taken"


def test_no_study(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        read_plan(tmp_path)
    assert code(caught.value) == "study_missing"


def test_a_plan_changed_by_hand_is_refused_until_it_is_planned_again(tmp_path: Path) -> None:
    write_plan(tmp_path, of(run(0), run(1)))
    path = tmp_path / PLAN
    path.write_bytes(path.read_bytes().replace(b'"cost":1.0', b'"cost":2.0'))
    for read in (read_plan, read_identities):
        with pytest.raises(StudyError) as caught:
            read(tmp_path)
        assert code(caught.value) == "study_plan_differs"
    write_plan(tmp_path, of(run(0), run(1)))
    assert read_plan(tmp_path) == of(run(0), run(1))


def test_writing_that_is_interrupted_between_the_two_files_is_mended_by_planning_again(
    tmp_path: Path,
) -> None:
    write_plan(tmp_path, of(run(0)))
    before = (tmp_path / STUDY).read_bytes()
    write_plan(tmp_path, of(run(0), run(1)))
    (tmp_path / STUDY).write_bytes(before)
    with pytest.raises(StudyError, match="interrupted"):
        read_plan(tmp_path)
    write_plan(tmp_path, of(run(0), run(1)))
    assert len(read_plan(tmp_path).runs) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1}', b"\xff\xfe"])
def test_a_damaged_study_file_is_named(tmp_path: Path, content: bytes) -> None:
    write_plan(tmp_path, of(run()))
    (tmp_path / STUDY).write_bytes(content)
    with pytest.raises(StudyError, match=r"study\.json"):
        read_plan(tmp_path)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    write_plan(tmp_path, of(run(0), run(1)))
    lines = (tmp_path / PLAN).read_bytes().splitlines(keepends=True)
    (tmp_path / PLAN).write_bytes(lines[0] + lines[1][:20])
    with pytest.raises(StudyError, match=r"plan\.jsonl: damaged \(2: "):
        write_plan(tmp_path, of(run(0), run(1)))


def test_identities_by_content_differ_by_task_share_and_payload() -> None:
    one = run_identity("a:b", {"s": 1}, {"x": 1, "y": 2})
    assert one == run_identity("a:b", {"s": 1}, {"y": 2, "x": 1})
    others = [
        ("a:c", {"s": 1}, {"x": 1, "y": 2}),
        ("a:b", {"s": 2}, {"x": 1, "y": 2}),
        ("a:b", {"s": 1}, {"x": 1}),
    ]
    assert len({one, *(run_identity(*other) for other in others)}) == 4


def test_files_are_plain(tmp_path: Path) -> None:
    write_plan(tmp_path, plan("square", squares(2)))
    study = json.loads((tmp_path / STUDY).read_text(encoding="utf-8"))
    lines = (tmp_path / PLAN).read_text(encoding="utf-8").splitlines()
    assert (study["runs"], study["task"]) == (2, "tests.experiments.jobs:square")
    assert [json.loads(line)["payload"]["x"] for line in lines] == [0, 1]
    assert sorted(path.name for path in tmp_path.iterdir()) == [LOCKS, PLAN, STUDY]


def test_a_plan_that_is_there_already_is_not_written(tmp_path: Path) -> None:
    made = plan("square", squares(2))
    write_plan(tmp_path, made)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    with locked(tmp_path):
        assert write_plan(tmp_path, made) == Written(added=0, kept=2, dropped=0)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_plan_does_not_change_while_somebody_works_on_the_study(tmp_path: Path) -> None:
    write_plan(tmp_path, plan("square", squares(2)))
    grown = plan("square", squares(3))
    with locked(tmp_path, "1-of-2"), pytest.raises(StudyError, match="another process"):
        write_plan(tmp_path, grown, replace=True)
    with StudyLock(tmp_path) as mine:
        mine.take()
        assert write_plan(tmp_path, grown, lock=mine).added == 1


def test_who_reads_while_a_file_is_replaced_reads_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_lines(path, [b"old"])
    number = path.stat().st_ino
    (tmp_path / "kept").hardlink_to(path)
    write_lines(path, [b"new"])
    assert path.read_bytes() == b"new\n"
    assert (tmp_path / "kept").read_bytes() == b"old\n"
    assert path.stat().st_ino != number
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "kept"]
