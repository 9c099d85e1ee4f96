"""Where the time of a run goes, by module: cProfile's own time of the market at one scale, after its first day.

Run by `make bench` behind the table, and alone by `python -m benchmarks.profile`. A compiled kernel has no time of its
own in a Python profile; it counts to the module that calls it. Profiling slows calls down, so that shares tell where to
look, and the table of rates tells how fast it is.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections import Counter
from pathlib import Path

from benchmarks.case import NEAREST, ORDINARY_WEEKS, SCENARIO

SCALE, DAYS = 0.02, 14
SHOWN = 14
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print the modules that take most of the time, with their share and their calls."""
    seconds, calls = by_module(profiled(SCALE, DAYS))
    total = sum(seconds.values())
    print(f"\nOwn time by module, scale {SCALE:g}, {DAYS} days after the first, profiled")
    print(f"{'share':>7}{'seconds':>9}{'calls':>13}  module")
    for module, spent in seconds.most_common(SHOWN):
        print(f"{spent / total:7.1%}{spent:9.2f}{calls[module]:13,}  {module}")
    return 0


def profiled(scale: float, days: int) -> pstats.Stats:
    """Return the profile of some days of the market, its first day left out."""
    from sim.model import MarketModel
    from sim.scenario import load_scenario

    period = (f"period.days={days + 2}", "period.warm_up_days=0", ORDINARY_WEEKS)
    model = MarketModel(load_scenario(SCENARIO, [f"scale={scale}", *period, *NEAREST]))
    model.run_days(1)
    profile = cProfile.Profile()
    profile.enable()
    model.run_days(days)
    profile.disable()
    return pstats.Stats(profile)


def by_module(stats: pstats.Stats) -> tuple[Counter[str], Counter[str]]:
    """Return own seconds and calls by module; what is not of the project counts to its package or to Python."""
    seconds: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for (file, _, _), (_, count, own, *_) in stats.stats.items():  # type: ignore[attr-defined]
        module = module_of(file)
        seconds[module] += own
        calls[module] += count
    return seconds, calls


def module_of(file: str) -> str:
    """Return the module, package or part of Python that a file of a profile belongs to."""
    path = Path(file)
    if path.is_relative_to(ROOT / "sim"):
        return path.relative_to(ROOT).as_posix()
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1]
    return "built in and standard library"


if __name__ == "__main__":
    sys.exit(main())
