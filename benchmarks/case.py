"""One case of the benchmark in its own process: a JSON request on the command line, a JSON answer on stdout."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import simpy_bare, textbook

SCENARIO = Path("scenarios/baseline.yaml")


def market(scale: float, days: int) -> dict[str, Any]:
    """Measure the real market; its first day, in which kernels are loaded, is not counted in the rate."""
    from sim.model import MarketModel
    from sim.scenario import load_scenario

    start = time.perf_counter()
    overrides = [f"scale={scale}", f"period.days={days + 1}"]
    model = MarketModel(load_scenario(str(SCENARIO), overrides=overrides))
    built = time.perf_counter()
    model.run_days(1)
    before, started = dict(model.counts()), time.perf_counter()
    model.run_days(days)
    seconds, after = time.perf_counter() - started, dict(model.counts())
    completed = after["completed_orders"] - before["completed_orders"]
    return {
        "setup_s": built - start,
        "completed": completed,
        "orders_per_s": completed / seconds,
        "events_per_order": (after["events"] - before["events"]) / max(completed, 1),
        "counts": after,
        "peak_mib": peak_mib(),
    }


def bare(orders: int, depth: int) -> dict[str, Any]:
    """Measure the bare SimPy loop; the best of three runs, for it is the yardstick."""
    return {"orders_per_s": max(simpy_bare.orders_per_second(orders, depth) for _ in range(3))}


def plain(size: dict[str, Any], days: int) -> dict[str, Any]:
    """Measure the textbook market."""
    start = time.perf_counter()
    model = textbook.Market(textbook.Size(**size))
    built = time.perf_counter()
    rate, completed = textbook.orders_per_second(model, days)
    return {
        "setup_s": built - start,
        "completed": completed,
        "orders_per_s": rate,
        "size": asdict(model.size),
        "peak_mib": peak_mib(),
    }


def peak_mib() -> float:
    """Return the peak resident memory of this process in MiB; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    per_mib = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mib


CASES = {"market": market, "bare": bare, "textbook": plain}


def main() -> None:
    """Run the case that the command line names."""
    request = json.loads(sys.argv[1])
    answer = CASES[request.pop("case")](**request)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
