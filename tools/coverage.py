"""Measure how often intervals hold the truth: `python -m tools.coverage` prints the table of docs/statistics.md.

Synthetic experiments with known truth are stopped by the precision rule; then every interval is made from what there is
and compared with the truth. An outcome's marginal distribution has mean 0 and variance 1; outcomes depend on each other
through a normal copula with one common correlation.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from sim.experiments.statistics import Interval, PrecisionRule, mean_intervals, simultaneous_intervals
from sim.experiments.statistics.draws import normals
from sim.experiments.statistics.sample import Floats
from sim.rng import derive

CONFIDENCE = 0.95
DRAWS = 2_000
BLOCK = 500
_GAMMA_SHAPE = 4.0
_LOGNORMAL_SIGMA = 0.5
_STUDENT_FREEDOM = 5.0


class Case(NamedTuple):
    """One kind of experiment.

    Attributes:
        name: As it stands in the table.
        outcomes: Marginal distribution of each outcome, a key of :data:`MARGINALS`.
        correlation: Of the normal numbers behind any two outcomes.
        target: Farthest reach of each interval, in standard deviations; 0 for a fixed number of replications.
        budget: Most replications.
    """

    name: str
    outcomes: tuple[str, ...]
    correlation: float
    target: float
    budget: int = 300


class Coverage(NamedTuple):
    """What was measured of a case.

    Attributes:
        replications: Mean number at the stop.
        unfinished: Share of experiments that used up their budget.
        pointwise: Share of experiments in which each outcome's interval holds the truth.
        max_t: Share in which all simultaneous intervals hold it.
        bonferroni: The same with Bonferroni's.
        plain: Pointwise shares of plain t intervals at the stop of the plain rule: no first stage to speak of, no
            confirmation, no guard against skewness.
    """

    replications: float
    unfinished: float
    pointwise: tuple[float, ...]
    max_t: float
    bonferroni: float
    plain: tuple[float, ...]


def _gamma(z: Floats) -> Floats:
    drawn: Floats = (special.gammaincinv(_GAMMA_SHAPE, special.ndtr(z)) - _GAMMA_SHAPE) / math.sqrt(
        _GAMMA_SHAPE
    )
    return drawn


def _lognormal(z: Floats) -> Floats:
    growth = math.exp(_LOGNORMAL_SIGMA**2)
    drawn: Floats = (np.exp(_LOGNORMAL_SIGMA * z) - math.sqrt(growth)) / math.sqrt((growth - 1.0) * growth)
    return drawn


def _exponential(z: Floats) -> Floats:
    drawn: Floats = -special.log_ndtr(-z) - 1.0
    return drawn


def _student(z: Floats) -> Floats:
    spread = math.sqrt(_STUDENT_FREEDOM / (_STUDENT_FREEDOM - 2.0))
    drawn: Floats = special.stdtrit(_STUDENT_FREEDOM, special.ndtr(z)) / spread
    return drawn


def _uniform(z: Floats) -> Floats:
    drawn: Floats = (special.ndtr(z) - 0.5) * math.sqrt(12.0)
    return drawn


def _two_values(z: Floats) -> Floats:
    drawn: Floats = np.where(z > 0.0, 1.0, -1.0)
    return drawn


MARGINALS: Mapping[str, Callable[[Floats], Floats]] = {
    "normal": lambda z: z,
    "uniform": _uniform,
    "t5": _student,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "exponential": _exponential,
    "two values": _two_values,
}
"""Standardised marginals; skewness 0, 0, 0 (heavy tails), 1, 1.75, 2, 0."""

MIXED = ("normal", "uniform", "t5", "gamma", "lognormal")
CASES: tuple[Case, ...] = (
    Case("normal, 20 fixed", ("normal",) * 5, 0.5, 0.0, budget=20),
    Case("gamma, 20 fixed", ("gamma",) * 5, 0.5, 0.0, budget=20),
    Case("normal", ("normal",), 0.0, 0.35),
    Case("normal, stops early", ("normal",) * 5, 0.0, 0.5),
    Case("normal", ("normal",) * 5, 0.0, 0.35),
    Case("normal", ("normal",) * 5, 0.9, 0.35),
    Case("normal, fine", ("normal",) * 5, 0.5, 0.2),
    Case("normal, many outcomes", ("normal",) * 20, 0.5, 0.35),
    Case("gamma (skewness 1)", ("gamma",) * 5, 0.0, 0.35),
    Case("gamma (skewness 1)", ("gamma",) * 5, 0.9, 0.35),
    Case("gamma, fine", ("gamma",) * 5, 0.5, 0.2),
    Case("lognormal (skewness 1.75)", ("lognormal",) * 5, 0.8, 0.35),
    Case("exponential (skewness 2)", ("exponential",), 0.0, 0.35),
    Case("exponential (skewness 2)", ("exponential",) * 3, 0.8, 0.35),
    Case("t with 5 degrees", ("t5",) * 5, 0.5, 0.35),
    Case("mixed", MIXED, 0.0, 0.35),
    Case("mixed", MIXED, 0.8, 0.35),
    Case("mixed, budget of 30", MIXED, 0.5, 0.35, budget=30),
)
"""The cases in which every share must lie in 93 to 97%."""

BEYOND: tuple[Case, ...] = (Case("two values", ("two values",) * 3, 0.5, 0.35),)
"""Cases that are shown with them and not held to it: the mean of few yes or no answers comes in coarse steps."""

MANY = (("main outcomes of a region", 35), ("outcomes of many groups", 300))
FEW: tuple[Case, ...] = tuple(
    Case(f"{kind}, {what}", (kind,) * number, 0.3, 0.0, budget=replications)
    for what, number in MANY
    for kind in ("normal", "gamma", "exponential")
    for replications in (5, 10, 20, 40)
)
"""Tables as `jiazheng compare` shows them, from a fixed number of replications. Shown as they are: few replications of
skewed outcomes cannot tell how skewed they are."""
FEW_EXPERIMENTS = 400
"""Experiments for each of them, at most: 300 intervals take their time."""

HEAD = (
    "outcomes",
    "number",
    "correlation",
    "target",
    "mean replications",
    "pointwise",
    "max-t",
    "Bonferroni",
    "plain rule",
)


def rule_of(case: Case) -> PrecisionRule:
    """Return the rule that stops the experiments of a case."""
    return PrecisionRule(
        targets=(case.target,) * len(case.outcomes), budget=case.budget, confidence=CONFIDENCE
    )


def experiments(case: Case, count: int, seed: int) -> Floats:
    """Return synthetic differences with truth 0, shape (budget, experiments, outcomes)."""
    outcomes = len(case.outcomes)
    own = normals(seed, f"coverage.own.{case.name}", case.budget, count * outcomes)
    common = normals(seed, f"coverage.common.{case.name}", case.budget, count)[:, :, None]
    mixed = np.sqrt(1.0 - case.correlation) * own.reshape(case.budget, count, outcomes)
    mixed = mixed + np.sqrt(case.correlation) * common
    columns = [MARGINALS[name](mixed[:, :, j]) for j, name in enumerate(case.outcomes)]
    return np.stack(columns, axis=2)


def measure(case: Case, count: int, seed: int) -> Coverage:
    """Return the coverage in at least `count` experiments of a case, made in equal blocks to save memory."""
    size = min(count, BLOCK)
    seeds = [int(derive(np.uint64(seed), block)) for block in range(math.ceil(count / size))]
    blocks = zip(*(_measure(case, size, block) for block in seeds), strict=True)
    replications, unfinished, pointwise, max_t, bonferroni, plain = (np.mean(b, axis=0) for b in blocks)
    return Coverage(
        replications=float(replications),
        unfinished=float(unfinished),
        pointwise=tuple(map(float, pointwise)),
        max_t=float(max_t),
        bonferroni=float(bonferroni),
        plain=tuple(map(float, plain)),
    )


def _measure(case: Case, count: int, seed: int) -> Coverage:
    differences = experiments(case, count, seed)
    stops = stops_of(case, differences)
    samples = [differences[:stop, i] for i, stop in enumerate(stops)]
    pointwise = np.array([_hold(mean_intervals(sample, CONFIDENCE)) for sample in samples])
    together = [simultaneous_intervals(s, CONFIDENCE, seed=i, draws=DRAWS) for i, s in enumerate(samples)]
    bonferroni = [simultaneous_intervals(sample, CONFIDENCE, "bonferroni") for sample in samples]
    return Coverage(
        replications=float(np.mean(stops)),
        unfinished=float(np.mean(stops == case.budget)) if case.target else 0.0,
        pointwise=tuple(float(share) for share in pointwise.mean(axis=0)),
        max_t=float(np.mean([all(_hold(intervals)) for intervals in together])),
        bonferroni=float(np.mean([all(_hold(intervals)) for intervals in bonferroni])),
        plain=plain_coverage(case, differences),
    )


def stops_of(case: Case, differences: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return after how many replications each experiment stops: by the rule, or when the budget is used up."""
    count = differences.shape[1]
    if not case.target:
        return np.full(count, case.budget)
    stops = rule_of(case).stops_at(differences)
    return np.where(stops > 0, stops, case.budget).reshape(count)


