"""The local engine: a pool of worker processes of which any may die at any time.

The death of a worker concerns the run that it was making and no other. That run is tried again, then recorded as a
crash; a run that takes too long loses its worker and is recorded as timed out. Only the driver, which reads the
outcomes, writes.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from sim.experiments.engines.engine import Stop, Work
from sim.experiments.engines.process import Message, WorkerProcess
from sim.experiments.engines.worker import RECEIVED
from sim.experiments.errors import StudyError
from sim.experiments.outcome import Failure, Outcome, outcome_of
from sim.experiments.plan import Run
from sim.records.refusal import refusal

LOOK_EVERY_S = 0.2
"""How long a wish to stop, or a deadline, may go unnoticed."""
FAREWELL_S = 5.0
"""How long killed workers are waited for at the end; the kernel may hold one up."""
MOST_FALSE_STARTS = 3
"""Workers in a row that may die before they have begun a run."""
STARTING = "start_worker"


@dataclass(frozen=True)
class LocalEngine:
    """Makes runs in worker processes on this machine.

    Attributes:
        workers: How many; as many as this process may use processors if not given.
        timeout_s: Wall seconds that a run may take; no limit if not given. The time until a worker has loaded the task
            does not count.
        retries: How often a run is tried again whose worker died or that took too long. A run that raised an exception
            is not: it would raise it again.
        runs_per_worker: After how many runs a worker is replaced, which bounds what leaks; never if not given.
    """

    workers: int | None = None
    timeout_s: float | None = None
    retries: int = 1
    runs_per_worker: int | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense.

        Raises:
            StudyError: One does not.
        """
        positive = {name: getattr(self, name) for name in ("workers", "timeout_s", "runs_per_worker")}
        wrong = [name for name, value in positive.items() if value is not None and not value > 0]
        if self.retries < 0:
            wrong.append("retries")
        if wrong:
            raise refusal(StudyError, "study_engine", type(self).__name__, found=", ".join(wrong))

    def processes(self, runs: int) -> int:
        """Return how many workers will be at work at a time on so many runs."""
        return max(min(self.workers or processors(), runs), 1)

    def outcomes(self, work: Work, stop: Stop) -> Generator[Outcome]:
        """Yield the outcome of each run as it ends.

        Raises:
            StudyError: The task cannot be loaded, or workers die before they can begin.
        """
        pool = _Pool(self, work)
        try:
            yield from pool.outcomes(stop)
        finally:
            pool.close()


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass
class _Trial:
    """A run that is waiting or being made.

    Attributes:
        run: Which.
        attempt: The how-manieth try this is.
    """

    run: Run
    attempt: int = 1


@dataclass
class _Seat:
    """What the driver knows of a worker.

    Attributes:
        process: The worker.
        ready: Whether it has loaded the task.
        trial: What it is making.
        stage: The stage it has reached in it; "" before it has said that it begins.
        deadline: When its time is up (monotonic seconds).
        made: Runs that it has made.
    """

    process: WorkerProcess
    ready: bool = False
    trial: _Trial | None = None
    stage: str = ""
    deadline: float = float("inf")
    made: int = 0


