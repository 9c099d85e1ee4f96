"""Mesa as this package uses it: one place for what differs between Mesa 3.3 and 3.5.

Import ``Agent`` and ``AgentSet`` from here, and derive the model from :class:`MarketBase`. Names that Mesa keeps for
itself in one version or the other, and that a model must therefore not use as attributes: ``scenario``, ``time``,
``steps``, ``rng``, ``random``, ``agents``, ``running``, ``data_registry``, ``schedule_event`` and
``schedule_recurring``.
"""

from __future__ import annotations

import gc
import multiprocessing
from typing import Any

# Mesa 3.3 switches the whole process to the start method "spawn" when it is imported; a library's user decides that.
_start_method = multiprocessing.get_start_method(allow_none=True)
import mesa  # noqa: E402

multiprocessing.set_start_method(_start_method, force=True)

Agent = mesa.Agent
AgentSet = mesa.agent.AgentSet


class MarketBase(mesa.Model):
    """A Mesa model whose clock is its own: a step is a day and nothing else counts time.

    Mesa replaces ``step`` by a wrapper. In 3.5 the wrapper runs on Mesa's calendar, where an exception in a step
    loses the recurring event and all later steps silently do nothing. Here ``step`` stays an ordinary method.

    Args:
        seed: Seed of Mesa's generators, from 0. Nothing in this package draws from them.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(rng=seed)
        vars(self).pop("step", None)

    def step(self) -> None:
        """Advance the model by one day; ``steps`` counts the days that were finished."""
        self.advance_day()
        self.steps += 1

    def advance_day(self) -> None:
        """Run what happens in the next day; a model says what that is."""
        raise NotImplementedError(f"{type(self).__name__} must define advance_day()")

    @property
    def time(self) -> float:
        """Days since the period's start, as Mesa's tools ask for it."""
        return float(self.steps)

    @time.setter
    def time(self, value: float) -> None:
        """Take Mesa's own assignment and drop it: ``steps`` is the only count."""

    def run_for(self, duration: float) -> None:
        """Advance by a number of whole days, as in Mesa 3.5."""
        for _ in range(int(duration)):
            self.step()

    def run_until(self, end_time: float) -> None:
        """Advance until that many days are finished in all, as in Mesa 3.5."""
        self.run_for(end_time - self.steps)


def release(model: mesa.Model) -> None:
    """Let go of a finished model, so that its memory is free once the caller drops it.

    Mesa 3.3 keeps every model alive as a key of ``Agent._ids``; objects frozen by ``gc.freeze()`` are never collected
    until they are thawed.
    """
    model.remove_all_agents()
    counters: dict[mesa.Model, Any] = getattr(mesa.Agent, "_ids", {})
    counters.pop(model, None)
    gc.unfreeze()
    gc.collect()
