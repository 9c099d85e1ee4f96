"""Jiazheng: an agent-based simulation of regional housekeeping and home-care markets.

    import sim
    scenario = sim.load("scenarios/baseline.yaml")
    results = sim.run(scenario)
    results.indicators
    study = sim.compare("scenarios/baseline.yaml", "scenarios/elder_voucher.yaml", replications=20)
    study.table()

Importing this package is cheap; what a name needs is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiments.compared import Compared
    from sim.experiments.comparison import compare_scenarios as compare
    from sim.records.read import Results
    from sim.records.run import run
    from sim.scenario import Scenario
    from sim.scenario import load_scenario as load

    __version__: str

__all__ = ["Compared", "Results", "Scenario", "__version__", "compare", "load", "run"]

_HOMES = {
    "Compared": ("sim.experiments.compared", "Compared"),
    "Results": ("sim.records.read", "Results"),
    "Scenario": ("sim.scenario", "Scenario"),
    "compare": ("sim.experiments.comparison", "compare_scenarios"),
    "load": ("sim.scenario", "load_scenario"),
    "run": ("sim.records.run", "run"),
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = globals()[name] = getattr(import_module(module), attribute)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("jiazheng")
    except PackageNotFoundError:
        return "0+unknown"
