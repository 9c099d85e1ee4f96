"""Word of mouth: once a month households hear from a neighbour how the latest service was.

Every month the households of a community stand in a ring, in a sequence of its own, and each may ask the next one: so a
household that is missing changes what one other hears. Who has had no service since the month began has nothing to
tell. What is heard is one service of one firm, told by somebody else: a signal of the form's quality with the spread
between firms and the doubt of hearsay on top. All news are those of the month that has ended, so that it does not
matter who hears first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.beliefs import learn_of_form
from sim.compiled import entry, kernel
from sim.rng import decision, uniform
from sim.state import Columns
from sim.vocabulary import NO_ROW

if TYPE_CHECKING:
    from sim.data.facts import FactTree
    from sim.market.market import Market
    from sim.state import Rows

_TALKS = decision("household.talks")
_PLACE = decision("household.place_in_ring")
_NO_ROW = NO_ROW


@dataclass(frozen=True)
class TalkRules:
    """How households talk (facts ``beliefs.*``).

    Attributes:
        talk_probability: A household asks a neighbour in a month.
        hearsay_var: Variance that telling adds to an experience, points squared.
    """

    talk_probability: float
    hearsay_var: float

    @classmethod
    def of(cls, facts: FactTree) -> TalkRules:
        """Return the rules that stand in the facts."""
        return cls(facts.number("beliefs.talk_probability"), facts.number("beliefs.hearsay_sd") ** 2)


def share_news(market: Market, rules: TalkRules, month: int) -> None:
    """Let households hear the news of the month that has ended, and begin a new month's.

    Args:
        market: The market.
        rules: How households talk.
        month: Running number of the month, the occasion of the draws.
    """
    households = market.table("households").used
    ring = rings(households, np.uint64(month), market.seed)
    starts = np.searchsorted(
        households["community_row"][ring], np.arange(market.table("communities").size + 1)
    )
    weights = market.weights[0]
    var = float(weights["signal_var"] + weights["firm_quality_var"]) + rules.hearsay_var
    hear(market.columns, ring, starts, rules.talk_probability, var, np.uint64(month), market.seed)
    households["news"] = 0


def rings(households: Rows, occasion: np.uint64, seed: np.uint64) -> Rows:
    """Return the rows of all households, community by community, each community in the month's own sequence."""
    places = places_of(households, occasion, seed)
    return np.lexsort((households["key"], places, households["community_row"]))


@entry
@kernel
def places_of(households: Rows, occasion: np.uint64, seed: np.uint64) -> np.ndarray:
    """Return each household's place in its ring, 0..1."""
    places = np.empty(len(households))
    for h in range(len(households)):
        places[h] = uniform(seed, _PLACE, households[h].key, occasion)
    return places


@entry
@kernel
def hear(
    c: Columns,
    ring: np.ndarray,
    starts: np.ndarray,
    talk_probability: float,
    signal_var: float,
    occasion: np.uint64,
    seed: np.uint64,
) -> None:
    """Let each household ask the next one of its community, perhaps."""
    homes = c.households
    for community in range(len(starts) - 1):
        first, count = starts[community], starts[community + 1] - starts[community]
        for k in range(count):
            home, told = homes[ring[first + k]], homes[ring[first + (k + 1) % count]]
            if count < 2 or told.news == 0:
                continue
            if uniform(seed, _TALKS, home.key, occasion) >= talk_probability:
                continue
            form = told.news_form
            same = home.last_company_row != _NO_ROW and c.companies[home.last_company_row].form == form
            learn_of_form(home, form, told.news_signal, signal_var, same)
