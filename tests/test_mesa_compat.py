"""What the package relies on in Mesa, alike on every version that it allows."""

from __future__ import annotations

import gc
import multiprocessing
import subprocess
import sys
import weakref

import pytest

from sim.mesa_compat import Agent, AgentSet, MarketBase, release, settle_memory

pytestmark = pytest.mark.smoke


class Person(Agent):
    def __init__(self, model: MarketBase, age: int) -> None:
        super().__init__(model)
        self.age = age


class Town(MarketBase):
    def __init__(self, seed: int, people: int = 3, fails_on_call: int = -1) -> None:
        super().__init__(seed)
        self.minute = 0.0
        self.calls = 0
        self.fails_on_call = fails_on_call
        Person.create_agents(self, people, age=list(range(20, 20 + people)))

    @property
    def now_min(self) -> float:
        return self.minute

    def advance_day(self) -> None:
        self.calls += 1
        if self.calls == self.fails_on_call:
            raise KeyboardInterrupt
        self.minute += 1440.0


def test_a_step_is_a_day_and_the_clock_counts_it() -> None:
    town = Town(1)
    town.step()
    town.step()
    assert (town.calls, town.steps, town.time) == (2, 2, 2.0)
    town.minute += 720.0
    assert (town.steps, town.time) == (2, 2.5)


def test_run_for_and_run_until_count_days() -> None:
    town = Town(1)
    town.run_for(3)
    town.run_until(5)
    town.run_until(5)
    assert (town.steps, town.calls) == (5, 5)


def test_after_an_interrupted_step_the_next_one_still_runs() -> None:
    town = Town(1, fails_on_call=2)
    town.step()
    with pytest.raises(KeyboardInterrupt):
        town.step()
    assert town.steps == 1
    town.step()
    assert (town.steps, town.calls) == (2, 3)


def test_a_model_must_say_what_a_step_is_and_what_time_it_is() -> None:
    base = MarketBase(1)
    with pytest.raises(NotImplementedError, match="MarketBase must define advance_day"):
        base.step()
    with pytest.raises(NotImplementedError, match="MarketBase must define now_min"):
        _ = base.time


def test_agents_are_found_by_type_and_numbered_from_one() -> None:
    town = Town(1)
    people = town.agents_by_type[Person]
    assert [person.unique_id for person in people] == [1, 2, 3]
    assert people.agg("age", max) == 22
    assert [person.age for person in people.select(lambda person: person.age > 20)] == [21, 22]
    assert isinstance(Person.create_agents(town, 1, age=[30]), AgentSet)


def test_a_removed_agent_is_gone_and_the_numbers_go_on() -> None:
    town = Town(1)
    next(iter(town.agents)).remove()
    newcomer = Person(town, 40)
    assert len(town.agents) == 3
    assert newcomer.unique_id == 4


@pytest.mark.parametrize("frozen", [False, True])
def test_a_released_model_is_freed(frozen: bool) -> None:
    town = Town(1)
    watched = weakref.ref(town)
    if frozen:
        gc.freeze()
    release(town)
    del town
    gc.collect()
    assert watched() is None


def test_a_frozen_model_that_was_dropped_is_freed_when_the_next_settles() -> None:
    town = Town(1)
    watched = weakref.ref(town)
    settle_memory()
    del town
    gc.collect()
    assert watched() is not None, "frozen objects are not collected"
    settle_memory()
    assert watched() is None
    gc.unfreeze()


def test_equal_seeds_give_mesa_equal_generators() -> None:
    assert Town(7).rng.random() == Town(7).rng.random() != Town(8).rng.random()


def test_importing_leaves_the_start_method_alone() -> None:
    other = "spawn" if multiprocessing.get_start_method() != "spawn" else "fork"
    code = (
        "import multiprocessing as mp\n"
        f"before = mp.get_start_method(allow_none=True)\nmp.set_start_method({other!r})\n"
        "import sim.mesa_compat\nprint(before, mp.get_start_method(allow_none=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", other]
