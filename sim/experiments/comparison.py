"""A comparison of scenarios: plan its replications, make them, and say what differs and how sure that is."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.experiments import replication, treated
from sim.experiments.engines.engine import Engine
from sim.experiments.engines.local import LocalEngine
from sim.experiments.errors import StudyError
from sim.experiments.execute import execute
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, run_identity, write_plan
from sim.experiments.progress import Progress, unseen
from sim.experiments.replication import TASK, branch_min, load_all, with_seed
from sim.experiments.statistics import (
    Interval,
    Verdict,
    paired_difference,
    simultaneous_intervals,
    verdict,
)
from sim.experiments.statistics.simultaneous import Together
from sim.experiments.store import read_store
from sim.records.identity import run_identity as market_run_identity
from sim.records.indicators import INDICATORS
from sim.records.refusal import refusal
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

FILE = "comparison.csv"
ABOUT = "comparison.json"
FEWEST = 2
FEWEST_FOR_MAX_T = 20
CONFIDENCE = 0.95
TREATED_BETTER = {
    "treated_households": "none",
    "treated_visits": "up",
    "treated_requests": "none",
    "treated_own_spending": "none",
    "treated_support": "none",
}
TREATED_UNITS = {
    "treated_households": "households",
    "treated_visits": "visits/month",
    "treated_requests": "visits/month",
    "treated_own_spending": "yuan/month",
    "treated_support": "yuan/month",
}


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


@dataclass(frozen=True)
class Comparison:
    """Which scenarios are compared, and how.

    Attributes:
        sources: The scenarios, the baseline first.
        replications: How many, each with the same seed in every world.
        from_day: First measured day; the first announcement or the end of the warm-up, whichever is later, if None.
        branch: Whether the common past is simulated once.
    """

    sources: tuple[Source, ...]
    replications: int = 10
    from_day: int | None = None
    branch: bool = True

    def scenarios(self) -> list[Scenario]:
        """Return the scenarios, all with the seed of the first."""
        loaded = load_all([asdict(source) for source in self.sources])
        return [with_seed(scenario, loaded[0].settings.seed) for scenario in loaded]


@dataclass(frozen=True)
class Row:
    """One outcome of one policy beside the baseline.

    Attributes:
        policy: Number of the scenario, from 1.
        outcome, scope, group: Which outcome, of whom.
        unit: Its unit.
        replications: Pairs in which it was observed.
        baseline, value: Means in the baseline's and in the policy's world.
        difference: Interval by itself.
        together: Interval that holds at once for all outcomes of the same scope.
        verdict: In words, from the interval that holds at once.
        variance_ratio: How many times fewer replications pairing needs; None where nothing varies.
    """

    policy: int
    outcome: str
    scope: str
    group: str
    unit: str
    replications: int
    baseline: float
    value: float
    difference: Interval
    together: Interval
    verdict: Verdict
    variance_ratio: float | None


@dataclass(frozen=True)
class Compared:
    """A finished comparison.

    Attributes:
        folder: Where it lies.
        titles: The scenarios' names in both languages, the baseline's first.
        rows: All outcomes.
        from_date: First measured day.
        failed: Replications that failed.
        missing: Outcomes left out because some replication did not observe them.
        seconds_saved: Wall time that simulating the common past once has saved, all replications together.
    """

    folder: Path
    titles: tuple[Mapping[str, str], ...]
    rows: tuple[Row, ...]
    from_date: str
    failed: int
    missing: tuple[str, ...]
    seconds_saved: float

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios' names in English."""
        return tuple(title["en"] for title in self.titles)

    def __repr__(self) -> str:
        return f"Compared({str(self.folder)!r}: {' / '.join(self.names)}, {len(self.rows)} outcomes)"

    def table(self) -> pd.DataFrame:
        """Return all outcomes, a row each; the columns are those of ``comparison.csv``."""
        import pandas as pd

        return pd.read_csv(self.folder / FILE)


