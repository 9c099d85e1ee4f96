"""Replications: the same scenario under many seeds, from worlds that may be changed before time starts."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar
from unittest.mock import patch

from sim.model import MarketModel
from sim.scenario import Scenario
from sim.state import World
from tests.core.worlds import built

T = TypeVar("T")


def with_seed(scenario: Scenario, seed: int) -> Scenario:
    """Return a scenario under another seed, without reading its facts again."""
    return replace(scenario, settings=scenario.settings.model_copy(update={"seed": seed}))


def replications(
    scenario: Scenario,
    seeds: Iterable[int],
    change: Callable[[World], None],
    outcome: Callable[[MarketModel], T],
    make_sink: Callable[[], Any] = lambda: None,
) -> list[T]:
    """Return an outcome of runs to the scenario's end, one a seed."""
    found = []
    with _cycles_collected_once():
        for seed in seeds:
            model = built(with_seed(scenario, seed), change, make_sink())
            model.advance_to(model.end_min)
            model.close()
            found.append(outcome(model))
            model.release()
    return found


@contextmanager
def _cycles_collected_once() -> Iterator[None]:
    """Collect cycles behind many small runs: before and after each it would take longer than the run."""
    with patch("gc.collect"):
        yield
    gc.collect()
