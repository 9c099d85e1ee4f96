"""The worker: a program that is given runs on stdin and answers on what was its stdout.

It does not outlive its driver: a thread waits on stdin and ends the process when the driver closes it or dies, on every
system and also in the middle of a run; on Linux the kernel ends it as well, should compiled code hold that thread up.
What a run prints goes to stderr, which the driver keeps for the record of a crash.

Requests: {"task", "shared"} once, then {"payload"} a run. Answers: {"ready"} or {"refused"}; {"stage"} whenever a
stage begins, {"reply"} when a run has ended.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import IO, Any

from sim.experiments.attempt import Task, attempt, described, load_task
from sim.experiments.engines.frames import receive, send
from sim.experiments.stage import enter_stage, listen

PR_SET_PDEATHSIG = 1
DRIVER_GONE = 1
RECEIVED = "start"

Requests = SimpleQueue[dict[str, Any]]


def main(driver: int) -> None:
    """Serve a driver until it is gone.

    Args:
        driver: Its process number.
    """
    # Ctrl-C reaches all processes of a terminal, and the driver decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(driver)
    requests, answers = private_pipes()
    inbox: Requests = SimpleQueue()
    threading.Thread(target=read_requests, args=(requests, inbox), daemon=True).start()
    serve(inbox, answers)


def die_with(driver: int) -> None:
    """Have Linux kill this process when its driver dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != driver:  # it died before the kernel was asked
            os._exit(DRIVER_GONE)


def private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Take stdin and stdout away from the runs: they read nothing, and what they print goes to stderr."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def read_requests(requests: IO[bytes], inbox: Requests) -> None:
    """Pass requests on; end the process when there can be no more."""
    while (request := receive(requests)) is not None:
        inbox.put(request)
    os._exit(DRIVER_GONE)


def serve(inbox: Requests, answers: IO[bytes]) -> None:
    """Load the task, then make runs for ever."""
    listen(lambda name: send(answers, {"stage": name}))
    first = inbox.get()
    task = load(first["task"], answers)
    while True:
        payload = inbox.get()["payload"]
        enter_stage(RECEIVED)
        reply = attempt(task, {**first["shared"], **payload})
        flush()
        send(answers, {"reply": reply})


def load(name: str, answers: IO[bytes]) -> Task:
    """Load the task and say so; if it cannot be loaded, say why and wait for the end."""
    try:
        task = load_task(name)
    except (Exception, SystemExit) as error:
        send(answers, {"refused": described(error)})
        threading.Event().wait()
        raise
    send(answers, {"ready": os.getpid()})
    return task


def flush() -> None:
    """Have everything that was printed in the driver's hands."""
    sys.stdout.flush()
    sys.stderr.flush()
