"""From a study file to a plan: the design's points, the replications of each, and the identity of every run."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.experiments.errors import StudyError
from sim.experiments.market_run import TASK
from sim.experiments.plan import Plan, Run, run_identity
from sim.experiments.replication import load_all, with_seed
from sim.experiments.study_file import StudyFile, Value, read_study_file
from sim.records.identity import run_identity as market_run_identity
from sim.records.refusal import refusal

Point = Mapping[str, Value]


def plan_study(file: str | Path) -> Plan:
    """Return the plan of a study file.

    Raises:
        StudyError: The file has faults, or the design is larger than its budget.
        ScenarioError: The base, or the base with a point's values on top, has faults.
    """
    study = read_study_file(file)
    points = list(points_of(study))
    wanted = len(points) * study.replications
    if wanted > study.budget_runs:
        raise refusal(StudyError, "study_over_budget", Path(file), runs=wanted, budget=study.budget_runs)
    base = str((Path(file).parent / study.base).resolve())
    runs = [run for point in points for run in _runs(study, base, point)]
    about = {"kind": "sweep", "name": study.name.model_dump(), "levers": list(study.levers)}
    return Plan(TASK, tuple(runs), {"outcomes": list(study.outcomes)}, about)


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


def _runs(study: StudyFile, base: str, point: Point) -> Iterator[Run]:
    overrides = [*study.overrides, *(f"{key}={json.dumps(value)}" for key, value in point.items())]
    source = {"file": base, "overrides": overrides}
    (scenario,) = load_all([source])
    for number in range(study.replications):
        seed = scenario.settings.seed + number
        identity = run_identity(
            TASK,
            {},
            {"run": market_run_identity(with_seed(scenario, seed)), "outcomes": list(study.outcomes)},
        )
        cost = scenario.settings.scale * scenario.settings.period.days
        payload: dict[str, Any] = {"scenario": source, "seed": seed}
        yield Run(identity, point or {"point": "base"}, number, payload, cost)
