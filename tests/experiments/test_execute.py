"""Executions: what is missing is made and nothing else, recorded as it ends, whatever the engine."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import OutputError
from sim.experiments import journal as journal_module
from sim.experiments.engines.engine import Engine
from sim.experiments.engines.local import LocalEngine
from sim.experiments.engines.serial import SerialEngine
from sim.experiments.errors import StudyError, StudyStopped
from sim.experiments.execute import Part, execute
from sim.experiments.layout import JOURNALS, LOCKS
from sim.experiments.lock import locked
from sim.experiments.outcome import Failure, Outcome
from sim.experiments.plan import Plan, Run, write_plan
from sim.experiments.progress import Tally
from sim.experiments.status import status
from sim.experiments.store import read_store
from tests.experiments.studies import JOBS, FakeEngine, outcomes, plan, results, squares, study

MIXED = [
    {"x": 0},
    {"x": 1, "trouble": "raise"},
    {"x": 2, "trouble": "leave"},
    {"x": 3},
]


def given(run: Run) -> Outcome:
    return Outcome(run.identity, {"x": 1.0}, "d")


def fails(run: Run) -> Outcome:
    return Outcome(run.identity, failure=Failure("simulate", "ValueError", "bad"))


@pytest.mark.parametrize("engine", [SerialEngine(), LocalEngine(2)], ids=["serial", "local"])
def test_failures_are_recorded_and_the_study_goes_on(tmp_path: Path, engine: Engine) -> None:
    study(tmp_path, "troubled", MIXED, shared_number=1)
    execute(tmp_path, engine)
    stands = status(tmp_path)
    assert (stands.done, stands.failed, stands.missing) == (2, 2, 0)
    assert stands.failures == {("simulate", "SystemExit"): 1, ("simulate", "ValueError"): 1}
    (failure,) = (
        one.failure for one in outcomes(tmp_path).values() if one.failure and one.failure.type == "ValueError"
    )
    assert failure.message == "no market at 1 \\udcff"
    assert "in _raise" in failure.traceback


def test_the_local_engine_equals_the_serial_one(tmp_path: Path) -> None:
    for folder, engine in (("serial", SerialEngine()), ("local", LocalEngine(2))):
        study(tmp_path / folder, "troubled", [*squares(20), *MIXED], base=3)
        execute(tmp_path / folder, engine)
    assert len(results(tmp_path / "serial")) == 24
    assert results(tmp_path / "serial") == results(tmp_path / "local")


@pytest.mark.parametrize("engine", [SerialEngine(), LocalEngine(1)], ids=["serial", "local"])
@pytest.mark.parametrize("answer", ["nothing", "list", "no_values", "unknown", "text", "object"])
def test_an_answer_that_cannot_be_recorded_is_a_failure(tmp_path: Path, engine: Engine, answer: str) -> None:
    study(tmp_path, "answers", [{"answer": answer}])
    execute(tmp_path, engine)
    assert status(tmp_path).failures == {("answer", "BadAnswer"): 1}


@pytest.mark.parametrize("engine", [SerialEngine(), LocalEngine(1)], ids=["serial", "local"])
@pytest.mark.parametrize("task", ["no.such.module:run", f"{JOBS}:missing"])
def test_a_task_that_cannot_be_loaded_is_said_at_once(tmp_path: Path, engine: Engine, task: str) -> None:
    write_plan(tmp_path, Plan(task, plan("square", squares(3)).runs))
    with pytest.raises(StudyError, match="cannot be loaded"):
        execute(tmp_path, engine)
    assert status(tmp_path).missing == 3


def test_finished_runs_are_found_and_a_study_grows(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(3))
    engine = FakeEngine(given)
    assert execute(tmp_path, engine).done == 3
    execute(tmp_path, engine)
    assert len(engine.asked) == 3
    assert len(list((tmp_path / JOURNALS).iterdir())) == 1
    grown = study(tmp_path, "square", squares(5))
    tally = execute(tmp_path, engine)
    assert engine.asked[3:] == [run.identity for run in grown.runs[3:]]
    assert (tally.total, tally.found, tally.done) == (5, 3, 2)
    assert status(tmp_path).complete


def test_failed_runs_are_made_again_only_if_asked_for(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(2))
    execute(tmp_path, FakeEngine(fails))
    engine = FakeEngine(given)
    assert execute(tmp_path, engine).found == 2
    assert engine.asked == []
    execute(tmp_path, engine, retry_failed=True)
    assert len(engine.asked) == 2
    assert [one.attempt for one in outcomes(tmp_path).values()] == [2, 2]
    assert status(tmp_path).done == 2


def test_long_runs_are_begun_first(tmp_path: Path) -> None:
    made = plan("square", squares(4))
    costs = (1.0, 5.0, 2.0, 5.0)
    runs = tuple(
        Run(r.identity, r.point, 0, r.payload, cost) for r, cost in zip(made.runs, costs, strict=True)
    )
    write_plan(tmp_path, Plan(made.task, runs))
    engine = FakeEngine(given)
    execute(tmp_path, engine)
    assert engine.asked == [runs[number].identity for number in (1, 3, 2, 0)]


def test_parts_make_every_run_once(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(10))
    engines = [FakeEngine(given) for _ in range(3)]
    for number, engine in enumerate(engines, 1):
        execute(tmp_path, engine, part=Part(number, 3))
    assert [len(engine.asked) for engine in engines] == [4, 3, 3]
    assert status(tmp_path).complete
    assert read_store(tmp_path).records == 10


@pytest.mark.parametrize("part", [Part(0, 3), Part(4, 3), Part(1, 0)])
def test_a_part_that_is_none_is_refused(tmp_path: Path, part: Part) -> None:
    study(tmp_path, "square", squares(2))
    with pytest.raises(StudyError, match="is no part"):
        execute(tmp_path, SerialEngine(), part=part)


def test_two_processes_do_not_make_the_same_runs(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(2))
    engine = FakeEngine(given)
    with locked(tmp_path), pytest.raises(StudyError, match="another process"):
        execute(tmp_path, engine)
    assert engine.asked == []
    execute(tmp_path, engine)
    assert len(engine.asked) == 2


@pytest.mark.parametrize(
    ("mine", "theirs"), [(None, Part(1, 2)), (Part(1, 2), None), (Part(1, 2), Part(2, 3))]
)
def test_a_study_and_its_parts_exclude_each_other(
    tmp_path: Path, mine: Part | None, theirs: Part | None
) -> None:
    study(tmp_path, "square", squares(6))
    other = FakeEngine(given)

    def meanwhile(run: Run) -> Outcome:
        if not read_store(tmp_path).records:
            with pytest.raises(StudyError, match="another process"):
                execute(tmp_path, other, part=theirs)
        return given(run)

    execute(tmp_path, FakeEngine(meanwhile), part=mine)
    assert other.asked == []
    execute(tmp_path, other, part=theirs)
    execute(tmp_path, other)
    assert read_store(tmp_path).records == len(plan("square", squares(6)).runs)


def test_parts_of_one_division_are_made_at_the_same_time(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(6))
    other = FakeEngine(given)

    def meanwhile(run: Run) -> Outcome:
        execute(tmp_path, other, part=Part(2, 2))
        return given(run)

    execute(tmp_path, FakeEngine(meanwhile), part=Part(1, 2))
    assert (len(other.asked), status(tmp_path).complete) == (3, True)


def test_a_finished_study_is_read_without_a_trace(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(2))
    execute(tmp_path, FakeEngine(given))
    shutil.rmtree(tmp_path / LOCKS)
    before = sorted(tmp_path.rglob("*"))
    assert execute(tmp_path, FakeEngine(given)).found == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_progress_is_told_from_begin_to_end(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(1))
    execute(tmp_path, FakeEngine(given))
    study(tmp_path, "square", squares(4))
    heard: list[Tally] = []
    execute(tmp_path, FakeEngine(given), progress=heard.append)
    assert [(tally.total, tally.found, tally.done) for tally in heard] == [(4, 1, n) for n in range(4)]
    assert heard[0].remaining_s is None
    assert heard[-1].remaining_s == 0.0
    assert heard[2].remaining_s == pytest.approx(heard[2].seconds / 2, rel=0.01)
    assert heard[-1].rate_per_s == pytest.approx(3 / heard[-1].seconds)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_what_is_finished(tmp_path: Path, number: signal.Signals) -> None:
    study(tmp_path, "square", squares(40, seconds=0.05))

    def interrupt(tally: Tally) -> None:
        if tally.done == 3:
            signal.raise_signal(number)

    before = signal.getsignal(number)
    with pytest.raises(StudyStopped, match="of 40 runs are recorded") as caught:
        execute(tmp_path, LocalEngine(2), progress=interrupt)
    assert signal.getsignal(number) is before
    assert 3 <= caught.value.recorded == len(read_store(tmp_path).entries) < 40
    assert caught.value.exit_code == 130
    execute(tmp_path, LocalEngine(2))
    store = read_store(tmp_path)
    assert (len(store.entries), store.records) == (40, 40)


def test_a_second_interruption_leaves_at_once(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(5))

    def interrupt(tally: Tally) -> None:
        signal.raise_signal(signal.SIGINT)

    engine = FakeEngine(given)
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path, engine, progress=interrupt)
    assert engine.closed or not engine.asked
    assert read_store(tmp_path).damages == []


def fills_after(count: int) -> Callable[[int, bytes], int]:
    """A disk that has room for so many writes."""
    real, left = os.write, [count]

    def write(number: int, content: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(number, content)

    return write


def test_a_full_disk_ends_the_study_and_space_lets_it_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study(tmp_path, "square", squares(6))
    engine = FakeEngine(given)
    with monkeypatch.context() as patch:
        patch.setattr(journal_module.os, "write", fills_after(5))
        with pytest.raises(OutputError, match="No space left"):
            execute(tmp_path, engine)
    assert engine.closed
    assert (status(tmp_path).done, status(tmp_path).damages) == (3, [])
    execute(tmp_path, SerialEngine())
    assert status(tmp_path).complete


def test_a_folder_that_cannot_be_written_is_said_before_anything_runs(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(2))
    (tmp_path / JOURNALS).write_text("a file in the way", encoding="utf-8")
    engine = FakeEngine(given)
    with pytest.raises(OutputError, match="cannot be written"):
        execute(tmp_path, engine)
    assert engine.asked == []


def test_a_task_that_is_no_function_of_its_payload_is_told(tmp_path: Path) -> None:
    study(tmp_path, "impure", [{"x": 1}, {"x": 2, "processor": "other"}])
    execute(tmp_path, SerialEngine())
    (tmp_path / JOURNALS).rename(tmp_path / "aside")
    execute(tmp_path, SerialEngine())
    for path in (tmp_path / "aside").iterdir():
        path.rename(tmp_path / JOURNALS / path.name)
    stands = status(tmp_path)
    assert (stands.done, stands.repeated, len(stands.conflicts)) == (2, 2, 2)
    assert stands.platforms == 2
