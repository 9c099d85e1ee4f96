"""The market as a textbook would write it in Mesa and SimPy, to measure the real one against.

Households and workers are Mesa agents, every order is a SimPy process, and a worker is found by a Python loop: the
nearest one who is free, has the skill, is within the radius and can be there before the window closes.
The rules are those of the `nearest` policy in their plainest form; prices, beliefs, ledger and records are left out,
so the comparison flatters this version. It is written to be read, not to be slow: the loop tests what is cheap
first, and nobody is asked twice.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import dataclass
from random import Random
from typing import Any

import mesa
import simpy

from sim.mesa_compat import Agent, MarketBase

DAY_MIN = 1440.0
Process = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Size:
    """What a textbook market is made of.

    The counts and the density come from the market that it is measured against. ``placed_workers`` of the workers
    live in with a household or have another trade, and take no orders. Service,
    travel and windows are of the usual order.
    """

    households: int
    workers: int
    orders_per_day: float
    workers_per_km2: float
    placed_workers: int = 0
    skills: int = 6
    skills_per_worker: int = 2
    radius_km: float = 6.0
    speed_km_per_min: float = 0.2
    service_min: float = 180.0
    window_min: float = 120.0
    retry_min: float = 15.0
    working_hours: tuple[float, float] = (8.0, 18.0)


class Household(Agent):
    """Asks for a service at its door, some hours ahead."""

    model: Market

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.x_km, self.y_km = self.model.somewhere()

    def order(self, skill: int) -> Process:
        """Wait for the window, look for a worker until it closes, then travel, serve and finish."""
        market, env = self.model, self.model.env
        start = market.next_start()
        end = start + market.size.window_min
        yield env.timeout(start - env.now)
        worker = market.nearest(self, skill, end)
        while worker is None and env.now + market.size.retry_min < end:
            yield env.timeout(market.size.retry_min)
            worker = market.nearest(self, skill, end)
        if worker is None:
            market.unserved += 1
        else:
            yield from worker.serve(self)
            market.completed += 1


class Worker(Agent):
    """Serves one household at a time and stays where the last one was."""

    model: Market

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.x_km, self.y_km = self.model.somewhere()
        size = self.model.size
        self.skills = frozenset(self.model.draw.sample(range(size.skills), size.skills_per_worker))
        self.free = True

    def serve(self, household: Household) -> Process:
        """Travel, work and be free again, at the household's door."""
        env, size = self.model.env, self.model.size
        self.free = False
        km = math.hypot(household.x_km - self.x_km, household.y_km - self.y_km)
        yield env.timeout(km / size.speed_km_per_min)
        yield env.timeout(self.model.draw.expovariate(1.0 / size.service_min))
        self.x_km, self.y_km = household.x_km, household.y_km
        self.free = True


class Market(MarketBase):
    """The textbook market: a square of the stated density, its people and a SimPy clock."""

    def __init__(self, size: Size, seed: int = 1) -> None:
        super().__init__(seed)
        self.size = size
        self.draw = Random(seed)
        self.env = simpy.Environment()
        self.side_km = math.sqrt(size.workers / size.workers_per_km2)
        self.requested = self.completed = self.unserved = 0
        self.workers = list(Worker.create_agents(self, size.workers))
        for worker in self.workers[: size.placed_workers]:
            worker.free = False
        self.households = list(Household.create_agents(self, size.households))
        self.env.process(self.demand())

    def somewhere(self) -> tuple[float, float]:
        """Return a point anywhere on the square."""
        return self.draw.uniform(0.0, self.side_km), self.draw.uniform(0.0, self.side_km)

    def next_start(self) -> float:
        """Return a minute of today's working hours, or of tomorrow's when it has passed."""
        opens, closes = self.size.working_hours
        start = self.env.now // DAY_MIN * DAY_MIN + self.draw.uniform(60 * opens, 60 * closes)
        return start if start > self.env.now else start + DAY_MIN

    def demand(self) -> Process:
        """Let households order at random, at the market's rate."""
        rate_per_min = self.size.orders_per_day / DAY_MIN
        while True:
            yield self.env.timeout(self.draw.expovariate(rate_per_min))
            self.requested += 1
            household = self.draw.choice(self.households)
            self.env.process(household.order(self.draw.randrange(self.size.skills)))

    def nearest(self, household: Household, skill: int, end: float) -> Worker | None:
        """Return the nearest free worker with the skill who can be there by the window's end, or None."""
        best = None
        best_km = min(self.size.radius_km, (end - self.env.now) * self.size.speed_km_per_min)
        for worker in self.workers:
            if worker.free and skill in worker.skills:
                km = math.hypot(worker.x_km - household.x_km, worker.y_km - household.y_km)
                if km < best_km:
                    best, best_km = worker, km
        return best

    @property
    def now_min(self) -> float:
        """Minutes since the start."""
        return self.env.now

    def advance_day(self) -> None:
        """Run the clock to the next midnight."""
        self.env.run(until=(self.steps + 1) * DAY_MIN)


def orders_per_second(market: Market, days: int) -> tuple[float, int]:
    """Return completed orders per second of processor time and how many were completed, after one day of warming up."""
    market.step()
    before, start = market.completed, time.process_time()
    market.run_for(days)
    completed = market.completed - before
    return completed / (time.process_time() - start), completed
