"""Run one scenario on several platforms and compare the results: `python -m tools.platforms --help`.

Every run is a process of its own: each interpreter with each seed of Python's hashes, and on request with variables
that make NumPy or Numba take another processor for granted. Within one platform equal digests are promised, so a
difference ends the command with status 1; between platforms a difference is printed with its size.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sim.records.read import Results

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "baseline.yaml"
HASH_SEEDS = (0, 4711)
PACKAGES = ("numpy", "numba", "scipy", "simpy", "mesa")
DIGITS = 8


class Platform(NamedTuple):
    """Where a run is made.

    Attributes:
        python: Path of an interpreter in whose environment the project's dependencies are installed.
        variables: Further environment variables, NAME=VALUE.
    """

    python: str
    variables: tuple[str, ...] = ()


class Made(NamedTuple):
    """A run that has been made: on which platform, the how manieth (from 1), with which seed of hashes."""

    platform: Platform
    number: int
    hash_seed: int
    results: Results

    @property
    def label(self) -> str:
        """The platform's number and the hash seed, for a table's head."""
        return f"{self.number}, hash {self.hash_seed}"

    @property
    def legend(self) -> str:
        """What the platform is."""
        known = self.results.manifest.platform
        packages = [f"{name} {known['packages'][name]}" for name in PACKAGES]
        parts = [f"Python {known['python']}", *packages, *self.platform.variables]
        sets = " ".join(known["instruction_sets"])
        return f"{self.number}: {', '.join(parts)}; {known['system']}, {known['processor']}, {sets}"


def make(platform: Platform, hash_seed: int, scenario: Path, options: Sequence[str], folder: Path) -> Results:
    """Run the scenario in a process of its own.

    Raises:
        RuntimeError: The run failed.
    """
    chosen = dict(variable.split("=", 1) for variable in platform.variables)
    place = Path(tempfile.mkdtemp(dir=folder))
    done = subprocess.run(
        [platform.python, "-m", "sim", "run", str(scenario), *options, "--out", str(place), "--json"],
        cwd=ROOT,
        env={**os.environ, **chosen, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{platform.python} ended with status {done.returncode}:\n{done.stderr}")
    return Results(next(place.iterdir()))


def make_all(
    platforms: Sequence[Platform], scenario: Path, options: Sequence[str], folder: Path
) -> list[Made]:
    """Run the scenario on each platform with each hash seed; progress goes to stderr.

    Raises:
        RuntimeError: A run failed, or the sources were changed between two runs.
    """
    made: list[Made] = []
    for number, platform in enumerate(platforms, 1):
        for hash_seed in HASH_SEEDS:
            results = make(platform, hash_seed, scenario, options, folder)
            made.append(Made(platform, number, hash_seed, results))
            sys.stderr.write(f"platform {made[-1].label}: done\n")
            if results.manifest.identity != made[0].results.manifest.identity:
                raise RuntimeError("the runs are not of the same scenario and sources")
    return made


def differing(first: Made, other: Made) -> list[str]:
    """Return the names of the tables whose content digests differ; none where the runs are alike."""
    one, two = first.results.manifest.digests, other.results.manifest.digests
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))


def distances(one: pd.DataFrame, two: pd.DataFrame) -> Iterator[tuple[str, int, float]]:
    """Yield (column, rows that differ, largest difference) for each column in which two tables differ.

    Rows are matched by month and key, or by all columns that are no numbers. The first yield is ("rows", n, n) where n
    rows stand in one table only. The largest difference of texts is 0.
    """
    index = _index_of(one)
    one, two = one.set_index(index), two.set_index(index)
    alone = len(one.index.symmetric_difference(two.index))
    if alone:
        yield "rows", alone, float(alone)
    common = one.index.intersection(two.index)
    one, two = one.loc[common], two.loc[common]
    for column in one.columns:
        a, b = one[column], two[column]
        if not pd.api.types.is_numeric_dtype(a):
            a, b = a.astype(str), b.astype(str)
        unlike = (a != b) & ~(a.isna() & b.isna())
        if unlike.any():
            numeric = pd.api.types.is_numeric_dtype(a)
            gap = float((a[unlike].astype(float) - b[unlike].astype(float)).abs().max()) if numeric else 0.0
            yield column, int(unlike.sum()), gap


def _index_of(table: pd.DataFrame) -> list[str]:
    if "key" in table.columns:
        return [name for name in ("month", "key") if name in table.columns]
    return [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]


def table_of(made: Sequence[Made]) -> str:
    """Return a Markdown table: a row a table of the results, a column a run, against the first run."""
    first = made[0]
    heads = [run.label for run in made]
    lines = [f"| table | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    unlike = [differing(first, run) for run in made[1:]]
    for name, digest in sorted(first.results.manifest.digests.items()):
        cells = ["different" if name in names else "equal" for names in unlike]
        lines.append(f"| `{name}` | `{digest[:DIGITS]}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def details(first: Made, other: Made) -> list[str]:
    """Return a line for each column in which a run differs from the first."""
    return [
        f"{other.label}: {name}.{column} differs in {rows} rows, by {gap:.3g} at most"
        for name in differing(first, other)
        for column, rows, gap in distances(first.results.table(name), other.results.table(name))
    ]


def broken_promises(made: Sequence[Made]) -> list[str]:
    """Return what differs between runs of one platform, where nothing may."""
    reference: dict[Platform, Made] = {}
    found = []
    for run in made:
        names = differing(reference.setdefault(run.platform, run), run)
        if names:
            found.append(f"within one platform: {run.label} differs in {', '.join(names)}")
    return found


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.platforms", description=__doc__)
    parser.add_argument("--python", nargs="+", default=[sys.executable], help="interpreters, oldest first")
    parser.add_argument(
        "--variables",
        action="append",
        default=[],
        metavar="'NAME=VALUE ...'",
        help="also run the first interpreter with these environment variables; can be repeated",
    )
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    parser.add_argument("--scale", type=float, default=0.002)
    parser.add_argument("--days", type=int, default=20)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Make all runs and print how they compare; return the exit status."""
    asked = _arguments(words)
    options = ["--scale", str(asked.scale), "--days", str(asked.days), "-o", "period.warm_up_days=0"]
    platforms = [Platform(python) for python in asked.python]
    platforms += [Platform(asked.python[0], tuple(group.split())) for group in asked.variables]
    with tempfile.TemporaryDirectory() as folder:
        made = make_all(platforms, asked.scenario.resolve(), options, Path(folder))
        lines = [line for run in made[1:] for line in details(made[0], run)]
    broken = broken_promises(made)
    legend = [run.legend for run in made[:: len(HASH_SEEDS)]]
    parts = [table_of(made), "", *legend, "", *(lines or ["No number differs."]), *broken]
    sys.stdout.write("\n".join(parts) + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
