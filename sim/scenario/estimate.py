"""Memory and disk that a run will need, from the region's facts and the scale, before anything is built.

The figures err upwards: every need is counted as an order, and nobody does the work himself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from sim.data import FactTree
from sim.errors import ResourceError
from sim.scenario.faults import ScenarioFault, fault
from sim.scenario.machine import available_memory_bytes, free_disk_bytes
from sim.scenario.nodes import Place
from sim.scenario.scenario import Scenario

AGENT_BYTES = 580
"""A Mesa agent with its entries in the agent sets: what 772,000 more of them added to the resident memory of a model
after its set-up, without their rows (Mesa 3.3.1; a large city at scale 0.1 against 0.01)."""
WORKING_BYTES = 350
"""What is held besides, for each household, while the world is set up and days are prepared: from 0.01 to 0.05 of a
large city the peak rose by 1,240 to 1,290 bytes a household, rows, agents and orders included."""
PROGRAM_BYTES = 1_030_000_000
"""Interpreter, libraries and kernels: about 350 MB when the kernels are compiled already, up to 400 MB more in the run
that compiles them, and more as kernels are added. Peaks of such first runs, before the actors had memory: 692 MB,
873 MB and 1,299 MB at 0.002, 0.01 and 0.05 of a large city; later runs: 365 MB, 493 MB and 900 MB, the same for 120
days as for 365. With all behaviour on, first runs at 0.002 and 0.01 peaked at 835 MB and 993 MB; with lives, pools
and enquiries first runs peak at 963 MB, 1,189 MB and 1,749 MB at 0.002, 0.01 and 0.05."""
BUFFER_BYTES = 100_000_000
"""Rows that the recorder holds before it writes them, and the month's indicators."""
RECORDED_ORDER_BYTES = 130
"""An order in Parquet with zstd: 124 measured on the 181,000 orders of a run (30 columns)."""
FIXED_DISK_BYTES = 20_000_000
"""Manifest, indicators, daily series and the tables of workers and companies."""
DAYS_OPEN = 14
"""Days that an order stays in memory at most on average, from booking ahead to its end."""

DAYS_PER_YEAR = 365
WEEKS_PER_YEAR = DAYS_PER_YEAR / 7
MONTHS_PER_YEAR = 12
MEGABYTE = 1_000_000
HOURS_PER_DAY = 24
SAFE_SHARE = 0.9
"""Share of the free memory and disk that a run may plan with."""


@dataclass(frozen=True)
class Estimate:
    """What a run will need.

    Attributes:
        households, workers: Simulated ones.
        orders: Orders in the whole period, at most.
        memory_bytes: Peak memory.
        disk_bytes: Size of the results.
    """

    households: int
    workers: int
    orders: int
    memory_bytes: int
    disk_bytes: int


def estimate_resources(scenario: Scenario) -> Estimate:
    """Return what a run of the scenario will need."""
    settings = scenario.settings
    if settings.laboratory is not None:
        per_day = settings.laboratory.arrivals_per_hour * HOURS_PER_DAY
        return _estimate(scenario, 1, settings.laboratory.servers, per_day)
    facts, scale = scenario.facts, settings.scale
    households = round(facts.number("region.family_households") * scale)
    workers = round(facts.number("region.workers") * scale)
    return _estimate(scenario, households, workers, orders_per_day(facts) * scale)


def _estimate(scenario: Scenario, households: int, workers: int, per_day: float) -> Estimate:
    # Imported here: the row layouts need NumPy, which a mere validation of a broken file does not.
    from sim.state import HOUSEHOLD, ORDER, WORKER

    days = scenario.settings.period.days
    people = households * (HOUSEHOLD.itemsize + AGENT_BYTES + WORKING_BYTES) + workers * (
        WORKER.itemsize + AGENT_BYTES
    )
    open_orders = round(per_day * min(days, DAYS_OPEN)) * ORDER.itemsize
    orders = round(per_day * days)
    recorded = orders * RECORDED_ORDER_BYTES if scenario.settings.recording.detail == "tables" else 0
    memory = PROGRAM_BYTES + BUFFER_BYTES + people + open_orders
    return Estimate(households, workers, orders, memory, FIXED_DISK_BYTES + recorded)


