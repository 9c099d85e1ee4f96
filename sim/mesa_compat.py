"""Mesa as this package uses it: one place for what differs between Mesa 3.3 and 3.5.

Import ``Agent`` and ``AgentSet`` from here, and derive the model from :class:`MarketBase`. Names that Mesa keeps for
itself in one version or the other, and that a model must therefore not use as attributes: ``scenario``, ``time``,
``steps``, ``rng``, ``random``, ``agents``, ``running``, ``data_registry``, ``schedule_event`` and
``schedule_recurring``.
"""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import warnings
import weakref
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

# Mesa 3.3 switches the whole process to the start method "spawn" when it is imported; a library's user decides that.
_start_method = multiprocessing.get_start_method(allow_none=True)
# It also asks tqdm for a progress bar, which in a notebook without ipywidgets warns of one that nobody wants here.
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="IProgress not found")
    import mesa

from sim.clock import MINUTES_PER_DAY  # noqa: E402

multiprocessing.set_start_method(_start_method, force=True)

AgentSet = mesa.agent.AgentSet


class _Counters(weakref.WeakKeyDictionary[mesa.Model, "Iterator[int]"]):
    """A counter from 1 for each model, made when it is first asked for."""

    def __getitem__(self, model: mesa.Model) -> Iterator[int]:
        return self.setdefault(model, itertools.count(1))


class Agent(mesa.Agent):
    """A Mesa agent that does not outlive its model.

    Mesa 3.3 numbers agents by a counter for each model, kept under the model itself in a dictionary that lasts as long
    as the process: no model would ever be freed. Here the dictionary holds its models weakly. Mesa 3.5 numbers agents
    in the model and never looks at it.
    """

    _ids: ClassVar[MutableMapping[mesa.Model, Iterator[int]]] = _Counters()


class MarketBase(mesa.Model):
    """A Mesa model whose clock is its own: a step is a day, and nothing but ``now_min`` counts time.

    Mesa replaces ``step`` by a wrapper. In 3.5 the wrapper runs on Mesa's calendar, where an exception in a step
    loses the recurring event and all later steps silently do nothing. Here ``step`` stays an ordinary method that
    calls the model's ``advance_day``, and Mesa's counters are read from the model's clock, however it was advanced.

    Args:
        seed: Seed of Mesa's generators, from 0. Nothing in this package draws from them.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(rng=seed)
        vars(self).pop("step", None)

    def step(self) -> None:
        """Advance to the next midnight."""
        self.advance_day()

    def advance_day(self) -> None:
        """Run everything that happens before the next midnight; a model says how."""
        raise NotImplementedError(f"{type(self).__name__} must define advance_day()")

    @property
    def now_min(self) -> float:
        """Minutes since the period's start; a model says what they are."""
        raise NotImplementedError(f"{type(self).__name__} must define now_min")

    @property
    def time(self) -> float:
        """Days since the period's start, the time that Mesa's tools ask for."""
        return self.now_min / MINUTES_PER_DAY

    @time.setter
    def time(self, value: float) -> None:
        """Take Mesa's own assignment and drop it."""

    @property
    def steps(self) -> int:
        """Whole days since the period's start."""
        return int(self.time)

    @steps.setter
    def steps(self, value: int) -> None:
        """Take Mesa's own assignment and drop it."""

    def run_for(self, duration: float) -> None:
        """Advance by that many days, as in Mesa 3.5."""
        for _ in range(int(duration)):
            self.step()

    def run_until(self, end_time: float) -> None:
        """Advance until that many days have passed since the period's start, as in Mesa 3.5."""
        self.run_for(end_time - self.steps)


def settle_memory() -> None:
    """Free what earlier models left behind and take what lives now out of the collector's rounds.

    A run makes no cycles worth looking for among the many objects that live as long as it does. Frozen objects are
    never collected, so those of a model that was dropped since are thawed first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def release(model: mesa.Model) -> None:
    """Let go of a finished model, so that its memory is free once the caller drops it."""
    model.remove_all_agents()
    gc.unfreeze()
    gc.collect()
