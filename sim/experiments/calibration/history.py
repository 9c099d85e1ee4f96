"""History matching on disk: waves of runs, each planned where the waves before it have ruled nothing out.

The plan grows wave by wave and is in the folder before anything runs. Waves that are planned are taken from the plan
and recorded runs are never made again, so that an interrupted calibration goes on where it was and ends as one that was
not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sim.experiments.calibration.calibration_file import Parameter, Waves
from sim.experiments.calibration.emulator import Emulator, Floats, fit
from sim.experiments.calibration.implausibility import Cut, Measure, plausible
from sim.experiments.calibration.pool import Pool, cut_down, sample, whole
from sim.experiments.calibration.study import WAVE, Observed, Simulator, observed
from sim.experiments.calibration.targets import Target
from sim.experiments.engines.engine import Engine
from sim.experiments.errors import StudyError
from sim.experiments.execute import execute
from sim.experiments.lock import StudyLock
from sim.experiments.plan import Plan, plan_before, write_plan
from sim.experiments.progress import Progress, unseen
from sim.experiments.store import read_store
from sim.records.refusal import refusal

FEWEST = 4
"""Points at which a target must have been observed before it can be emulated."""


@dataclass(frozen=True)
class Problem:
    """What is calibrated.

    Attributes:
        simulator: What makes the runs.
        parameters: The uncertain parameters.
        targets: The fitted figures by name.
        waves: How the search goes on.
        replications: Runs of each point.
        sets: Plausible points that are wanted.
        budget_runs: Runs at most.
        shared: What all runs are told.
        about: What the study's folder says of it; ``targets_sha256`` may never change there.
    """

    simulator: Simulator
    parameters: Sequence[Parameter]
    targets: Mapping[str, Target]
    waves: Waves
    replications: int
    sets: int
    budget_runs: int
    shared: Mapping[str, Any]
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Wave:
    """What a wave has shown.

    Attributes:
        number: From 1.
        runs: Runs that are planned up to it.
        left: Share of the parameter space that is not ruled out after it.
        emulators: By target.
        nearest: By target the least implausibility of anything that the waves before it have left.
        accepted: Points that neither their own runs nor a wave rules out.
    """

    number: int
    runs: int
    left: float
    emulators: Mapping[str, Emulator]
    nearest: Mapping[str, float]
    accepted: int


class Heard(Protocol):
    """Is told what a wave has shown."""

    def __call__(self, wave: Wave, /) -> None:
        """Hear it."""


def unheard(wave: Wave) -> None:
    """Say nothing."""
    del wave


@dataclass(frozen=True)
class Matched:
    """A finished search.

    Attributes:
        waves: What each has shown.
        pool: What is not ruled out.
        cuts: What each wave rules out.
        seen: What was observed at all points.
        implausibility: Of the points' own runs, a row a point and a column a target.
        accepted: Which points neither their own runs nor a wave rules out.
    """

    waves: tuple[Wave, ...]
    pool: Pool
    cuts: tuple[Cut, ...]
    seen: Observed
    implausibility: Floats
    accepted: np.ndarray[tuple[int], np.dtype[np.bool_]]


def match(
    folder: Path, engine: Engine, problem: Problem, *, progress: Progress = unseen, heard: Heard = unheard
) -> Matched:
    """Make waves until enough points are plausible, the waves or the budget are used up, or nothing is left.

    Raises:
        StudyError: Everything is ruled out, a target was hardly ever observed, or the split of the figures is no longer
            the one of the first wave.
        StudyStopped: The user interrupted; what has ended is recorded.
    """
    _refuse_another_split(folder, problem)
    pool = whole(len(problem.parameters), problem.waves.seed)
    cuts: list[Cut] = []
    waves: list[Wave] = []
    with StudyLock(folder) as lock:
        for number in range(1, problem.waves.most + 1):
            _plan_wave(folder, problem, number, pool, lock)
            execute(folder, engine, progress=progress, lock=lock)
            seen = _seen(folder, problem, number)
            cuts.append(_cut(seen, cuts, problem, folder))
            before, pool = pool, cut_down(pool, cuts, problem.waves.seed)
            waves.append(
                _wave(number, before, pool, cuts[-1], seen, problem, int(_own(seen, problem, cuts)[1].sum()))
            )
            heard(waves[-1])
            if pool.is_empty:
                raise _nothing_left(folder, waves[-1], problem.waves.cutoff)
            if _is_enough(waves[-1], problem):
                break
    return Matched(tuple(waves), pool, tuple(cuts), seen, *_own(seen, problem, cuts))


def _is_enough(wave: Wave, problem: Problem) -> bool:
    more = problem.waves.points * problem.replications
    return wave.accepted >= problem.sets or wave.runs + more > problem.budget_runs


def _refuse_another_split(folder: Path, problem: Problem) -> None:
    before = plan_before(folder)
    planned = before.shared.get("targets_sha256")
    if before.runs and planned != problem.shared.get("targets_sha256"):
        raise refusal(StudyError, "calibration_split", folder, planned=planned)


def _plan_wave(folder: Path, problem: Problem, number: int, pool: Pool, lock: StudyLock) -> None:
    """Plan a wave, unless it is planned."""
    runs = plan_before(folder).runs
    if any(run.point[WAVE] == number for run in runs):
        return
    points = _first(problem) if number == 1 else sample(pool, problem.waves.points)
    new = [run for point in points for run in problem.simulator.runs(_values(point, problem), number)]
    task = problem.simulator.task
    write_plan(folder, Plan(task, (*runs, *new), problem.shared, problem.about), lock=lock)


def _first(problem: Problem) -> Floats:
    from scipy.stats import qmc

    kinds = {"latin_hypercube": qmc.LatinHypercube, "sobol": qmc.Sobol}
    sampler = kinds[problem.waves.design](d=len(problem.parameters), rng=problem.waves.seed)
    found: Floats = sampler.random(problem.waves.first)
    return found


def _values(point: Floats, problem: Problem) -> dict[str, float]:
    places = zip(problem.parameters, point.tolist(), strict=True)
    return {one.key: one.value(place) for one, place in places}


def _seen(folder: Path, problem: Problem, number: int) -> Observed:
    """Return what the waves up to a number have shown, whatever is planned beyond it."""
    store = read_store(folder)
    recorded = {outcome.identity: outcome for outcome in store.outcomes(store.entries.values())}
    runs = [run for run in plan_before(folder).runs if int(run.point[WAVE] or 0) <= number]
    return observed(runs, recorded, problem.parameters, list(problem.targets.values()))


def _measure(seen: Observed, problem: Problem) -> Measure:
    targets = problem.targets.values()
    return Measure(
        np.array([target.published for target in targets]),
        np.array([target.variance for target in targets]),
        seen.chance,
        problem.waves.cutoff,
        problem.waves.rank,
    )


def _cut(seen: Observed, cuts: Sequence[Cut], problem: Problem, folder: Path) -> Cut:
    """Fit emulators to the points that the waves before have not ruled out."""
    inside = plausible(cuts, seen.points)
    emulators = []
    for column, name in enumerate(problem.targets):
        known = inside & ~np.isnan(seen.means[:, column])
        if known.sum() < FEWEST:
            made = int(inside.sum())
            raise refusal(
                StudyError, "calibration_unobserved", folder, name=name, seen=int(known.sum()), made=made
            )
        emulators.append(fit(seen.points[known], seen.means[known, column]))
    return Cut(emulators, _measure(seen, problem))


def _own(
    seen: Observed, problem: Problem, cuts: Sequence[Cut]
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return the implausibility of the points' own runs, and which points neither they nor a wave rules out."""
    measure = _measure(seen, problem)
    found = measure.implausibility(seen.means, np.zeros_like(seen.means))
    found = np.where(np.isnan(found), np.inf, found)
    return found, measure.plausible(found) & plausible(cuts, seen.points)


def _wave(
    number: int, before: Pool, after: Pool, cut: Cut, seen: Observed, problem: Problem, accepted: int
) -> Wave:
    nearest = cut.implausibility(before.points).min(axis=0)
    names = list(problem.targets)
    return Wave(
        number,
        len(seen.points) * problem.replications,
        after.left[-1],
        dict(zip(names, cut.emulators, strict=True)),
        dict(zip(names, nearest.tolist(), strict=True)),
        accepted,
    )


def _nothing_left(folder: Path, wave: Wave, cutoff: float) -> StudyError:
    """Return what is said when everything is ruled out: which figures nothing comes near to, or that they disagree."""
    far = {name: value for name, value in wave.nearest.items() if value > cutoff}
    names = ", ".join(f"{name} ({value:.1f})" for name, value in (far or wave.nearest).items())
    code = "calibration_out_of_reach" if far else "calibration_disagree"
    return refusal(StudyError, code, folder, wave=wave.number, names=names)
