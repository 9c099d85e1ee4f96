"""First come, first served, order by order: the recursion of Kiefer and Wolfowitz on the engine's own log.

The offered wait of a customer is the time until the first server is free of all who came before and were served. Who is
more patient than that begins exactly then; who is not leaves before. There is no chance in this check: it holds for
every order of a right engine, whatever the laws of arrivals, service and patience (Kiefer and Wolfowitz 1955, "On the
theory of queues with many servers", Transactions of the AMS 78; with abandonment: Baccelli, Boyer and Hebuterne 1984).
"""

from __future__ import annotations

import heapq

import numpy as np

from tests.theory.laboratory import OrderLog
from tests.theory.statistics import Floats

_ROUNDING_MIN = 1e-6


def offered_waits_min(log: OrderLog, servers: int) -> Floats:
    """Return the wait that each order would have had with endless patience, given the services before it."""
    free_min = [0.0] * servers
    waits = np.zeros(len(log.placed_min))
    for k, (placed, served, ended) in enumerate(
        zip(log.placed_min.tolist(), log.served.tolist(), log.ended_min.tolist(), strict=True)
    ):
        waits[k] = max(0.0, free_min[0] - placed)
        if served:
            heapq.heapreplace(free_min, ended)
    return waits


def out_of_turn(log: OrderLog, servers: int) -> int:
    """Return how many orders began at another time than their turn, or left although their turn had come."""
    offered, waited = offered_waits_min(log, servers), log.wait_min
    served, left = log.served, log.given_up
    misplaced = np.abs(waited[served] - offered[served]) > _ROUNDING_MIN
    overstayed = waited[left] > offered[left] + _ROUNDING_MIN
    left_early = offered[left] <= 0.0
    return int(np.count_nonzero(misplaced) + np.count_nonzero(overstayed | left_early))
