"""Read scenarios for the commands, with every dispatcher known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.scenario import Examination, Scenario, examine, load_scenario, register_dispatcher


def register_dispatchers() -> None:
    """Tell validation which dispatchers there are and which parameters each has."""
    from sim.dispatch import DISPATCHERS

    for name, dispatcher in DISPATCHERS.items():
        register_dispatcher(name, dispatcher.Parameters)


def read_scenario(file: Path, overrides: Sequence[str] | None = None) -> Scenario:
    """Return a resolved scenario.

    Raises:
        ScenarioError: All faults of its files.
    """
    register_dispatchers()
    return load_scenario(file, overrides or ())


def examine_scenario(file: Path, overrides: Sequence[str] | None = None) -> Examination:
    """Return a scenario, or its faults."""
    register_dispatchers()
    return examine(file, overrides or ())