def plain_coverage(case: Case, differences: Floats) -> tuple[float, ...]:
    """Return the pointwise coverage of t intervals that stop at the first narrow one, from 5 replications on."""
    stops = _plain_stops(case, differences)
    held = [_hold(mean_intervals(differences[:n, i], CONFIDENCE, "t")) for i, n in enumerate(stops)]
    return tuple(float(share) for share in np.mean(held, axis=0))


def _plain_stops(case: Case, differences: Floats) -> Sequence[int]:
    if not case.target:
        return [case.budget] * differences.shape[1]
    looks = np.arange(1, case.budget + 1)[:, None, None]
    mean = np.cumsum(differences, axis=0) / looks
    spread = np.cumsum(differences**2, axis=0) - looks * mean**2
    free = np.maximum(looks - 1, 1)
    reach = special.stdtrit(free, 0.5 + CONFIDENCE / 2.0) * np.sqrt(np.maximum(spread, 0.0) / free / looks)
    narrow = (reach <= case.target).all(axis=2)
    narrow[:4] = False
    narrow[-1] = True
    return [int(stop) + 1 for stop in narrow.argmax(axis=0)]


def _hold(intervals: Sequence[Interval]) -> list[bool]:
    return [interval.covers(0.0) for interval in intervals]


def table(cases: Sequence[Case], count: int, seed: int) -> Iterator[str]:
    """Yield the rows of a Markdown table as the cases are measured."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|" + "---|" * len(HEAD)
    for case in cases:
        yield f"| {' | '.join(line(case, measure(case, count, seed)))} |"


def line(case: Case, found: Coverage) -> tuple[str, ...]:
    """Return a row of the table as texts."""
    target = f"{case.target:g}" if case.target else "none"
    settings = (case.name, str(len(case.outcomes)), f"{case.correlation:g}", target)
    together = (_percent(found.max_t), _percent(found.bonferroni))
    return (*settings, f"{found.replications:.0f}", _range(found.pointwise), *together, _range(found.plain))


def _range(shares: Sequence[float]) -> str:
    low, high = _percent(min(shares)), _percent(max(shares))
    return low if len(shares) == 1 else f"{low} to {high}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f}%"


def main() -> int:
    """Measure all cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for line in table((*CASES, *BEYOND), given.experiments, given.seed):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    error = 100.0 * math.sqrt(CONFIDENCE * (1.0 - CONFIDENCE) / given.experiments)
    sys.stdout.write(f"\n{given.experiments} experiments a row; standard error {error:.2f} points.\n\n")
    for line in table(FEW, min(FEW_EXPERIMENTS, given.experiments), given.seed):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
