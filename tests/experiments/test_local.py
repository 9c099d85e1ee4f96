"""The pool: a run that kills, freezes or litters its worker concerns nobody else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from sim.experiments.engines import local, process
from sim.experiments.engines.engine import Work
from sim.experiments.engines.local import LocalEngine
from sim.experiments.engines.process import WorkerProcess
from sim.experiments.engines.worker import DRIVER_GONE
from sim.experiments.errors import StudyError
from sim.experiments.execute import execute
from sim.experiments.status import status
from tests.experiments.studies import JOBS, outcomes, squares, study


def make(folder: Path, task: str, payloads: list[dict[str, Any]], engine: LocalEngine) -> list[Any]:
    """Execute a study and return the outcomes in the order of its plan."""
    made = study(folder, task, payloads)
    execute(folder, engine)
    found = outcomes(folder)
    return [found[run.identity] for run in made.runs]


@pytest.mark.parametrize(("trouble", "cause"), [("kill", "SIGKILL"), ("segfault", "SIGSEGV")])
def test_a_run_that_kills_its_worker_is_tried_again_and_recorded(
    tmp_path: Path, trouble: str, cause: str
) -> None:
    payloads = [*squares(4), {"x": 9, "trouble": trouble}, *({"x": 10 + x} for x in range(4))]
    made = make(tmp_path, "troubled", payloads, LocalEngine(2, retries=1))
    crash = made.pop(4)
    assert all(one.ok and one.attempt == 1 for one in made)
    assert (crash.attempt, crash.failure.stage, crash.failure.type) == (2, "simulate", "WorkerDied")
    assert crash.failure.message == f"killed by {cause}"


def test_a_crash_keeps_the_last_words_of_the_run_that_crashed(tmp_path: Path) -> None:
    payloads = [{"x": 1, "trouble": "kill"}]
    (crash,) = make(tmp_path, "troubled", payloads, LocalEngine(1, retries=0))
    assert crash.failure.traceback == "my last words\n"


def test_a_run_that_crashes_once_gives_its_result_the_second_time(tmp_path: Path) -> None:
    payloads = [{"x": 3, "trouble": "kill_once", "flag": str(tmp_path / "flag")}]
    (one,) = make(tmp_path / "study", "troubled", payloads, LocalEngine(2))
    assert (one.ok, one.attempt, one.values["square"]) == (True, 2, 9)


@pytest.mark.parametrize("trouble", ["hang", "hang_deaf", "freeze"])
def test_a_run_that_hangs_is_ended(tmp_path: Path, trouble: str) -> None:
    payloads = [{"x": 1, "trouble": trouble}, *({"x": 2 + x} for x in range(4))]
    hung, *others = make(tmp_path, "troubled", payloads, LocalEngine(2, timeout_s=0.5, retries=0))
    assert (hung.failure.stage, hung.failure.type) == ("simulate", "TimedOut")
    assert hung.failure.message == "no result within 0.5 s"
    assert all(one.ok for one in others)


def test_an_exception_is_not_tried_again(tmp_path: Path) -> None:
    (one,) = make(tmp_path, "troubled", [{"x": 1, "trouble": "raise"}], LocalEngine(1, retries=5))
    assert one.attempt == 1


def test_what_a_run_prints_and_reads_disturbs_nobody(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = make(tmp_path, "noisy", squares(5), LocalEngine(2))
    assert [one.values for one in made] == [{"read": 0}] * 5
    assert capfd.readouterr() == ("", "")


def test_workers_make_many_runs_and_are_replaced_if_wanted(tmp_path: Path) -> None:
    def processes(folder: Path, engine: LocalEngine) -> int:
        return len(
            {one.values["pid"] for one in make(folder, "whereabouts", squares(8), engine)} - {os.getpid()}
        )

    assert processes(tmp_path / "kept", LocalEngine(1)) == 1
    assert processes(tmp_path / "replaced", LocalEngine(1, runs_per_worker=2)) == 4


def test_a_worker_does_not_import_the_main_program(tmp_path: Path) -> None:
    (one,) = make(tmp_path, "whereabouts", squares(1), LocalEngine(1))
    assert one.notes == {"main": ""}


def test_no_more_workers_than_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def counted(*arguments: Any) -> WorkerProcess:
        begun.append(1)
        return WorkerProcess(*arguments)

    monkeypatch.setattr(local, "WorkerProcess", counted)
    make(tmp_path, "square", squares(1), LocalEngine(8))
    assert len(begun) == 1


def test_payloads_of_any_size_and_text_arrive(tmp_path: Path) -> None:
    payload = {"text": "家政" * 500_000, "half": "\ud800", "number": 0.1 + 0.2, "list": [None, True, -0.0]}
    payload = {**payload, "half": "x"}
    (one,) = make(tmp_path, "echo", [payload], LocalEngine(1))
    assert one.notes == payload


def test_workers_that_cannot_begin_are_said_at_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiments.engines.process.BOOT", "import sys; sys.exit('no licence')")
    study(tmp_path, "square", squares(3))
    with pytest.raises(StudyError, match=r"die before they can begin \(exit status 1 no licence\)"):
        execute(tmp_path, LocalEngine(2))
    assert status(tmp_path).missing == 3


def test_all_workers_are_gone_when_the_study_ends(tmp_path: Path) -> None:
    made = make(tmp_path, "whereabouts", squares(4, seconds=0.1), LocalEngine(2))
    for pid in {one.values["pid"] for one in made}:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_as_many_workers_as_processors() -> None:
    assert 1 <= local.processors() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    "setting", [{"workers": 0}, {"workers": -1}, {"timeout_s": 0.0}, {"retries": -1}, {"runs_per_worker": 0}]
)
def test_settings_that_make_no_sense_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(StudyError, match=next(iter(setting))):
        LocalEngine(**setting)


def test_a_task_may_say_in_many_threads_what_it_is_doing(tmp_path: Path) -> None:
    made = make(tmp_path, "threaded", squares(5), LocalEngine(1, retries=0))
    assert all(one.ok for one in made)


def test_a_system_without_room_for_workers_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("sim.experiments.engines.process.subprocess.Popen", refuse)
    study(tmp_path, "square", squares(1))
    with pytest.raises(StudyError, match="Resource temporarily unavailable"):
        execute(tmp_path, LocalEngine(1))


def test_a_worker_ends_with_its_stdin_where_the_kernel_does_not_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = f"import sys; sys.platform = 'elsewhere'\n{process.BOOT}"
    monkeypatch.setattr(process, "BOOT", elsewhere)
    heard: SimpleQueue[Any] = SimpleQueue()
    worker = WorkerProcess(f"{JOBS}:troubled", {}, lambda *said: heard.put(said[1]))
    worker.ask({"x": 1, "trouble": "hang"})
    while heard.get(timeout=20) != {"stage": "simulate"}:
        pass
    stdin = worker._process.stdin
    assert stdin is not None
    stdin.close()
    assert worker._process.wait(20) == DRIVER_GONE
    assert heard.get(timeout=20) is None
    worker.finish(20)


def test_what_has_ended_when_the_user_stops_is_not_lost(tmp_path: Path) -> None:
    flag = tmp_path / "ended"
    made = study(tmp_path / "study", "touch", [{"x": 1, "flag": str(flag)}])
    engine = LocalEngine(1)

    def stop() -> bool:
        if flag.exists():
            time.sleep(0.5)  # the answer arrives while nobody listens
        return flag.exists()

    assert [one.ok for one in engine.outcomes(Work(made.task, {}, made.runs), stop)] == [True]
