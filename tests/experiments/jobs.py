"""Tasks that the tests have run, in this process and in workers."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim.experiments.stage import enter_stage


def square(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A pure function of the payload; takes `seconds`."""
    time.sleep(payload.get("seconds", 0.0))
    x = payload["x"]
    noise = hashlib.sha256(str(x).encode()).digest()[0] / 7.0
    return {"values": {"square": x * x, "noise": noise, "none": None}}


def noisy(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Prints on every channel, below Python too, and reads stdin."""
    sys.stdout.write(f"hello {payload}\n")
    os.write(1, b"\x00\x00\x00\x05noise" * 100)
    sys.stderr.write("warning\n")
    return {"values": {"read": len(sys.stdin.read())}}


def troubled(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Does what `payload["trouble"]` says, if anything."""
    trouble = payload.get("trouble")
    enter_stage("simulate")
    if trouble is not None:
        TROUBLES[trouble](payload)
    return square(payload)


def _raise(payload: Mapping[str, Any]) -> None:
    raise ValueError(f"no market at {payload['x']} \udcff")


def _leave(payload: Mapping[str, Any]) -> None:
    sys.exit(f"leaving with {payload['x']}")


def _kill(payload: Mapping[str, Any]) -> None:
    sys.stderr.write("my last words\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_once(payload: Mapping[str, Any]) -> None:
    flag = Path(payload["flag"])
    if not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def _segfault(payload: Mapping[str, Any]) -> None:
    ctypes.string_at(0)


def _hang(payload: Mapping[str, Any]) -> None:
    time.sleep(3600)


def _hang_deaf(payload: Mapping[str, Any]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(0.1)


def _freeze(payload: Mapping[str, Any]) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _hold(payload: Mapping[str, Any]) -> None:
    """Hold the interpreter's lock, as compiled code may, so that no other thread runs."""
    ctypes.PyDLL(None).sleep(3600)


TROUBLES = {
    "raise": _raise,
    "leave": _leave,
    "kill": _kill,
    "kill_once": _kill_once,
    "segfault": _segfault,
    "hang": _hang,
    "hang_deaf": _hang_deaf,
    "freeze": _freeze,
    "hold": _hold,
}


def answers(payload: Mapping[str, Any]) -> Any:
    """Returns what a task should not."""
    bad: dict[str, Any] = {
        "nothing": None,
        "list": [1],
        "no_values": {"digest": "x"},
        "unknown": {"values": {}, "valeus": {}},
        "text": {"values": {"a": "1"}},
        "object": {"values": {}, "notes": {"a": object()}},
    }
    return bad[payload["answer"]]


def impure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Gives something else each time, on the platform that it is told."""
    return {"values": {"now": time.time_ns()}, "platform": {"processor": payload.get("processor", "any")}}


def litter(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a temporary folder and does what `payload["trouble"]` says before it is removed."""
    from sim.experiments.scratch import scratch_folder

    with TemporaryDirectory(dir=scratch_folder()) as folder:
        (Path(folder) / "past").write_bytes(b"0" * 1000)
        return troubled(payload)


def echo(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Gives back what it was given."""
    return {"values": {}, "notes": dict(payload)}


def whereabouts(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Which process makes the run, and what it can see."""
    time.sleep(payload.get("seconds", 0.0))
    return {
        "values": {"pid": os.getpid()},
        "notes": {"main": str(getattr(sys.modules["__main__"], "__file__", ""))},
    }


def threaded(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Enters stages in several threads at a time."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter_stage, [f"stage {number} {'x' * 9000}" for number in range(200)]))
    return square(payload)


def touch(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a file when it is about to end."""
    Path(payload["flag"]).touch()
    return square(payload)
