"""Work without a firm: workers whom households find through acquaintances, and who keep all that they are paid.

Nobody stands between the two: no commission, but also no papers that somebody has looked at, no other worker when the
first does not suit, no public support, and a worker only when somebody whom the household knows can name one.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.rng import combine, decision, derive, uniform
from sim.state import Columns
from sim.vocabulary import FirmForm

_ACQUAINTANCE = int(FirmForm.ACQUAINTANCE)
_NAMES_SOMEBODY = decision("choice.acquaintance_names_somebody")
_GOES_ON = decision("placement.goes_on_privately")


@kernel
def is_informal(c: Columns, company: int) -> bool:
    """Whether a row among the firms is a circle of acquaintances."""
    return c.companies[company].form == _ACQUAINTANCE


@kernel
def worker_share(c: Columns, service: int, company: int) -> float:
    """Return the share of a price that reaches the worker: all of it where there is no firm."""
    if is_informal(c, company):
        return 1.0
    return c.services[service].worker_share_of_price * c.companies[company].share_level


@kernel
def can_ask(
    household: np.uint64, service: np.uint64, probability: float, occasion: np.uint64, seed: np.uint64
) -> bool:
    """Whether somebody whom a household knows can name a worker for a service on an occasion."""
    return uniform(seed, _NAMES_SOMEBODY, combine(household, service), occasion) < probability


def private_key(key: np.uint64) -> np.uint64:
    """Return the key of work that goes on without the firm, from that of the work through the firm."""
    return derive(key, _GOES_ON)
