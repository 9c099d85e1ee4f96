"""The least that SimPy can do for an order: four events with an empty callback, at a given depth of its calendar.

Nothing is decided and nothing is recorded, so this is a ceiling for any market that gives SimPy four events an order.
The calendar is filled to the depth first; then each event that is taken out is replaced by a new one, so that
every push and pop works on a heap of the stated size.
"""

from __future__ import annotations

import random
import time

import simpy

EVENTS_PER_ORDER = 4


def nothing(_event: simpy.Event) -> None:
    """Be an empty callback."""


def orders_per_second(orders: int, depth: int, seed: int = 1) -> float:
    """Return the orders that a bare SimPy loop passes per second of processor time.

    Args:
        orders: How many orders to pass.
        depth: Events that wait in the calendar all the time.
        seed: Seed of the delays, which are drawn before the clock starts.
    """
    draw = random.Random(seed).random
    env = simpy.Environment()
    for _ in range(depth):
        env.timeout(2.0 * draw()).callbacks.append(nothing)
    delays = [2.0 * draw() for _ in range(orders * EVENTS_PER_ORDER)]
    start = time.process_time()
    for delay in delays:
        env.timeout(delay).callbacks.append(nothing)
        env.step()
    return orders / (time.process_time() - start)
