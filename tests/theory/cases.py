"""The textbook queues that the engine is asked about: a scenario file, overrides, and how long to run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.clock import HOURS_PER_DAY
from sim.scenario import Laboratory, Scenario, load_scenario
from tests.theory import observe
from tests.theory.formulas import Theory, textbook
from tests.theory.laboratory import OrderLog, run_queue
from tests.theory.statistics import Interval, bonferroni

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
FAMILY_FALSE_ALARM = 1e-3
"""Probability that any check of a whole family fails although the engine is right."""

RATE = "laboratory.arrivals_per_hour"
SERVERS = "laboratory.servers"
TIME = "laboratory.service_time"
PATIENCE = "laboratory.patience"


@dataclass(frozen=True)
class Family:
    """What a group of cases has in common.

    Attributes:
        batches: Batches a run.
        warm_up_days: Left out at the beginning and at the end.
        least_probability: States with at least this probability are checked.
        precision: Half-widths are at most this share of the theoretical value.
        told_apart: A load that is so many times as high must be told from the case's own.
    """

    batches: int
    warm_up_days: int
    least_probability: float
    precision: float
    told_apart: float


@dataclass(frozen=True)
class Case:
    """One queue: a file, overrides as on the command line, and the number of orders to measure."""

    name: str
    file: str
    overrides: tuple[str, ...]
    orders: int
    family: Family


class Check(NamedTuple):
    """One outcome: what theory says and what the engine shows."""

    outcome: str
    theory: float
    engine: Interval

    @property
    def holds(self) -> bool:
        """Whether the interval covers the theoretical value."""
        return self.engine.covers(self.theory)

    @property
    def precision(self) -> float:
        """Half-width over theoretical value."""
        return self.engine.half_width / self.theory


LONG_RUNS = Family(batches=400, warm_up_days=28, least_probability=0.01, precision=0.05, told_apart=1.05)
SHORT_RUNS = Family(batches=50, warm_up_days=5, least_probability=0.05, precision=0.3, told_apart=1.1)


def _cases(family: Family, table: Mapping[str, tuple[str, Sequence[str], int]]) -> tuple[Case, ...]:
    """Return the cases of a table, each with a seed of its own, so that no two see the same customers."""
    return tuple(
        Case(name, f"queue_{file}.yaml", (*overrides, f"seed={seed}"), orders, family)
        for seed, (name, (file, overrides, orders)) in enumerate(table.items(), start=1)
    )


LONG = _cases(
    LONG_RUNS,
    {
        "M/M/1, load 0.5": ("mm1", [f"{RATE}=5"], 300_000),
        "M/M/1, load 0.9": ("mm1", [], 1_100_000),
        "M/M/5, load 0.7": ("mmc", [f"{RATE}=3.5"], 800_000),
        "M/M/20, load 0.8": ("mmc", [f"{SERVERS}=20", f"{RATE}=16"], 1_700_000),
        "M/D/1, load 0.8": ("md1", [], 200_000),
        "M/G/1, lognormal with cv 1, load 0.5": (
            "md1", [f"{TIME}={{law: lognormal, mean_min: 6, cv: 1}}", f"{RATE}=5"], 300_000,
        ),
        "Erlang B, 10 servers, offered load 7": ("erlang_b", [], 400_000),
        "Erlang A, 5 servers, offered load 5": ("erlang_a", [], 400_000),
        "M/M/5+D, offered load 5, patience 30 min": (
            "erlang_a", [f"{PATIENCE}={{law: fixed, mean_min: 30}}"], 300_000,
        ),
    },
)  # fmt: skip

SHORT = _cases(
    SHORT_RUNS,
    {
        "M/M/1, load 0.5": ("mm1", [f"{RATE}=5"], 10_000),
        "M/M/5, load 0.6": ("mmc", [f"{RATE}=3"], 20_000),
        "M/D/1, load 0.6": ("md1", [f"{RATE}=6"], 10_000),
        "M/G/1, lognormal with cv 1, load 0.4": (
            "md1", [f"{TIME}={{law: lognormal, mean_min: 6, cv: 1}}", f"{RATE}=4"], 10_000,
        ),
        "Erlang B, 10 servers, offered load 7": ("erlang_b", [], 10_000),
        "Erlang A, 5 servers, offered load 5": ("erlang_a", [], 10_000),
        "M/M/5+D, offered load 5, patience 30 min": (
            "erlang_a", [f"{PATIENCE}={{law: fixed, mean_min: 30}}"], 10_000,
        ),
    },
)  # fmt: skip


@lru_cache(maxsize=64)
def laboratory_of(case: Case, *overrides: str) -> tuple[Scenario, Laboratory]:
    """Return a case's scenario, long enough for its orders, and its laboratory."""
    file, given = SCENARIOS / case.file, [*case.overrides, *overrides]
    first = load_scenario(file, given).settings.laboratory
    if first is None:
        raise ValueError(f"{case.file} has no laboratory")
    margin = case.family.warm_up_days
    days = 2 * margin + math.ceil(case.orders / (HOURS_PER_DAY * first.arrivals_per_hour))
    scenario = load_scenario(file, [*given, f"period.days={days}", f"period.warm_up_days={margin}"])
    return scenario, first


@lru_cache(maxsize=64)
def theory_of(case: Case, busier: float = 1.0) -> Theory:
    """Return what theory says of a case, or of one with so many times its arrivals."""
    laboratory = laboratory_of(case)[1]
    rate = laboratory.arrivals_per_hour * busier
    return textbook(laboratory.model_copy(update={"arrivals_per_hour": rate}))


def expected_of(case: Case) -> dict[str, float]:
    """Return the outcomes that are checked and their theoretical values."""
    return observe.expected(theory_of(case), case.family.least_probability)


def checks_in_family(cases: Sequence[Case]) -> int:
    """Return how many checks a family of cases makes."""
    return sum(len(expected_of(case)) for case in cases)


@lru_cache(maxsize=2)
def log_of(case: Case, overrides: tuple[str, ...] = ()) -> OrderLog:
    """Run a case through the engine, with overrides that theory does not know of when the engine is to be wrong."""
    return run_queue(laboratory_of(case, *overrides)[0])


def checks_of(case: Case, cases: Sequence[Case], log: OrderLog) -> list[Check]:
    """Hold a log against the theory of its case, at the false-alarm rate that the family of cases leaves for each."""
    outcomes = expected_of(case)
    alarm = bonferroni(FAMILY_FALSE_ALARM, checks_in_family(cases))
    servers = laboratory_of(case)[1].servers
    found = observe.intervals(log, servers, theory_of(case), tuple(outcomes), case.family.batches, alarm)
    return [Check(name, value, found[name]) for name, value in outcomes.items()]


def refuted(case: Case, cases: Sequence[Case], log: OrderLog) -> list[str]:
    """Return the results, inputs left aside, in which a log contradicts the theory of a busier queue."""
    other = observe.expected(theory_of(case, case.family.told_apart), 0.0)
    results = [check for check in checks_of(case, cases, log) if check.outcome not in observe.PLAIN]
    return [check.outcome for check in results if not check.engine.covers(other[check.outcome])]
