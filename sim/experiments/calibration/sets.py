"""Parameter sets that the figures do not rule out, with weights, as a table and what must be known beside it.

Every set is a point whose own runs are plausible. Points of later waves lie denser, so a point's weight is the inverse
of the density of all waves together at its place (deterministic mixture), times a normal kernel of its
implausibilities (approximate Bayesian computation; Beaumont 2019). Weights add to 1; 1 / (sum of their squares) is how
many equally weighted sets they are worth.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.calibration.emulator import Floats
from sim.experiments.calibration.history import Matched, Problem
from sim.experiments.calibration.implausibility import plausible
from sim.experiments.layout import replacing

SETS = "sets.csv"
ABOUT = "calibration.json"
UNIFORM_SD = 12.0**-0.5
STAYS = 0.9
"""Spread left, as a share of that before the fit, from which a parameter is said to stay at its prior."""


def weights_of(found: Matched) -> Floats:
    """Return the weights of the accepted points, in their order."""
    chosen = found.accepted
    if not chosen.any():
        return np.empty(0)
    density = _density(found)[chosen]
    loss = 0.5 * (found.implausibility[chosen] ** 2).sum(axis=1)
    raw = np.exp(loss.min() - loss) / density
    weights: Floats = raw / raw.sum()
    return weights


def _density(found: Matched) -> Floats:
    """Return how densely the waves together have sampled each point's place, in points by cube."""
    left = found.pool.left
    total = np.zeros(len(found.seen.points))
    for wave in found.waves:
        count = int((found.seen.waves == wave.number).sum())
        inside = plausible(found.cuts[: wave.number - 1], found.seen.points)
        # The points of a wave lie in its region, also where the last bits of another machine say otherwise.
        inside |= found.seen.waves == wave.number
        total += np.where(inside, count / left[wave.number - 1], 0.0)
    return total


def write_sets(folder: Path, found: Matched, problem: Problem) -> dict[str, Any]:
    """Write sets and diagnostics into a folder; return the diagnostics.

    Raises:
        OutputError: The system refuses to write.
    """
    weights = weights_of(found)
    rows = found.seen.points[found.accepted]
    with replacing(folder / SETS) as path, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("weight", *(one.key for one in problem.parameters)))
        for weight, row in zip(weights.tolist(), rows.tolist(), strict=True):
            places = zip(problem.parameters, row, strict=True)
            writer.writerow((weight, *(one.value(place) for one, place in places)))
    content = diagnostics(found, problem, weights)
    with replacing(folder / ABOUT) as path:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return content


def diagnostics(found: Matched, problem: Problem, weights: Floats) -> dict[str, Any]:
    """Return what a reader must know beside the sets."""
    return {
        **problem.about,
        "targets_sha256": problem.shared.get("targets_sha256"),
        "sets": int(found.accepted.sum()),
        "worth_sets": float(1.0 / (weights**2).sum()) if len(weights) else 0.0,
        "waves": [
            {
                "wave": wave.number,
                "runs": wave.runs,
                "space_left": wave.left,
                "accepted": wave.accepted,
                "emulators": {
                    name: {"r2_left_out": one.r2, "inflation": one.inflation, "worst_left_out": one.worst}
                    for name, one in wave.emulators.items()
                },
            }
            for wave in found.waves
        ],
        "targets": _losses(found, problem, weights),
        "parameters": _spreads(found, problem),
    }


def _losses(found: Matched, problem: Problem, weights: Floats) -> dict[str, Any]:
    """Return by target the published figure, the sets' weighted mean and their root mean square implausibility."""
    means = found.seen.means[found.accepted]
    squares = found.implausibility[found.accepted] ** 2
    return {
        name: {
            "published": target.published,
            "sd": target.variance**0.5,
            "mean": float(weights @ means[:, column]) if len(weights) else None,
            "implausibility": float((weights @ squares[:, column]) ** 0.5) if len(weights) else None,
        }
        for column, (name, target) in enumerate(problem.targets.items())
    }


def _spreads(found: Matched, problem: Problem) -> dict[str, Any]:
    """Return by parameter how much of its spread is left; one that keeps nearly all has learnt nothing."""
    left: Sequence[float] = (found.pool.points.std(axis=0) / UNIFORM_SD).tolist()
    return {
        one.key: {"low": one.low, "high": one.high, "spread_left": share, "stays_at_prior": share > STAYS}
        for one, share in zip(problem.parameters, left, strict=True)
    }
