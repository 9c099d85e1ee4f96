"""How fast a large study is read, and how busy the local engine keeps its workers.

    python -m benchmarks.studies          # about four minutes
    python -m benchmarks.studies --short  # a tenth of each

The share of time in which workers are busy is measured with runs that sleep, so that it says what the engine loses
between runs and not what else the machine is doing, and with runs that compute.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.experiments.collect import collect
from sim.experiments.engines.local import LocalEngine
from sim.experiments.execute import execute
from sim.experiments.journal import Journal
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, read_plan, run_identity, write_plan
from sim.experiments.status import status
from sim.experiments.store import read_store

RECORDED = 100_000
OUTCOMES = 40
RUNS = 200
RUN_S = 2.0
COMPUTING_RUNS = 20
WORKERS = 2


def sleep(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Take some wall time."""
    time.sleep(payload["seconds"])
    return {"values": {"number": payload["number"]}}


def spin(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Take some processor time."""
    end = time.process_time() + payload["seconds"]
    while time.process_time() < end:
        pass
    return {"values": {"number": payload["number"]}}


def main(short: bool) -> int:
    """Measure and print."""
    share = 0.1 if short else 1.0
    with tempfile.TemporaryDirectory() as folder:
        reading(Path(folder) / "large", int(RECORDED * share))
        busy(Path(folder) / "sleep", "sleep", int(RUNS * share))
        busy(Path(folder) / "spin", "spin", int(COMPUTING_RUNS * share))
    return 0


def reading(folder: Path, count: int) -> None:
    """Print how long it takes to read a study in which everything is recorded."""
    identities = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]
    runs = (Run(identity, {"number": n}, 0, {"number": n}) for n, identity in enumerate(identities))
    write_plan(folder, Plan("benchmarks.studies:sleep", tuple(runs)))
    with Journal(folder) as journal:
        for number, identity in enumerate(identities):
            values = {f"outcome_{column}": number * column / 7 for column in range(OUTCOMES)}
            journal.append(Outcome(identity, values, identity[:32], timings={"wall_s": 1.0, "cpu_s": 1.0}))
    size = journal.path.stat().st_size / 2**20
    print(f"{count:,} recorded runs of {OUTCOMES} outcomes, {size:.0f} MiB")
    for name, step in (("status", status), ("read_plan", read_plan), ("collect", collect)):
        print(f"  {name:10} {seconds_of(step, folder):6.2f} s")


def seconds_of(step: Callable[[Path], object], folder: Path) -> float:
    """Wall seconds of a step."""
    begun = time.perf_counter()
    step(folder)
    return time.perf_counter() - begun


def busy(folder: Path, task: str, count: int) -> None:
    """Print the share of time in which the workers had a run."""
    name = f"benchmarks.studies:{task}"
    payloads = [{"number": number, "seconds": RUN_S} for number in range(count)]
    runs = (Run(run_identity(name, {}, p), {"number": p["number"]}, 0, p) for p in payloads)
    write_plan(folder, Plan(name, tuple(runs)))
    begun = time.perf_counter()
    execute(folder, LocalEngine(WORKERS))
    elapsed = time.perf_counter() - begun
    store = read_store(folder)
    outcomes = list(store.outcomes(store.entries.values()))
    wall, cpu = (sum(one.timings[name] for one in outcomes) for name in ("wall_s", "cpu_s"))
    print(
        f"{count} runs of {RUN_S:g} s that {task}, {WORKERS} workers: {elapsed:.1f} s; workers busy "
        f"{wall / (WORKERS * elapsed):.1%} of the time, processors {cpu / (WORKERS * elapsed):.1%}"
    )


if __name__ == "__main__":
    sys.exit(main("--short" in sys.argv[1:]))
