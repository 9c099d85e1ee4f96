"""One case of the benchmark in its own process: a JSON request on the command line, a JSON answer on stdout."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import simpy_bare, textbook

if TYPE_CHECKING:
    from sim.model import MarketModel

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "baseline.yaml"
FORMS = ("platform", "agency", "employee_based", "outlet", "institution")
NEAREST = [f"dispatch.{form}.policy=nearest" for form in FORMS]
ORDINARY_WEEKS = "period.start=2026-03-02"
NOON_MIN = 720.0


def market(scale: float, days: int) -> dict[str, Any]:
    """Measure the real market with `nearest`; its first day, in which kernels are loaded, is not in the rate.

    The days are ordinary weeks, without Spring Festival.
    """
    from sim.model import MarketModel
    from sim.scenario import load_scenario

    start = time.process_time()
    overrides = [
        f"scale={scale}",
        f"period.days={days + 2}",
        "period.warm_up_days=0",
        ORDINARY_WEEKS,
        *NEAREST,
    ]
    model = MarketModel(load_scenario(SCENARIO, overrides=overrides))
    built = time.process_time()
    model.run_days(1)
    before, started = model.counts(), time.process_time()
    model.run_days(days)
    seconds, after = time.process_time() - started, model.counts()
    gained = {name: after[name] - before[name] for name in after}
    return {
        "setup_s": built - start,
        "completed": gained["completed_orders"],
        "orders_per_s": gained["completed_orders"] / seconds,
        "events_per_order": gained["events"] / gained["completed_orders"],
        "peak_mib": peak_mib(),
        "textbook_size": textbook_size(model, gained["requested_orders"] / days),
        "depth": calendar_depth(model),
    }


def textbook_size(model: MarketModel, orders_per_day: float) -> dict[str, float]:
    """Return the counts and the density of a market, as :class:`benchmarks.textbook.Size` takes them."""
    import numpy as np

    from sim.vocabulary import ServiceForm, WorkerStatus

    services, workers = model.tables["services"].used, model.tables["workers"].used
    visits = np.flatnonzero(np.isin(services["form"], (ServiceForm.VISIT, ServiceForm.RECURRING)))
    mask = np.bitwise_or.reduce(np.left_shift(1, visits))
    here = workers["status"] != WorkerStatus.LEFT
    serving = here & (workers["status"] != WorkerStatus.PLACED) & ((workers["skills"] & mask) != 0)
    area_km2 = float(np.square(model.tables["districts"].used["side_km"]).sum())
    return {
        "households": model.tables["households"].size,
        "workers": int(here.sum()),
        "placed_workers": int(here.sum() - serving.sum()),
        "orders_per_day": orders_per_day,
        "workers_per_km2": float(here.sum()) / area_km2,
    }


def calendar_depth(model: MarketModel) -> int:
    """Return the pending entries of the calendar, the mean of a midnight and the noon after it."""
    pending = model.market.clock._queue
    midnight = len(pending)
    model.advance_to(model.now_min + NOON_MIN)
    return (midnight + len(pending)) // 2


def bare(orders: int, depth: int) -> dict[str, Any]:
    """Measure the bare SimPy loop; the best of three runs, for it is the yardstick."""
    return {"orders_per_s": max(simpy_bare.orders_per_second(orders, depth) for _ in range(3))}


def plain(size: dict[str, Any], days: int) -> dict[str, Any]:
    """Measure the textbook market."""
    start = time.process_time()
    model = textbook.Market(textbook.Size(**size))
    built = time.process_time()
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
    from sim.records.numeric_platform import peak_memory_bytes

    return (peak_memory_bytes() or 0) / 2**20


CASES = {"market": market, "bare": bare, "textbook": plain}


def main() -> None:
    """Run the case that the command line names."""
    request = json.loads(sys.argv[1])
    answer = CASES[request.pop("case")](**request)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
