"""How fast households change, such that births, sizes and degrees of disability stay what the facts say.

Only one rate of each kind is a fact; the others follow from a stock that is to stay as it is.

- *Births* of a year are the region's. They befall households of two and more without an infant, each at the same rate.
- *Children leave* at the rate at which they are born, from households of three and more without an infant.
- *Disability* goes round: none, mild, moderate, severe; after a severe one another member of the home is the elder,
  with no disability. The flow through the round is the same at each step, so that a degree with the share p is left
  at the rate flow / p; the flow is the share of severe over the years that these last.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.clock import DAYS_PER_MONTH, DAYS_PER_YEAR, MINUTES_PER_DAY, MONTHS_PER_YEAR
from sim.compiled import kernel
from sim.rng import decision, uniform
from sim.state import DEGREES, Rows
from sim.world.frame import Frame

_EXPECTS = decision("household.expects_at_first")
_DUE = decision("household.due_at_first")
_DEGREES = ("mild", "moderate", "severe")


class LifeRules(NamedTuple):
    """Probabilities of a month.

    Attributes:
        birth_probability: A household of two and more without an infant begins to expect one.
        expecting_days: Days from then to the earliest birth; the latest is a month later.
        infancy_min: Minutes that infancy lasts.
        leaving_probability: Of a household of three and more without an infant, a child leaves.
        onset_probability: The worst disability in a home with elders takes the next step, by degree.
        move_probability: A household moves.
    """

    birth_probability: float
    expecting_days: float
    infancy_min: float
    leaving_probability: float
    onset_probability: NDArray[np.float64]
    move_probability: float


def life_rules(frame: Frame) -> LifeRules:
    """Return the rules of a region."""
    facts = frame.facts
    families = math.fsum(frame.by_district("family_households"))
    one = facts.number("region.one_person_household_share")
    further = (facts.number("region.persons_per_household") - one) / (1.0 - one) - 2.0
    infants, births = facts.number("region.children_under_3"), facts.number("region.births_per_year")
    several = families * (1.0 - one)
    of_three = several * (1.0 - math.exp(-further))
    a_month = births / MONTHS_PER_YEAR
    return LifeRules(
        birth_probability=_share(a_month, several - infants),
        expecting_days=facts.number("lives.expecting_days"),
        infancy_min=facts.number("households.infancy_years") * DAYS_PER_YEAR * MINUTES_PER_DAY,
        leaving_probability=_share(a_month, of_three - infants),
        onset_probability=onset_probabilities(
            worst_shares(frame), facts.number("lives.severe_years_mean") * MONTHS_PER_YEAR
        ),
        move_probability=min(facts.number("lives.moves_per_year") / MONTHS_PER_YEAR, 1.0),
    )


def _share(events: float, households: float) -> float:
    return min(events / households, 1.0) if households > 0.0 else 0.0


def worst_shares(frame: Frame) -> NDArray[np.float64]:
    """Return the shares of homes with elders by the worst degree of disability among them."""
    facts = frame.facts
    shares = [facts.number(f"region.elder_disability_{degree}_share_of_60_plus") for degree in _DEGREES]
    cumulated = np.cumsum([1.0 - math.fsum(shares), *shares])
    one = facts.number("region.one_person_household_share")
    couples = (1.0 - one) * facts.number("households.elder_couple_share")
    worst = (1.0 - couples) * cumulated + couples * cumulated**2
    return np.diff(worst, prepend=0.0)


def onset_probabilities(shares: NDArray[np.float64], severe_months: float) -> NDArray[np.float64]:
    """Return the monthly probability to leave each degree for the next one, such that the shares stay.

    Args:
        shares: Shares of homes by degree, none to severe; they add to one.
        severe_months: Mean months of a severe disability.
    """
    flow = shares[DEGREES - 1] / severe_months
    return np.minimum(np.divide(flow, shares, out=np.zeros(DEGREES), where=shares > 0.0), 1.0)


def mean_expecting_days(expecting_days: float) -> float:
    """Return the mean days for which a home counts as expecting.

    Births lie up to a month behind the earliest, and are noted on the first of the next month: half a month each.
    """
    return expecting_days + DAYS_PER_MONTH


@kernel
def expect_at_first(households: Rows, rules: LifeRules, seed: np.uint64) -> None:
    """Let households expect a birth when time starts, as often as a long past would have left them."""
    days = rules.expecting_days + DAYS_PER_MONTH
    for h in range(len(households)):
        row = households[h]
        row.due_min = 0.0
        if row.members < 2 or row.infants > 0:
            continue
        if uniform(seed, _EXPECTS, row.key, np.uint64(0)) < rules.birth_probability * days / DAYS_PER_MONTH:
            # Never on minute 0, which stands for no birth.
            row.due_min = 1.0 + days * MINUTES_PER_DAY * uniform(seed, _DUE, row.key, np.uint64(0))
