"""Offers to a pool: who of several workers asked at once says yes first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from sim.market import search
from sim.market import visit_steps as steps
from sim.rng import decision, exponential
from sim.vocabulary import NO_ROW, Reason

if TYPE_CHECKING:
    from sim.dispatch.interface import OfferPool
    from sim.market.market import Market

_ANSWER = decision("worker.answers_pool")


class Answer(NamedTuple):
    """What becomes of an offer to a pool.

    Attributes:
        worker: Row of the worker who accepts first, or -1.
        at_min: When he does, or the end of the offer.
        reason: Why nobody does, or ``Reason.NONE``.
    """

    worker: int
    at_min: float
    reason: int


def first_answer(market: Market, offer: OfferPool, until_min: float) -> Answer:
    """Return who of a pool accepts first. Who can come and would not take the order has refused it.

    Each worker who can come and would accept answers after an exponential time; the mean is the market's
    ``pool_answer_mean_min``. The dispatcher learns the answer only when it arrives.
    """
    best, when, reason, willing = NO_ROW, until_min, int(Reason.NO_SKILL), False
    for worker in offer.workers:
        hurdle = _asked(market, worker, offer.order)
        if hurdle != Reason.NONE:
            reason = max(reason, hurdle)
            continue
        willing = True
        answer = market.now_min + _time_to_answer(market, worker, offer.order)
        if answer < when:
            best, when = worker, answer
    if best != NO_ROW:
        reason = int(Reason.NONE)
    elif willing:
        reason = int(Reason.NO_ANSWER)
    return Answer(best, when, reason)


def _asked(market: Market, worker: int, order: int) -> int:
    """Return why a worker does not take an order, or ``Reason.NONE``; note it on the order if he refuses."""
    weekday = market.weekday(float(market.rows("orders")["earliest_min"][order]))
    reason, _, _, km = search.check(
        market.columns, market.index, worker, order, weekday, market.now_min, math.inf
    )
    if reason != Reason.NONE:
        return int(reason)
    taste = market.visit_rules.acceptance_noise_sd
    if steps.accepts(market.columns, worker, order, km, taste, market.seed):
        return int(Reason.NONE)
    steps.refuse(market.columns, worker, order)
    return int(Reason.REFUSED_PAY)


def _time_to_answer(market: Market, worker: int, order: int) -> float:
    mean = market.visit_rules.pool_answer_mean_min
    key = market.rows("orders")["key"][order]
    who = market.rows("workers")["key"][worker]
    return exponential(mean, market.seed, _ANSWER, who, key)
