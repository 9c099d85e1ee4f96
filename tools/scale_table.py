"""Measure how far indicators agree between scales: `python -m tools.scale_table` prints a table for docs/scaling.md.

Each scale is run with several seeds in spring, when nobody is away. An indicator *holds* at a scale when the 90%
interval of its difference to the largest scale lies within its margin (two one-sided tests at 5%, Schuirmann 1987),
with Welch's approximation of the degrees of freedom.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

import sim

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "baseline.yaml"
SPRING = ("period.start=2026-04-01", "period.warm_up_days=10", "recording.detail=indicators")
CONFIDENCE = 0.90


class Margin(NamedTuple):
    """How far an indicator may lie from its value at the reference scale, in the unit it is shown in."""

    width: float
    relative: bool = False


MARGINS: Mapping[str, Margin] = {
    "served_share": Margin(0.05),
    "wait": Margin(0.15),
    "travel_per_order": Margin(0.25, relative=True),
    "utilisation": Margin(0.04),
    "price_per_hour": Margin(0.03, relative=True),
}
"""The committed list, with margins in the indicators' own units (shares, days, minutes, yuan an hour)."""


class Plan(NamedTuple):
    """One scale with the seeds that it is run with."""

    scale: float
    seeds: tuple[int, ...]


class Comparison(NamedTuple):
    """An indicator at a scale against the reference: mean, difference, 90% half-width, and whether it holds."""

    mean: float
    difference: float
    half_width: float
    margin: float

    @property
    def holds(self) -> bool:
        """Whether the interval of the difference lies within the margin."""
        return abs(self.difference) + self.half_width <= self.margin


def measure(scale: float, seed: int, days: int) -> dict[str, float]:
    """Return the committed indicators of one run, for the whole region."""
    overrides = [*SPRING, f"scale={scale}", f"period.days={days}", f"seed={seed}"]
    with tempfile.TemporaryDirectory() as folder:
        results = sim.run(sim.load(SCENARIO, overrides=overrides), folder)
        rows = results.indicators
    city = rows[rows["scope"] == "city"].set_index("indicator")["value"]
    return {name: float(city[name]) for name in MARGINS}


def compare(values: Sequence[float], reference: Sequence[float], margin: Margin) -> Comparison:
    """Return the comparison of two samples of runs."""
    a, b = np.asarray(values), np.asarray(reference)
    difference = float(a.mean() - b.mean())
    share_a, share_b = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    error = math.sqrt(share_a + share_b)
    freedom = (share_a + share_b) ** 2 / (share_a**2 / (len(a) - 1) + share_b**2 / (len(b) - 1))
    half_width = float(stats.t.ppf(0.5 + CONFIDENCE / 2, freedom)) * error
    width = margin.width * abs(float(b.mean())) if margin.relative else margin.width
    return Comparison(float(a.mean()), difference, half_width, width)


def measure_all(plans: Sequence[Plan], days: int) -> dict[float, dict[str, list[float]]]:
    """Return, by scale and indicator, the values of all seeds; progress goes to stderr."""
    found: dict[float, dict[str, list[float]]] = {}
    for plan in plans:
        runs = []
        for seed in plan.seeds:
            runs.append(measure(plan.scale, seed, days))
            sys.stderr.write(f"scale {plan.scale}, seed {seed}: {runs[-1]}\n")
        found[plan.scale] = {name: [run[name] for run in runs] for name in MARGINS}
    return found


def table(found: Mapping[float, Mapping[str, Sequence[float]]]) -> str:
    """Return the Markdown table: an indicator a row, a scale a column, the largest scale last."""
    scales = sorted(found)
    reference = found[scales[-1]]
    lines = [
        "| indicator | margin | " + " | ".join(f"{100 * scale:g}%" for scale in scales) + " | holds from |",
        "|---|---|" + "---|" * (len(scales) + 1),
    ]
    for name, margin in MARGINS.items():
        cells, smallest = [], scales[-1]
        for scale in reversed(scales[:-1]):
            outcome = compare(found[scale][name], reference[name], margin)
            cells.append(f"{outcome.mean:.3g} ({outcome.difference:+.2g} ± {outcome.half_width:.2g})")
            if outcome.holds and smallest == min(s for s in scales if s > scale):
                smallest = scale
        cells.reverse()
        cells.append(f"{np.mean(reference[name]):.3g}")
        shown = f"{100 * margin.width:g}%" if margin.relative else f"{margin.width:g}"
        lines.append(f"| `{name}` | {shown} | " + " | ".join(cells) + f" | {100 * smallest:g}% |")
    return "\n".join(lines)


def main() -> None:
    """Run all scales and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=4, help="seeds of the smaller scales; 3 at the largest")
    parser.add_argument("--scales", type=float, nargs="+", default=[0.002, 0.005, 0.01, 0.02, 0.05])
    arguments = parser.parse_args()
    largest = max(arguments.scales)
    plans = [
        Plan(scale, tuple(range(1, (3 if scale == largest else arguments.seeds) + 1)))
        for scale in sorted(arguments.scales)
    ]
    sys.stdout.write(table(measure_all(plans, arguments.days)) + "\n")


if __name__ == "__main__":
    main()