class _Pool:
    """The workers of one piece of work.

    Everything here happens in the driver's thread; the workers' threads only put what they hear into a queue.
    """

    def __init__(self, engine: LocalEngine, work: Work) -> None:
        self._engine = engine
        self._work = work
        self._size = engine.processes(len(work.runs))
        self._waiting = deque(_Trial(run) for run in work.runs)
        self._heard: SimpleQueue[tuple[WorkerProcess, Message]] = SimpleQueue()
        self._seats: dict[WorkerProcess, _Seat] = {}
        self._retired: list[WorkerProcess] = []
        self._false_starts = 0

    def outcomes(self, stop: Stop) -> Iterator[Outcome]:
        """Yield the outcome of each run, until all have ended or `stop` says so."""
        while (self._waiting or self._busy()) and not stop():
            self._fill_seats()
            self._hand_out()
            yield from self._hear(LOOK_EVERY_S)
            yield from self._end_overdue()
        yield from self._hear(0.0)

    def close(self) -> None:
        """Kill all workers."""
        for process in self._seats:
            process.kill()
        end = time.monotonic() + FAREWELL_S
        for process in (*self._seats, *self._retired):
            process.finish(max(0.0, end - time.monotonic()))

    def _busy(self) -> int:
        return sum(seat.trial is not None for seat in self._seats.values())

    def _fill_seats(self) -> None:
        """Start workers while there is work for more."""
        while len(self._seats) < min(self._size, len(self._waiting) + self._busy()):
            process = self._start()
            self._seats[process] = _Seat(process)

    def _start(self) -> WorkerProcess:
        try:
            return WorkerProcess(self._work.task, self._work.shared, lambda *heard: self._heard.put(heard))
        except OSError as error:
            raise refusal(StudyError, "study_workers_die", self._work.task, problem=error) from error

    def _hand_out(self) -> None:
        """Give a waiting run to each worker that has none."""
        for seat in self._seats.values():
            if self._waiting and seat.ready and seat.trial is None:
                seat.trial, seat.stage = self._waiting.popleft(), ""
                seat.deadline = time.monotonic() + (self._engine.timeout_s or float("inf"))
                seat.process.ask(seat.trial.run.payload)

    def _hear(self, seconds: float) -> Iterator[Outcome]:
        """Wait for a message, at most so long, and take it and all that have come with it."""
        try:
            message = self._heard.get(timeout=seconds) if seconds else self._heard.get_nowait()
            while True:
                yield from self._take(*message)
                message = self._heard.get_nowait()
        except Empty:
            return

    def _take(self, process: WorkerProcess, message: Message) -> Iterator[Outcome]:
        seat = self._seats.get(process)
        if seat is None:  # it has been retired; what it still says comes too late
            return
        if message is None:
            yield from self._died(seat)
        elif "stage" in message:
            seat.stage = message["stage"]
        elif "refused" in message:
            self._refuse(message["refused"])
        elif "ready" in message:
            seat.ready = True
        elif seat.trial is not None:
            trial, seat.trial = seat.trial, None
            self._made_one(seat)
            yield outcome_of(trial.run.identity, trial.attempt, message["reply"])

    def _made_one(self, seat: _Seat) -> None:
        """Count a run of a worker; replace the worker if it has made enough."""
        self._false_starts = 0
        seat.deadline = float("inf")
        seat.made += 1
        if seat.made == self._engine.runs_per_worker:
            self._retire(seat)

    def _died(self, seat: _Seat) -> Iterator[Outcome]:
        """A worker is dead: its run is tried again or has crashed. A run that it had not begun is not to blame."""
        begun = seat.trial is not None and seat.stage != ""
        self._retire(seat)
        self._false_starts = 0 if begun else self._false_starts + 1
        cause, words = seat.process.cause_of_death(), seat.process.last_words()
        if begun:
            yield from self._again(seat, Failure(seat.stage, "WorkerDied", cause, words))
        elif self._false_starts >= MOST_FALSE_STARTS:
            problem = " ".join(f"{cause} {words}".split())
            raise refusal(StudyError, "study_workers_die", self._work.task, problem=problem)
        elif seat.trial is not None:
            self._waiting.appendleft(seat.trial)

    def _end_overdue(self) -> Iterator[Outcome]:
        """Kill workers whose time is up."""
        now = time.monotonic()
        for seat in [seat for seat in self._seats.values() if seat.deadline <= now]:
            self._retire(seat)
            message = f"no result within {self._engine.timeout_s:g} s"
            yield from self._again(seat, Failure(seat.stage or RECEIVED, "TimedOut", message))

    def _again(self, seat: _Seat, failure: Failure) -> Iterator[Outcome]:
        """Let a run wait for another try; if it has had enough of them, its failure is its outcome."""
        trial = seat.trial
        if trial is None:
            return
        if trial.attempt <= self._engine.retries:
            self._waiting.append(_Trial(trial.run, trial.attempt + 1))
        else:
            yield Outcome(trial.run.identity, attempt=trial.attempt, failure=failure)

    def _retire(self, seat: _Seat) -> None:
        del self._seats[seat.process]
        seat.process.kill()
        self._retired.append(seat.process)

    def _refuse(self, failure: dict[str, str]) -> None:
        problem = f"{failure['type']}: {failure['message']}"
        raise refusal(StudyError, "study_task_broken", self._work.task, problem=problem)
