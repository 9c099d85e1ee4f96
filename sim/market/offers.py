"""Offers to a pool: who of several workers asked at once says yes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.market import visit_steps as steps
from sim.rng import decision, exponential
from sim.vocabulary import NO_ROW

if TYPE_CHECKING:
    from sim.dispatch.interface import OfferPool
    from sim.market.market import Market
    from sim.market.view import MarketView

_ANSWER = decision("worker.answers_pool")


def accepted_first(market: Market, view: MarketView, offer: OfferPool) -> tuple[int, float]:
    """Return the worker who accepts first and when, or (-1, end of the offer).

    Each worker who can come and would accept answers after an exponential time; the mean is the market's
    ``pool_answer_min_mean``. The dispatcher learns the answer only when it arrives.
    """
    mean = market.visit_rules.pool_answer_mean_min
    key = market.rows("orders")["key"][offer.order]
    best, when = NO_ROW, offer.until_min
    for worker in offer.workers:
        found = view.insertion(worker, offer.order)
        if found is None:
            continue
        who = market.rows("workers")["key"][worker]
        answer = market.now_min + exponential(mean, market.seed, _ANSWER, who, key)
        taste = market.visit_rules.acceptance_noise_sd
        if answer < when and steps.accepts(market.columns, worker, offer.order, found.km, taste, market.seed):
            best, when = worker, answer
    return best, when
