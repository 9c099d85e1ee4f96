"""From a study file to a plan: the design's points, the replications of each, and the identity of every run."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.experiments.errors import StudyError
from sim.experiments.market_run import TASK
from sim.experiments.plan import Plan, Run, run_identity
from sim.experiments.replication import load_all, with_seed
from sim.experiments.sequential import PrecisionTarget
from sim.experiments.study_file import StudyFile, Value, read_study_file
from sim.records.identity import run_identity as market_run_identity
from sim.records.refusal import refusal
from sim.scenario.overrides import COMMAND_LINE_PLACES

Point = Mapping[str, Value]
ONLY_POINT: Point = {"point": "base"}
"""Where a study's runs stand that varies nothing."""


def plan_study(file: str | Path) -> Plan:
    """Return the plan of a study file; of one with a precision target, the plan of its first stage.

    Raises:
        StudyError: The file has faults, or the design is larger than its budget.
        ScenarioError: The base, or the base with a point's values on top, has faults.
    """
    study = read_study_file(file)
    points = list(points_of(study))
    replications = study.first_replications
    if len(points) * replications > study.budget_runs:
        wanted = len(points) * replications
        raise refusal(StudyError, "study_over_budget", Path(file), runs=wanted, budget=study.budget_runs)
    try:
        return _planned(study, str((Path(file).parent / study.base).resolve()), points)
    except ScenarioError as error:
        raise _of_the_study(error, str(file)) from None


def _of_the_study(error: ScenarioError, file: str) -> ScenarioError:
    """Return an error whose faults of levers and overrides are said of the study file that they stand in."""
    faults = tuple(
        replace(fault, file=file) if fault.file in COMMAND_LINE_PLACES else fault for fault in error.faults
    )
    return ScenarioError("\n".join(map(str, faults)), faults)


def _planned(study: StudyFile, base: str, points: Sequence[Point]) -> Plan:
    sources = (_source(study, base, point) for point in points)
    shared = {"outcomes": list(study.outcomes)}
    runs = [
        run
        for point, source in zip(points, sources, strict=True)
        for run in _runs(point or ONLY_POINT, source, shared, range(study.first_replications))
    ]
    about = {
        "kind": "sweep",
        "name": study.name.model_dump(),
        "levers": list(study.levers),
        "uncertainties": list(study.uncertainties),
        "precision": _target(study, len(points)),
    }
    return Plan(TASK, tuple(runs), shared, about)


def grown(plan: Plan, replications: int) -> Plan:
    """Return a sweep's plan with so many replications of each point.

    Raises:
        StudyError: A scenario file is no longer the one that was planned.
    """
    kept = [run for run in plan.runs if run.replication < replications]
    there = {(*run.point.values(), run.replication) for run in kept}
    added: list[Run] = []
    for first in (run for run in kept if run.replication == 0):
        numbers = [n for n in range(1, replications) if (*first.point.values(), n) not in there]
        added += _more_of(first, plan, numbers) if numbers else []
    return Plan(plan.task, (*kept, *added), plan.shared, plan.about)


def _more_of(first: Run, plan: Plan, numbers: Iterable[int]) -> list[Run]:
    """Return further replications of the point whose first is given."""
    source = first.payload["scenario"]
    again, *more = _runs(first.point, source, plan.shared, (0, *numbers))
    if again.identity != first.identity:
        raise refusal(StudyError, "study_scenario_changed", source["file"])
    return more


def points_of(study: StudyFile) -> Iterator[Point]:
    """Yield the design's points: a value for each lever and uncertainty."""
    if study.design.kind == "list" and isinstance(study.design.points, tuple):
        yield from study.design.points
        return
    levers = [
        dict(zip(study.levers, values, strict=True)) for values in itertools.product(*study.levers.values())
    ]
    for lever in levers:
        for sample in _samples(study):
            yield {**lever, **sample}


def _target(study: StudyFile, points: int) -> dict[str, Any] | None:
    if not study.precision:
        return None
    return PrecisionTarget(study.precision, study.budget_runs // points).content()


def _samples(study: StudyFile) -> list[dict[str, float]]:
    """Return samples of the uncertainties, the same for every combination of the levers."""
    if not study.uncertainties:
        return [{}]
    from scipy.stats import qmc

    kinds = {"latin_hypercube": qmc.LatinHypercube, "sobol": qmc.Sobol}
    count = study.design.points if isinstance(study.design.points, int) else 0
    sampler = kinds[study.design.kind](d=len(study.uncertainties), rng=study.design.seed)
    ranges = list(study.uncertainties.values())
    scaled = qmc.scale(sampler.random(count), [r.low for r in ranges], [r.high for r in ranges])
    return [dict(zip(study.uncertainties, map(float, row), strict=True)) for row in scaled]


def _source(study: StudyFile, base: str, point: Point) -> dict[str, Any]:
    overrides = [*study.overrides, *(f"{key}={json.dumps(value)}" for key, value in point.items())]
    return {"file": base, "overrides": overrides}


def _runs(
    point: Mapping[str, Any], source: Mapping[str, Any], shared: Mapping[str, Any], numbers: Iterable[int]
) -> Iterator[Run]:
    """Yield a point's replications of the given numbers."""
    (scenario,) = load_all([source])
    cost = scenario.settings.scale * scenario.settings.period.days
    for number in numbers:
        seed = scenario.settings.seed + number
        run = market_run_identity(with_seed(scenario, seed))
        identity = run_identity(TASK, {}, {"run": run, "outcomes": shared["outcomes"]})
        yield Run(identity, point, number, {"scenario": source, "seed": seed, "run": run}, cost)
