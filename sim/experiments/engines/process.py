"""The driver's side of one worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from sim.experiments.engines.frames import receive, send

BOOT = (
    "import json, sys\n"
    "boot = json.loads(sys.argv[1])\n"
    "sys.path[:] = boot['path']\n"
    "from sim.experiments.engines.worker import main\n"
    "main(boot['driver'])\n"
)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Libraries would start a thread for each processor in each worker; what the user has set stays."""
MOST_STDERR = 4_000
"""Bytes of a dead worker's last words that are kept."""

Message = dict[str, Any] | None
"""What a worker says; None when it is dead."""
Listener = Callable[["WorkerProcess", Message], None]


class WorkerProcess:
    """A worker process, and a thread that talks with it.

    It is a fresh interpreter on every system, so that it inherits no locks, threads or files, and the user's own
    program is not imported a second time in it.

    Args:
        task: What makes a run.
        shared: What all payloads have in common.
        listener: Is told, in the thread, what the worker says.
    """

    def __init__(self, task: str, shared: Mapping[str, Any], listener: Listener) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the worker
        boot = {"path": [path or str(Path.cwd()) for path in sys.path], "driver": os.getpid()}
        self._process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", BOOT, json.dumps(boot)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**dict.fromkeys(ONE_THREAD, "1"), **os.environ},
        )
        self._listener = listener
        self._inbox: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._inbox.put({"task": task, "shared": shared})
        self._thread = threading.Thread(target=self._converse, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def ask(self, payload: Mapping[str, Any]) -> None:
        """Hand over a run; the worker must be idle. What earlier runs wrote to stderr is forgotten."""
        with suppress(OSError):
            self._stderr.seek(0)
            self._stderr.truncate()
        self._inbox.put({"payload": payload})

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        with suppress(OSError):
            self._process.kill()
        self._inbox.put(None)

    def finish(self, seconds: float) -> None:
        """Wait until the killed process and its thread are gone, at most so long, and let go of what they held."""
        self._thread.join(seconds)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        if not self._thread.is_alive():
            self._stderr.close()

    def last_words(self) -> str:
        """The end of what it wrote to stderr since the last run was handed over."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - MOST_STDERR))
        return self._stderr.read().decode("utf-8", "replace")

    def cause_of_death(self) -> str:
        """How it ended, in words."""
        code = self._process.returncode
        if code is None or code >= 0:
            return f"exit status {code}"
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"

    def _converse(self) -> None:
        """Hand over requests one at a time, tell what is answered, and say when the worker is dead."""
        with suppress(OSError, ValueError):
            while (request := self._inbox.get()) is not None and self._exchange(request):
                pass
        with suppress(OSError):
            self._process.kill()  # its pipes are of no use any more
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe and pipe.close()
        self._listener(self, None)

    def _exchange(self, request: dict[str, Any]) -> bool:
        """Send a request and pass on all that comes back for it; False when the worker is gone."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return False
        send(stdin, request)
        while (message := receive(stdout)) is not None:
            self._listener(self, message)
            if "stage" not in message:
                return True
        return False
