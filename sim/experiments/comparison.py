"""A comparison of scenarios: plan its replications, make them, and say what differs and how sure that is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import sim
from sim.clock import MINUTES_PER_DAY
from sim.experiments import replication, treated
from sim.experiments.compared import FEWEST, Compared, analyse
from sim.experiments.engines.engine import Engine
from sim.experiments.engines.local import LocalEngine
from sim.experiments.errors import StudyError
from sim.experiments.execute import execute
from sim.experiments.lock import StudyLock
from sim.experiments.memory import check_memory
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, replan, run_identity
from sim.experiments.progress import Progress, unseen
from sim.experiments.replication import TASK, branch_min, load_all, with_seed
from sim.experiments.sequential import (
    Heard,
    Measured,
    PrecisionTarget,
    execute_until_precise,
    replications_in,
    unheard,
)
from sim.records.flows import CITY, WHOLE_CITY
from sim.records.identity import run_identity as market_run_identity
from sim.records.refusal import refusal
from sim.scenario import Scenario
from sim.scenario.settings import Settings

FEW_REPLICATIONS = 10
"""Pairs of runs unless a number or a precision is asked for."""
BUDGET = 100
"""Most replications for a precision target, unless another number is named."""


@dataclass(frozen=True)
class Source:
    """Where a scenario comes from: its file, and values on top of it."""

    file: str
    overrides: tuple[str, ...] = ()

    @classmethod
    def of(cls, scenario: str | Path | Scenario, overrides: Sequence[str] = ()) -> Self:
        """Return the source of a file or of a scenario that was loaded from one."""
        if isinstance(scenario, Scenario):
            return cls(str(Path(scenario.files[-1]).absolute()), (*scenario.overrides, *overrides))
        return cls(str(Path(scenario).absolute()), tuple(overrides))

    def content(self) -> dict[str, Any]:
        """Return the source as JSON values."""
        return {"file": self.file, "overrides": list(self.overrides)}


@dataclass(frozen=True)
class Comparison:
    """Which scenarios are compared, and how. The files are read once, when they are first asked for.

    Attributes:
        sources: The scenarios, the baseline first.
        replications: How many, each with the same seed in every world; of no account with a precision target.
        precision: How precise the differences shall be, if that decides how many replications are made.
        first_day: First measured day; the first announcement or the end of the warm-up, whichever is later, if None.
        branch: Whether the common past is simulated once.
    """

    sources: tuple[Source, ...]
    replications: int = FEW_REPLICATIONS
    precision: PrecisionTarget | None = None
    first_day: int | None = None
    branch: bool = True

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios, all with the seed of the first.

        Raises:
            StudyError: The scenarios cannot be compared.
            ScenarioError: One of them has faults.
        """
        loaded = load_all([source.content() for source in self.sources])
        scenarios = tuple(with_seed(scenario, loaded[0].settings.seed) for scenario in loaded)
        _check(self, scenarios)
        return scenarios

    @cached_property
    def from_day(self) -> int:
        """First measured day."""
        return first_measured_day(self.scenarios) if self.first_day is None else self.first_day

    @property
    def most_replications(self) -> int:
        """Replications that will be made at most."""
        return self.replications if self.precision is None else self.precision.budget

    @property
    def target(self) -> PrecisionTarget:
        """The precision target, of a comparison that has one."""
        if self.precision is None:
            raise ValueError("this comparison makes a fixed number of replications")
        return self.precision

    @cached_property
    def folder_name(self) -> str:
        """The comparison's folder: the scenarios' names, and the identity of its first replication."""
        names = "-vs-".join(re.sub(r"[^\w]+", "_", Path(source.file).stem) for source in self.sources[:3])
        return f"compare-{names[:60]}-{self._run(0).identity[:10]}"

    def plan(self, replications: int) -> Plan:
        """Return the plan of so many replications: one run each, which makes all worlds of it."""
        runs = tuple(self._run(number) for number in range(replications))
        return Plan(TASK, runs, self._shared, self._about())

    def measured(self, plan: Plan, recorded: Mapping[str, Outcome]) -> Measured:
        """Return differences to the baseline of the outcomes that have a target, a row each replication."""
        columns = [(policy, name) for policy in range(1, len(self.sources)) for name in self.target.reach]
        names = [scenario.settings.name.en for scenario in self.scenarios]
        return Measured(
            [f"{name} ({names[policy]})" if len(names) > FEWEST else name for policy, name in columns],
            [name for _, name in columns],
            [_differences(recorded.get(run.identity), columns) for run in plan.runs],
        )

    @property
    def _shared(self) -> dict[str, Any]:
        return {
            "scenarios": [source.content() for source in self.sources],
            "from_day": self.from_day,
            "branch": self.branch,
        }

    def _run(self, number: int) -> Run:
        seed = self.scenarios[0].settings.seed + number
        runs = [market_run_identity(with_seed(scenario, seed)) for scenario in self.scenarios]
        how = {"from_day": self.from_day, "branch": self.branch, "runs": runs, "code": code_digest()}
        identity = run_identity(TASK, {}, how)
        return Run(identity, {"comparison": "all"}, number, {"seed": seed, "runs": runs})

    def _about(self) -> dict[str, Any]:
        settings = self.scenarios[0].settings
        return {
            "kind": "comparison",
            "names": [name_of(scenario) for scenario in self.scenarios],
            "region": settings.region,
            "scale": settings.scale,
            "seed": settings.seed,
            "start": str(settings.period.start),
            "days": settings.period.days,
            "from_day": self.from_day,
            "from_date": str(settings.period.start + timedelta(days=self.from_day)),
            "to_date": str(settings.period.start + timedelta(days=settings.period.days - 1)),
            "branch_min": branch_min(self.scenarios),
            "version": sim.__version__,
        }