def orders_per_day(facts: FactTree) -> float:
    """Return the orders of the whole region on a mean day, if every need became one."""
    return sum(_visits_per_day(facts, service) for service in facts.children("households.needs"))


def _visits_per_day(facts: FactTree, service: str) -> float:
    """Return the visits of a service: one a need, or those of all contracts that run at the same time."""
    needs_per_year = facts.number(f"households.needs.{service}.rate_per_year") * _concerned(facts, service)
    if facts.text(f"services.{service}.form") != "recurring":
        return needs_per_year / DAYS_PER_YEAR
    contracts = needs_per_year * facts.number(f"services.{service}.spell_mean_months") / MONTHS_PER_YEAR
    visits_per_year = contracts * facts.number(f"services.{service}.visits_per_week") * WEEKS_PER_YEAR
    return visits_per_year / DAYS_PER_YEAR


def _concerned(facts: FactTree, service: str) -> float:
    """Return the households that can need a service, at most."""
    households = facts.number("region.family_households")
    persons = {
        "elder": "region.elders_60_plus",
        "disabled_elder": "region.disabled_elders",
        "infant": "region.children_under_3",
        "birth": "region.births_per_year",
    }.get(facts.text(f"services.{service}.needs_by"))
    return households if persons is None else min(households, facts.number(persons))


def check_resources(scenario: Scenario, out_dir: str | Path) -> Estimate:
    """Return the estimate of a run if this machine can bear it.

    Args:
        scenario: The run's scenario.
        out_dir: Folder that the results will go to; it need not exist.

    Raises:
        ResourceError: The run needs more memory or disk than there is; the message says what to change.
    """
    needed = estimate_resources(scenario)
    faults = resource_faults(scenario, needed, Path(out_dir))
    if faults:
        raise ResourceError("\n".join(map(str, faults)), tuple(faults))
    return needed


def resource_faults(scenario: Scenario, needed: Estimate, out_dir: Path) -> list[ScenarioFault]:
    """Return what this machine cannot give; nothing where the system does not say what it has."""
    faults = []
    place = Place(scenario.files[-1])
    memory, disk = available_memory_bytes(), free_disk_bytes(out_dir)
    if memory is not None and needed.memory_bytes > SAFE_SHARE * memory:
        scale = _scale_that_fits(scenario, needed, SAFE_SHARE * memory)
        code = "too_little_memory" if scale else "too_little_for_any_scale"
        faults.append(_lacking(code, place, needed.memory_bytes, memory, scale=scale))
    if disk is not None and needed.disk_bytes > SAFE_SHARE * disk:
        faults.append(_lacking("too_little_disk", place, needed.disk_bytes, disk, folder=out_dir))
    return faults


def _lacking(code: str, place: Place, needed: int, there: int, **details: object) -> ScenarioFault:
    return fault(code, place, "", needed=megabytes(needed), there=megabytes(there), **details)


def _scale_that_fits(scenario: Scenario, needed: Estimate, memory: float) -> str:
    """Return the largest scale that would fit, rounded down to one digit; "" where no scale does."""
    fixed = PROGRAM_BYTES + BUFFER_BYTES
    fits = scenario.settings.scale * max(memory - fixed, 0) / (needed.memory_bytes - fixed)
    if fits <= 0:
        return ""
    digit = 10.0 ** math.floor(math.log10(fits))
    return f"{math.floor(fits / digit) * digit:.1g}"


def megabytes(amount: float) -> str:
    """Return bytes as people read them."""
    return f"{amount / MEGABYTE:,.0f} MB"
