"""Whether the worker processes of a study fit into this machine's memory, asked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.errors import ResourceError
from sim.experiments.engines.local import LocalEngine
from sim.experiments.plan import Plan
from sim.experiments.planned import heaviest
from sim.records.refusal import refusal
from sim.scenario import Scenario, estimate_resources
from sim.scenario.estimate import SAFE_SHARE, megabytes
from sim.scenario.machine import available_memory_bytes


def check_memory(scenarios: Sequence[Scenario], engine: LocalEngine, runs: int) -> None:
    """Refuse a study whose runs, as many at a time as the engine makes, need more memory than there is.

    Args:
        scenarios: Those of one run at a time in each process; the largest counts.
        engine: The engine that is to make them.
        runs: How many runs are to be made; where all are recorded, memory is no matter.

    Raises:
        ResourceError: They do not fit; the message says with how many processes they would.
    """
    free = available_memory_bytes()
    if free is None or runs <= 0:
        return
    largest = max(scenarios, key=lambda scenario: estimate_resources(scenario).memory_bytes)
    needed = estimate_resources(largest).memory_bytes
    processes = engine.processes(runs)
    if processes * needed <= SAFE_SHARE * free:
        return
    fit = math.floor(SAFE_SHARE * free / needed)
    details = {"processes": processes, "needed": megabytes(needed), "there": megabytes(free), "fit": fit}
    code = "too_little_memory_for_processes" if fit else "too_little_memory_for_one_process"
    raise refusal(ResourceError, code, largest.files[-1], **details)


def check_sweep_memory(plan: Plan, engine: LocalEngine, missing: int) -> None:
    """Refuse a planned study whose heaviest runs do not fit side by side; of unknown tasks nothing is known.

    Args:
        plan: The study's plan.
        engine: The engine that is to make it.
        missing: How many of its runs are to be made.

    Raises:
        ResourceError: As :func:`check_memory`.
        ScenarioError: The scenario can no longer be read.
    """
    scenarios = heaviest(plan) if missing else ()
    if scenarios:
        check_memory(scenarios, engine, missing)