def first_measured_day(scenarios: Sequence[Scenario]) -> int:
    """Return the day from which outcomes count: after the warm-up and, of a common past, the first announcement."""
    warm_up = max(scenario.settings.period.warm_up_days for scenario in scenarios)
    announced = int(branch_min(scenarios) // MINUTES_PER_DAY)
    return max(warm_up, announced) if announced < scenarios[0].settings.period.days else warm_up


def name_of(scenario: Scenario) -> dict[str, str]:
    """Return a scenario's name in both languages."""
    return {"en": scenario.settings.name.en, "zh": scenario.settings.name.zh}


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return the digest of the modules that turn runs into outcomes: other definitions are other runs."""
    digest = hashlib.sha256()
    for module in (replication, treated):
        digest.update(Path(str(module.__file__)).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def value_name(outcome: str) -> str:
    """Return what a replication calls an outcome of the whole region or of the treated."""
    scope = treated.TREATED if outcome in treated.UNITS else CITY
    return f"{outcome}/{scope}/{WHOLE_CITY}"


def _differences(outcome: Outcome | None, columns: Sequence[tuple[int, str]]) -> list[float | None] | None:
    if outcome is None or not outcome.ok:
        return None
    return [_difference(outcome, policy, name) for policy, name in columns]


def _difference(outcome: Outcome, policy: int, name: str) -> float | None:
    before, after = (outcome.values.get(f"{world}/{value_name(name)}") for world in (0, policy))
    return None if before is None or after is None else after - before


def _check(comparison: Comparison, scenarios: Sequence[Scenario]) -> None:
    first = scenarios[0].settings
    if comparison.replications < FEWEST:
        raise refusal(StudyError, "comparison_replications", Path(comparison.sources[0].file))
    if len(scenarios) < FEWEST:
        raise refusal(StudyError, "comparison_of_one", Path(comparison.sources[0].file))
    for source, scenario in zip(comparison.sources[1:], scenarios[1:], strict=True):
        pairs = zip(_frame(first).items(), _frame(scenario.settings).values(), strict=True)
        differing = [f"{key} {there} / {here}" for (key, there), here in pairs if there != here]
        if differing:
            details = {"baseline": comparison.sources[0].file, "differing": ", ".join(differing)}
            raise refusal(StudyError, "comparison_periods", Path(source.file), **details)


def _frame(settings: Settings) -> dict[str, object]:
    """Return what the worlds of a comparison must have in common, by key of the scenario file."""
    period = settings.period
    return {
        "region": settings.region,
        "period.start": period.start,
        "period.days": period.days,
        "scale": settings.scale,
    }


def compare(
    comparison: Comparison,
    folder: Path,
    engine: Engine | None = None,
    progress: Progress = unseen,
    heard: Heard = unheard,
    *,
    retry_failed: bool = False,
) -> Compared:
    """Make a comparison, or what is missing of it, and write its table into the folder.

    Args:
        comparison: What is compared.
        folder: The study's folder; made if needed. Replications that are recorded there are not made again.
        engine: What makes the replications; worker processes on this machine if not given.
        progress: Is told how far it is.
        heard: Is told what each look at the precision has shown.
        retry_failed: Whether replications that have failed are made again.

    Raises:
        ScenarioError, StudyError: It cannot be made so.
        StudyStopped: The user interrupted; what has ended is recorded.
    """
    engine = engine or LocalEngine()
    with StudyLock(folder) as lock:
        how: dict[str, Any] = {"retry_failed": retry_failed, "progress": progress, "lock": lock}
        if comparison.precision is not None:
            look = execute_until_precise(folder, engine, comparison, heard=heard, **how)
            return analyse(comparison.plan(look.counted), folder, look)
        plan = comparison.plan(comparison.replications)
        # Of more replications that are recorded the first ones are looked at.
        replan(folder, plan, lock=lock)
        execute(folder, engine, **how)
        return analyse(plan, folder)


def compare_scenarios(
    baseline: str | Path | Scenario,
    *policies: str | Path | Scenario,
    replications: int | None = None,
    precision: Mapping[str, float] | None = None,
    budget: int = BUDGET,
    overrides: Sequence[str] = (),
    out: str | Path = "results",
    workers: int | None = None,
    timeout_s: float | None = None,
    retry_failed: bool = False,
    progress: Progress = unseen,
) -> Compared:
    """Compare scenarios with a baseline; replications that are recorded already are not made again.

    Args:
        baseline: A scenario file, or a scenario that was loaded from one.
        policies: Others, likewise.
        replications: Pairs of runs, each with a seed of its own; 10 if neither a number nor a precision is asked for.
        precision: By outcome the farthest that the 95% interval of its difference may reach from the estimate, in the
            outcome's unit (shares from 0 to 1); as many replications are made as that needs, 20 or more.
        budget: Most replications to make for that.
        overrides: Values on top of all scenarios, each ``key=value``.
        out: Folder that gets the comparison's folder.
        workers: Processes; as many as there are processors if not given.
        timeout_s: Seconds that a replication may take; no limit if not given.
        retry_failed: Whether replications that have failed are made again.
        progress: Is told how far it is.
    """
    sources = tuple(Source.of(scenario, overrides) for scenario in (baseline, *policies))
    if precision and replications is not None:
        raise refusal(StudyError, "precision_or_number", "compare")
    target = PrecisionTarget.checked(precision, budget) if precision else None
    comparison = Comparison(sources, FEW_REPLICATIONS if replications is None else replications, target)
    engine = LocalEngine(workers, timeout_s)
    folder = Path(out) / comparison.folder_name
    check_memory(comparison.scenarios, engine, comparison.most_replications - replications_in(folder))
    return compare(comparison, folder, engine, progress, retry_failed=retry_failed)
