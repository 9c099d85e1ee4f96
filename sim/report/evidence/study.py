"""The runs behind a page of evidence, as a study on disk that can be interrupted and goes on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sim
from sim.data import load_facts
from sim.data.facts import FactTree
from sim.experiments.calibration.study import absolute
from sim.experiments.calibration.targets import Target, TargetsFile, digest_of_file, read_targets
from sim.experiments.engines.engine import Engine
from sim.experiments.errors import StudyError
from sim.experiments.execute import execute
from sim.experiments.lock import StudyLock
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Plan, Run, replan, run_identity
from sim.experiments.progress import Progress, unseen
from sim.experiments.replication import load_all, with_seed
from sim.experiments.store import read_store
from sim.records.identity import run_identity as market_run_identity
from sim.records.measures import services_in
from sim.records.refusal import refusal
from sim.report.evidence.evidence_file import EvidenceFile, read_evidence_file
from sim.report.evidence.measure import TASK
from sim.scenario import Scenario
from sim.scenario.faults import near

SET = "set"
"""Column of a point: 0 for the scenario as it is, else the number of the parameter set."""


@dataclass(frozen=True)
class ParameterSet:
    """A set of parameters that a calibration has not ruled out.

    Attributes:
        weight: Its weight among the sets.
        overrides: Its values, as a scenario takes them.
    """

    weight: float
    overrides: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What is held against what.

    Attributes:
        content: The evidence file's content.
        file: Where it is.
        scenario: The scenario that is run.
        figures: The published figures.
        digest: SHA-256 of their file.
        sets: Calibrated parameter sets; may be none.
        facts: What the scenario knows of the world.
        elsewhere: Figures of another region that this one has no counterpart of.
    """

    content: EvidenceFile
    file: Path
    scenario: Scenario
    figures: TargetsFile
    digest: str
    sets: tuple[ParameterSet, ...]
    facts: FactTree
    elsewhere: Mapping[str, Target]

    @property
    def outcomes(self) -> list[str]:
        """What a run must say, each once."""
        more = (name for figure in self.elsewhere.values() for name in figure.outcomes)
        return list(dict.fromkeys((*self.figures.outcomes, *more)))

    def path(self, name: str) -> Path:
        """Return a path that stands in the evidence file."""
        return Path(absolute(name, self.file))


@dataclass(frozen=True)
class Answers:
    """What the runs say.

    Attributes:
        runs: Values by outcome of each replication of the scenario as it is.
        sets: The same by parameter set.
    """

    runs: tuple[Mapping[str, float | None], ...]
    sets: tuple[tuple[Mapping[str, float | None], ...], ...]


def question_of(file: Path) -> Question:
    """Return what an evidence file asks.

    Raises:
        StudyError: The file, the figures or the parameter sets have faults, or the split is not the one that is pinned.
        ScenarioError: The scenario has faults.
    """
    content = read_evidence_file(file)
    targets = Path(absolute(content.targets, file))
    figures, digest = read_targets(targets), digest_of_file(targets)
    if content.targets_sha256 not in {None, digest}:
        pinned = content.targets_sha256
        raise refusal(StudyError, "calibration_split_pinned", targets, pinned=pinned, found=digest)
    base = absolute(content.scenario, file)
    (scenario,) = load_all([{"file": base, "overrides": list(content.overrides)}])
    if not scenario.settings.region:
        raise refusal(StudyError, "evidence_no_region", file)
    facts = load_facts(scenario.settings.region)
    elsewhere = _elsewhere(content, figures, file)
    _check_services({**figures.all, **elsewhere}, facts, targets)
    sets = () if content.sets is None else tuple(_read_sets(Path(absolute(content.sets, file))))
    return Question(content, file, scenario, figures, digest, sets, facts, elsewhere)


def ask(question: Question, folder: Path, engine: Engine, *, progress: Progress = unseen) -> Answers:
    """Make the runs that are missing and return what all of them say.

    Raises:
        StudyError: A run has failed, or the folder holds something else.
        StudyStopped: The user interrupted; what has ended is recorded.
    """
    plan = _plan(question)
    with StudyLock(folder) as lock:
        replan(folder, plan, lock=lock)
        execute(folder, engine, retry_failed=True, progress=progress, lock=lock)
    store = read_store(folder)
    recorded = {outcome.identity: outcome for outcome in store.outcomes(store.entries.values())}
    return _answers(plan, recorded, folder, len(question.sets))


