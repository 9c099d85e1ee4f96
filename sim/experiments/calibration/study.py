"""A calibration as a study: points of the parameter space become runs, and runs become observations of the targets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sim.experiments.calibration.calibration_file import Parameter
from sim.experiments.calibration.emulator import Floats
from sim.experiments.calibration.targets import Target
from sim.experiments.market_run import TASK
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Run, run_identity
from sim.experiments.replication import load_all, with_seed
from sim.records.identity import run_identity as market_run_identity

WAVE = "wave"
"""Column of a point that says in which wave it was planned."""


class Simulator(Protocol):
    """What makes runs of points."""

    @property
    def task(self) -> str:
        """What makes a run, as ``package.module:function``."""

    def runs(self, point: Mapping[str, float], wave: int) -> Iterator[Run]:
        """Yield the replications of a point."""


@dataclass(frozen=True)
class Market:
    """Runs of a scenario.

    Attributes:
        base: The scenario file.
        overrides: Values on top of it, below those of the points.
        outcomes: What each run says.
        replications: Runs of each point.
        task: What makes them.
    """

    base: str
    overrides: tuple[str, ...]
    outcomes: tuple[str, ...]
    replications: int
    task: str = TASK

    def runs(self, point: Mapping[str, float], wave: int) -> Iterator[Run]:
        """Yield the replications of a point; replication k has the same seed at every point."""
        values = [f"{key}={json.dumps(value)}" for key, value in point.items()]
        source = {"file": self.base, "overrides": [*self.overrides, *values]}
        (scenario,) = load_all([source])
        cost = scenario.settings.scale * scenario.settings.period.days
        for number in range(self.replications):
            seed = scenario.settings.seed + number
            run = market_run_identity(with_seed(scenario, seed))
            identity = run_identity(TASK, {}, {"run": run, "outcomes": list(self.outcomes)})
            payload = {"scenario": source, "seed": seed, "run": run}
            yield Run(identity, {WAVE: wave, **point}, number, payload, cost)


@dataclass(frozen=True)
class Observed:
    """What was observed at the points whose replications are whole.

    Attributes:
        points: Places in the unit cube, a row each.
        waves: In which wave each was planned.
        means: Means over the replications, a row a point and a column a target; NaN where nothing was observed.
        chance: Variance of such a mean between seeds, by target, pooled over the points.
    """

    points: Floats
    waves: np.ndarray[tuple[int], np.dtype[np.int64]]
    means: Floats
    chance: Floats


def observed(
    runs: Iterable[Run],
    recorded: Mapping[str, Outcome],
    parameters: Sequence[Parameter],
    targets: Sequence[Target],
) -> Observed:
    """Return what the recorded runs of a plan show; points of which a run failed are left out."""
    by_point: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        by_point.setdefault(tuple(run.point.values()), []).append(run)
    whole = [
        (group[0], [recorded[run.identity].values for run in group])
        for group in by_point.values()
        if all(run.identity in recorded and recorded[run.identity].ok for run in group)
    ]
    points = [[one.unit(float(run.point[one.key] or 0.0)) for one in parameters] for run, _ in whole]
    values = [[_numbers(target, seen) for target in targets] for _, seen in whole]
    shape = (len(whole), len(targets), -1 if whole else 0)
    table = np.array(values, np.float64).reshape(shape)
    return Observed(
        np.array(points, np.float64).reshape(len(whole), len(parameters)),
        np.array([run.point[WAVE] for run, _ in whole], np.int64),
        table.mean(axis=2) if whole else np.empty((0, len(targets))),
        _chance(table),
    )


def _numbers(target: Target, seen: Sequence[Mapping[str, float | None]]) -> list[float]:
    found = [target.of(values) for values in seen]
    return [np.nan if value is None else value for value in found]


def _chance(table: Floats) -> Floats:
    """Return the variance of a point's mean between seeds, by target."""
    if table.shape[0] == 0 or table.shape[2] < 2:
        return np.zeros(table.shape[1])
    within = table.var(axis=2, ddof=1)
    counted = np.maximum((~np.isnan(within)).sum(axis=0), 1)
    found: Floats = np.nansum(within, axis=0) / counted / table.shape[2]
    return found


def absolute(base: str, file: Path) -> str:
    """Return a path that stands in a file, which it is relative to."""
    return str((file.parent / base).resolve())
