"""Synthetic households: as many as the facts say in each district, with composition, income and home drawn by key.

Every trait is a function of the seed and of the household's key (region, district, number), so household 812 of a
district is the same at any larger scale. Its community and place follow the scale, since smaller scales have fewer
communities.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.clock import DAYS_PER_YEAR, MINUTES_PER_DAY, MONTHS_PER_YEAR
from sim.compiled import kernel
from sim.rng import decision, lognormal, uniform
from sim.state import HOUSEHOLD, Rows
from sim.vocabulary import NO_ROW
from sim.world.beliefs import give_beliefs
from sim.world.draws import gamma, poisson
from sim.world.frame import NEVER_MIN, Frame, numbered_keys
from sim.world.kin import give_kin
from sim.world.lives import expect_at_first, life_rules
from sim.world.places import settle
from sim.world.shares import apportion

FIFTHS = 5
_FEN_PER_YUAN = 100
_FAMILY = 3  # parents with a child: the smallest household in which an infant is placed
_NEVER = NEVER_MIN
_ONE_PERSON = decision("household.one_person")
_FURTHER = decision("household.further_members")
_ELDER = decision("household.elder")
_COUPLE = decision("household.elder_couple")
_DISABILITY = decision("household.disability")
_INFANT = decision("household.infant")
_INFANT_AGE = decision("household.infant_age")
_PETS = decision("household.pets")
_INCOME = decision("household.income")
_HOME = decision("household.home")
_PROPENSITY = decision("household.propensity")


class Traits(NamedTuple):
    """Parameters of the households' traits; vectors are by district.

    Attributes:
        one_person_share: Share of households with one person.
        further_mean: Mean number of members beyond the second in the others.
        largest: Largest household.
        elder_probability: Probability that a household has an elder.
        couple_probability: Probability that there are two, with more than one member.
        disability_cumulated: Cumulated shares of elders by degree, none to severe.
        infant_probability: Probability of an infant in households of a family's size.
        infancy_min: Minutes that infancy lasts.
        pet_probability: Probability of a pet.
        income_fen_per_month: Mean income of a member.
        income_cv: Coefficient of variation of the income of a member between households.
        home_m2: Mean size of a home.
        home_cv: Its coefficient of variation.
        home_elasticity: Its income elasticity.
        shape: Shape of the gamma distribution of propensities.
        elasticity: Income elasticity of the propensity.
        reference_fen_per_month: Income of a member at which its mean is 1.
        mean_members: Mean size of a household.
    """

    one_person_share: float
    further_mean: float
    largest: int
    elder_probability: NDArray[np.float64]
    couple_probability: float
    disability_cumulated: NDArray[np.float64]
    infant_probability: float
    infancy_min: float
    pet_probability: float
    income_fen_per_month: NDArray[np.float64]
    income_cv: float
    home_m2: float
    home_cv: float
    home_elasticity: float
    shape: float
    elasticity: float
    reference_fen_per_month: float
    mean_members: float


def household_rows(frame: Frame, districts: Rows, communities: Rows) -> Rows:
    """Return the table of households, by district and number within it."""
    counts = household_counts(frame)
    rows = np.zeros(sum(counts), HOUSEHOLD)
    rows["district"] = np.repeat(np.arange(len(counts)), counts)
    bases = [frame.key("household", district) for district in frame.districts]
    keys = [numbered_keys(base, count) for base, count in zip(bases, counts, strict=True)]
    rows["key"] = np.concatenate(keys)
    rows["last_company_row"] = rows["claim_row"] = NO_ROW
    settle(rows, districts, communities, frame.seed)
    _compose(rows, traits(frame), frame.seed)
    give_beliefs(rows, frame.facts, frame.seed)
    give_kin(rows, frame.facts, frame.seed)
    expect_at_first(rows, life_rules(frame), frame.seed)
    rows["income_fifth"] = income_fifths(rows)
    return rows


def household_counts(frame: Frame) -> list[int]:
    """Return the number of simulated households by district: the scaled total, split exactly."""
    families = frame.by_district("family_households")
    return apportion(frame.scaled(math.fsum(families)), families)


def traits(frame: Frame) -> Traits:
    """Return the parameters of the traits from the facts."""
    facts = frame.facts
    one = facts.number("region.one_person_household_share")
    couple = facts.number("households.elder_couple_share")
    further = further_members(facts.number("region.persons_per_household"), one)
    return Traits(
        one_person_share=one,
        further_mean=further,
        largest=facts.integer("households.largest_size"),
        elder_probability=elder_probabilities(frame, one, couple),
        couple_probability=couple,
        disability_cumulated=_disability_cumulated(frame),
        infant_probability=infant_probability(frame, one, further),
        infancy_min=facts.number("households.infancy_years") * DAYS_PER_YEAR * MINUTES_PER_DAY,
        pet_probability=facts.number("households.pet_share"),
        income_fen_per_month=_income_fen_per_month(frame),
        income_cv=facts.number("households.income_cv"),
        home_m2=facts.number("households.home_m2_mean"),
        home_cv=facts.number("households.home_m2_cv"),
        home_elasticity=facts.number("households.home_m2_income_elasticity"),
        shape=facts.number("households.propensity.shape"),
        elasticity=facts.number("households.propensity.income_elasticity"),
        reference_fen_per_month=_FEN_PER_YUAN
        / MONTHS_PER_YEAR
        * facts.number("households.propensity.reference_income_yuan_per_year"),
        mean_members=facts.number("region.persons_per_household"),
    )


def further_members(mean_size: float, one_person_share: float) -> float:
    """Return the mean number of members beyond the second, in households of two and more."""
    return (mean_size - one_person_share) / (1.0 - one_person_share) - 2.0


def elder_probabilities(frame: Frame, one_person_share: float, couple: float) -> NDArray[np.float64]:
    """Return by district the probability of an elder that makes elders as many as the residents of 60 and over."""
    elders_per_elder_household = 1.0 + (1.0 - one_person_share) * couple
    residents = np.array(frame.by_district("residents"))
    share = np.array(frame.by_district("elders_60_plus_share"))
    families = np.array(frame.by_district("family_households"))
    return np.minimum(residents * share / families / elders_per_elder_household, 1.0)


def infant_probability(frame: Frame, one_person_share: float, further_mean: float) -> float:
    """Return the probability of an infant in households of three and more, so that infants are as many as in fact."""
    infants = frame.facts.number("region.children_under_3")
    families = math.fsum(frame.by_district("family_households"))
    of_family_size = (1.0 - one_person_share) * (1.0 - math.exp(-further_mean))
    return min(infants / families / of_family_size, 1.0)


def _disability_cumulated(frame: Frame) -> NDArray[np.float64]:
    degrees = ("mild", "moderate", "severe")
    shares = [frame.facts.number(f"region.elder_disability_{degree}_share_of_60_plus") for degree in degrees]
    return np.cumsum([1.0 - math.fsum(shares), *shares])


def _income_fen_per_month(frame: Frame) -> NDArray[np.float64]:
    return np.array(frame.by_district("income_yuan_per_year")) * (_FEN_PER_YUAN / MONTHS_PER_YEAR)


@kernel
def _members(t: Traits, key: np.uint64, seed: np.uint64) -> int:
    if uniform(seed, _ONE_PERSON, key, np.uint64(0)) < t.one_person_share:
        return 1
    return 2 + poisson(t.further_mean, t.largest - 2, seed, _FURTHER, key)


@kernel
def _elders(t: Traits, probability: float, members: int, key: np.uint64, seed: np.uint64) -> int:
    if uniform(seed, _ELDER, key, np.uint64(0)) >= probability:
        return 0
    if members > 1 and uniform(seed, _COUPLE, key, np.uint64(0)) < t.couple_probability:
        return 2
    return 1


@kernel
def _worst_disability(t: Traits, elders: int, key: np.uint64, seed: np.uint64) -> int:
    worst = 0
    for elder in range(elders):
        level = uniform(seed, _DISABILITY, key, np.uint64(elder))
        degree = 0
        while level >= t.disability_cumulated[degree] and degree < len(t.disability_cumulated) - 1:
            degree += 1
        worst = max(worst, degree)
    return worst


@kernel
def _compose(households: Rows, t: Traits, seed: np.uint64) -> None:
    for h in range(len(households)):
        row = households[h]
        key = row.key
        members = _members(t, key, seed)
        row.members = members
        row.elders = _elders(t, t.elder_probability[row.district], members, key, seed)
        row.disability = _worst_disability(t, row.elders, key, seed)
        row.infant_since_min = _NEVER
        if members >= _FAMILY and uniform(seed, _INFANT, key, np.uint64(0)) < t.infant_probability:
            row.infants = 1
            row.infant_since_min = -t.infancy_min * uniform(seed, _INFANT_AGE, key, np.uint64(0))
        row.pets = uniform(seed, _PETS, key, np.uint64(0)) < t.pet_probability
        per_head = lognormal(
            t.income_fen_per_month[row.district], t.income_cv, seed, _INCOME, key, np.uint64(0)
        )
        row.income_fen_per_month = np.int64(members * per_head)
        relative = per_head / t.reference_fen_per_month
        home = t.home_m2 * (relative * members / t.mean_members) ** t.home_elasticity
        row.home_m2 = lognormal(home, t.home_cv, seed, _HOME, key, np.uint64(0))
        row.propensity = gamma(t.shape, 1.0, seed, _PROPENSITY, key) * relative**t.elasticity


def income_fifths(households: Rows) -> NDArray[np.int8]:
    """Return each household's fifth of the region by income per head, 0 (poorest) to 4; ties go by row."""
    per_head = households["income_fen_per_month"] / np.maximum(households["members"], 1)
    ranks = np.empty(len(households), np.int64)
    ranks[np.argsort(per_head, kind="stable")] = np.arange(len(households))
    return (ranks * FIFTHS // max(len(households), 1)).astype(np.int8)