def missing_runs(question: Question, folder: Path) -> int:
    """Return how many runs of a question are not recorded in a folder yet."""
    recorded = read_store(folder).entries
    return sum(run.identity not in recorded for run in _plan(question).runs)


def _plan(question: Question) -> Plan:
    content = question.content
    outcomes = question.outcomes
    runs = [run for number, _ in _points(question) for run in _runs(question, number, outcomes)]
    about = {"kind": "evidence", "name": content.name.model_dump(), "version": sim.__version__}
    shared = {"outcomes": outcomes, "targets_sha256": question.digest}
    return Plan(TASK, tuple(runs), shared, about)


def _points(question: Question) -> Iterator[tuple[int, int]]:
    """Yield each point with how many runs it gets."""
    yield 0, question.content.replications
    for number in range(1, len(question.sets) + 1):
        yield number, question.content.set_replications


def _runs(question: Question, number: int, outcomes: Sequence[str]) -> Iterator[Run]:
    """Yield the runs of a point; replication k has the same seed at every point."""
    content = question.content
    values = question.sets[number - 1].overrides if number else ()
    source = {"file": absolute(content.scenario, question.file), "overrides": [*content.overrides, *values]}
    (scenario,) = load_all([source])
    count = content.set_replications if number else content.replications
    for replication in range(count):
        seed = scenario.settings.seed + replication
        run = market_run_identity(with_seed(scenario, seed))
        identity = run_identity(TASK, {}, {"run": run, "outcomes": list(outcomes)})
        payload = {"scenario": source, "seed": seed, "run": run}
        yield Run(identity, {SET: number}, replication, payload, scenario.settings.period.days)


def _answers(plan: Plan, recorded: Mapping[str, Outcome], folder: Path, sets: int) -> Answers:
    missing = [run for run in plan.runs if run.identity not in recorded or not recorded[run.identity].ok]
    if missing:
        failure = next((recorded[run.identity].failure for run in missing if run.identity in recorded), None)
        said = f"{failure.type}: {failure.message}" if failure else "?"
        raise refusal(StudyError, "evidence_failed", folder, failed=len(missing), said=said)
    by_set: list[list[Mapping[str, float | None]]] = [[] for _ in range(sets + 1)]
    for run in plan.runs:
        by_set[int(run.point[SET] or 0)].append(recorded[run.identity].values)
    return Answers(tuple(by_set[0]), tuple(map(tuple, by_set[1:])))


def _elsewhere(content: EvidenceFile, figures: TargetsFile, file: Path) -> dict[str, Target]:
    """Return another region's figures that do not stand in this one's own file."""
    if content.elsewhere is None:
        return {}
    other = read_targets(Path(absolute(content.elsewhere, file)))
    return {name: figure for name, figure in other.all.items() if name not in figures.all}


def _check_services(figures: Mapping[str, Target], facts: FactTree, file: Path) -> None:
    known = facts.children("services")
    for name, figure in figures.items():
        for service in (one for outcome in figure.outcomes for one in services_in(outcome)):
            if service not in known:
                details = {"name": name, "found": service, "near": near(service, known)}
                raise refusal(StudyError, "evidence_service", file, **details)


def _read_sets(file: Path) -> Iterator[ParameterSet]:
    """Yield the parameter sets of a table whose first column is their weight."""
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            values = {key: float(text) for key, text in row.items()}
            weight = values.pop("weight")
            yield ParameterSet(weight, tuple(f"{key}={json.dumps(one)}" for key, one in values.items()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refusal(StudyError, "evidence_sets", file, problem=error) from None


def about(question: Question) -> dict[str, Any]:
    """Return what a reader must know of the runs, in the order of the page."""
    settings = question.scenario.settings
    return {
        "region": settings.region,
        "scale": settings.scale,
        "start": str(settings.period.start),
        "days": settings.period.days,
        "warm_up_days": settings.period.warm_up_days,
        "seeds": f"{settings.seed} to {settings.seed + question.content.replications - 1}",
        "run": market_run_identity(question.scenario),
    }