def first_measured_day(scenarios: Sequence[Scenario]) -> int:
    """Return the day from which outcomes count: after the warm-up and, of a common past, the first announcement."""
    warm_up = max(scenario.settings.period.warm_up_days for scenario in scenarios)
    announced = int(branch_min(scenarios) // MINUTES_PER_DAY)
    return max(warm_up, announced) if announced < scenarios[0].settings.period.days else warm_up


def plan_of(comparison: Comparison) -> Plan:
    """Return the plan: one run a replication, which makes all worlds of it.

    Raises:
        StudyError: The scenarios cannot be compared.
        ScenarioError: One of them has faults.
    """
    scenarios = comparison.scenarios()
    _check(comparison, scenarios)
    from_day = first_measured_day(scenarios) if comparison.from_day is None else comparison.from_day
    seed = scenarios[0].settings.seed
    shared = {
        "scenarios": [
            {"file": source.file, "overrides": list(source.overrides)} for source in comparison.sources
        ],
        "from_day": from_day,
        "branch": comparison.branch,
    }
    runs = [_run(scenarios, shared, seed + number, number) for number in range(comparison.replications)]
    about = {
        "kind": "comparison",
        "names": [name_of(scenario) for scenario in scenarios],
        "from_day": from_day,
        "from_date": str(scenarios[0].settings.period.start + timedelta(days=from_day)),
        "branch_min": branch_min(scenarios),
    }
    return Plan(TASK, tuple(runs), shared, about)


def name_of(scenario: Scenario) -> dict[str, str]:
    """Return a scenario's name in both languages."""
    return {"en": scenario.settings.name.en, "zh": scenario.settings.name.zh}


def _run(scenarios: Sequence[Scenario], shared: Mapping[str, Any], seed: int, number: int) -> Run:
    identities = [market_run_identity(with_seed(scenario, seed)) for scenario in scenarios]
    how = {
        "from_day": shared["from_day"],
        "branch": shared["branch"],
        "runs": identities,
        "code": code_digest(),
    }
    return Run(run_identity(TASK, {}, how), {"comparison": "all"}, number, {"seed": seed})


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return the digest of the modules that turn runs into outcomes: other definitions are other runs."""
    digest = hashlib.sha256()
    for module in (replication, treated):
        digest.update(Path(str(module.__file__)).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _check(comparison: Comparison, scenarios: Sequence[Scenario]) -> None:
    first = scenarios[0].settings
    if comparison.replications < FEWEST:
        raise refusal(StudyError, "comparison_replications", Path(comparison.sources[0].file))
    if len(scenarios) < FEWEST:
        raise refusal(StudyError, "comparison_of_one", Path(comparison.sources[0].file))
    for source, scenario in zip(comparison.sources[1:], scenarios[1:], strict=True):
        other = scenario.settings
        if (other.period.start, other.period.days, other.scale, other.region) != (
            first.period.start, first.period.days, first.scale, first.region,
        ):  # fmt: skip
            raise refusal(
                StudyError, "comparison_periods", Path(source.file), baseline=comparison.sources[0].file
            )


def compare(
    comparison: Comparison, folder: Path, engine: Engine | None = None, progress: Progress = unseen
) -> Compared:
    """Make a comparison, or what is missing of it, and write its table into the folder.

    Args:
        comparison: What is compared.
        folder: The study's folder; made if needed. More replications of the same comparison are added to those there.
        engine: What makes the replications; worker processes on this machine if not given.
        progress: Is told how far it is.

    Raises:
        ScenarioError, StudyError: It cannot be made so.
        StudyStopped: The user interrupted; what has ended is recorded.
    """
    plan = plan_of(comparison)
    write_plan(folder, plan)
    execute(folder, engine or LocalEngine(), progress=progress)
    return analyse(plan, folder)


def analyse(plan: Plan, folder: Path) -> Compared:
    """Say what the recorded replications of a comparison show, and write that down.

    Raises:
        StudyError: Fewer than two replications have a result.
    """
    store = read_store(folder)
    wanted = {run.identity: run.replication for run in plan.runs}
    entries = [entry for identity, entry in store.entries.items() if identity in wanted]
    outcomes = sorted(
        (outcome for outcome in store.outcomes(entries)), key=lambda outcome: wanted[outcome.identity]
    )
    good = [outcome for outcome in outcomes if outcome.ok]
    if len(good) < FEWEST:
        failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
        first = f" ({failures[0].stage}: {failures[0].type}: {failures[0].message})" if failures else ""
        raise refusal(
            StudyError, "comparison_too_few", folder, done=len(good), failed=len(failures), first=first
        )
    names = plan.about["names"]
    rows = [row for policy in range(1, len(names)) for row in _rows(policy, good)]
    found = Compared(
        folder,
        tuple(names),
        tuple(rows),
        plan.about["from_date"],
        len(outcomes) - len(good),
        _missing(good, len(names)),
        sum(_saved_s(outcome, len(names)) for outcome in good),
    )
    _write(found, plan)
    return found


def _saved_s(outcome: Outcome, worlds: int) -> float:
    """What the other worlds' pasts would have taken."""
    return float(outcome.timings.get("past_s", 0.0)) * (worlds - 1)


def _rows(policy: int, outcomes: Sequence[Outcome]) -> list[Row]:
    by_scope: dict[str, list[str]] = {}
    for name in outcomes[0].values:
        world, rest = name.split("/", 1)
        if world == "0" and all(_both(one, policy, rest) for one in outcomes):
            by_scope.setdefault(rest.split("/")[1], []).append(rest)
    return [row for names in by_scope.values() for row in _scope_rows(policy, names, outcomes)]


def _missing(outcomes: Sequence[Outcome], worlds: int) -> tuple[str, ...]:
    """Return the outcomes that some replication did not observe in some world."""
    names = {name.split("/", 1)[1] for outcome in outcomes for name in outcome.values}
    policies = range(1, worlds)
    return tuple(
        sorted(
            name
            for name in names
            if not all(_both(one, policy, name) for one in outcomes for policy in policies)
        )
    )


def _both(outcome: Outcome, policy: int, name: str) -> bool:
    return all(outcome.values.get(f"{world}/{name}") is not None for world in (0, policy))


def _scope_rows(policy: int, names: Sequence[str], outcomes: Sequence[Outcome]) -> list[Row]:
    worlds = [
        np.array([[one.values[f"{world}/{name}"] for name in names] for one in outcomes], np.float64)
        for world in (0, policy)
    ]
    # The bootstrap behind max-t needs some replications to see how outcomes move together; below, it is too narrow.
    way: Together = "max_t" if len(outcomes) >= FEWEST_FOR_MAX_T else "bonferroni"
    together = simultaneous_intervals(worlds[1] - worlds[0], CONFIDENCE, way)
    rows = []
    for column, name in enumerate(names):
        outcome, scope, group = name.split("/", 2)
        pair = paired_difference(worlds[0][:, column], worlds[1][:, column], CONFIDENCE)
        ratio = pair.variance_ratio
        rows.append(
            Row(
                policy, outcome, scope, group, unit_of(outcome), pair.replications, pair.baseline, pair.policy,
                pair.difference, together[column], verdict(together[column], better_of(outcome)),
                None if ratio is None else ratio.estimate,
            )
        )  # fmt: skip
    return rows


def unit_of(outcome: str) -> str:
    """Return an outcome's unit."""
    return TREATED_UNITS.get(outcome) or INDICATORS[outcome].unit


def better_of(outcome: str) -> Any:
    """Return which direction of an outcome is better for people."""
    return TREATED_BETTER.get(outcome) or INDICATORS[outcome].better


def compare_scenarios(
    baseline: str | Path | Scenario,
    *policies: str | Path | Scenario,
    replications: int = 10,
    overrides: Sequence[str] = (),
    out: str | Path = "results",
    workers: int | None = None,
    progress: Progress = unseen,
) -> Compared:
    """Compare scenarios with a baseline; replications that are recorded already are not made again.

    Args:
        baseline: A scenario file, or a scenario that was loaded from one.
        policies: Others, likewise.
        replications: Pairs of runs, each with a seed of its own.
        overrides: Values on top of all scenarios, each ``key=value``.
        out: Folder that gets the comparison's folder.
        workers: Processes; as many as there are processors if not given.
        progress: Is told how far it is.
    """
    sources = tuple(Source.of(scenario, overrides) for scenario in (baseline, *policies))
    comparison = Comparison(sources, replications)
    return compare(comparison, Path(out) / folder_name(comparison), LocalEngine(workers), progress)


def folder_name(comparison: Comparison) -> str:
    """Return a comparison's folder: the scenarios' names, and the identity of its first replication."""
    names = "-vs-".join(re.sub(r"[^\w]+", "_", Path(source.file).stem) for source in comparison.sources[:3])
    return f"compare-{names[:60]}-{plan_of(comparison).runs[0].identity[:10]}"


COLUMNS = (
    "policy", "outcome", "scope", "group", "unit", "replications", "baseline", "value", "difference", "low", "high",
    "low_together", "high_together", "verdict", "variance_ratio",
)  # fmt: skip


def _write(found: Compared, plan: Plan) -> None:
    with (found.folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in found.rows:
            writer.writerow(
                (
                    row.policy, row.outcome, row.scope, row.group, row.unit, row.replications, row.baseline, row.value,
                    row.difference.estimate, row.difference.low, row.difference.high, row.together.low,
                    row.together.high, row.verdict.value, "" if row.variance_ratio is None else row.variance_ratio,
                )
            )  # fmt: skip
    about = {
        "names": plan.about["names"],
        "scenarios": plan.shared["scenarios"],
        "from_day": plan.about["from_day"],
        "from_date": plan.about["from_date"],
        "not_observed_everywhere": list(found.missing),
        "branch_min": plan.about["branch_min"],
        "replications": max((row.replications for row in found.rows), default=0),
        "failed": found.failed,
        "confidence": CONFIDENCE,
        "seconds_saved": found.seconds_saved,
    }
    (found.folder / ABOUT).write_text(
        json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


def record(found: Compared) -> dict[str, Any]:
    """Return a comparison as JSON values."""
    return {
        "folder": str(found.folder),
        "scenarios": list(found.names),
        "failed": found.failed,
        "seconds_saved": found.seconds_saved,
        "rows": [asdict(row) for row in found.rows],
    }
