"""What households believe, and how firms are rated, when time starts."""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import kernel
from sim.data.facts import FactTree
from sim.rng import decision, normal
from sim.state import Rows
from sim.vocabulary import FirmForm

_PRIOR = decision("household.belief")
_RATING = decision("company.rating")


def give_beliefs(households: Rows, facts: FactTree, seed: np.uint64) -> None:
    """Draw what each household believes of each form: around the form's mean quality, as sure as people differ."""
    means = np.array([facts.number(f"companies.{form.name.lower()}.quality_mean") for form in FirmForm])
    _believe(households, means, facts.number("beliefs.prior_sd"), seed)


def give_ratings(companies: Rows, facts: FactTree, seed: np.uint64) -> None:
    """Give firms the rating that a long past would have left: of so many reviews as a rating remembers."""
    _rate(companies, facts.number("beliefs.rating_cap"), signal_var(facts), seed)


def signal_var(facts: FactTree) -> float:
    """Return the variance of one experience around the firm's quality: between workers and between visits."""
    return facts.number("workers.skill_level.sd") ** 2 + facts.number("visits.quality_sd") ** 2


@kernel
def _believe(households: Rows, means: np.ndarray, sd: float, seed: np.uint64) -> None:
    for h in range(len(households)):
        row = households[h]
        for form in range(len(means)):
            row.belief_mean[form] = means[form] + sd * normal(seed, _PRIOR, row.key, np.uint64(form))
            row.belief_precision[form] = 1.0 / (sd * sd)


@kernel
def _rate(companies: Rows, cap: float, variance: float, seed: np.uint64) -> None:
    for k in range(len(companies)):
        row = companies[k]
        error = math.sqrt(variance / cap) * normal(seed, _RATING, row.key, np.uint64(0))
        row.rating_count = cap
        row.rating_sum = cap * (row.quality + error)
