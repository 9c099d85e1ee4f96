"""Kin of the households: whether there are any who would help, their time, their paid work, how far they live."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.compiled import kernel
from sim.data.facts import FactTree
from sim.rng import decision, lognormal, uniform
from sim.state import Rows
from sim.vocabulary import NO_ROW

_HAS_KIN = decision("household.has_kin")
_EMPLOYED = decision("household.kin_employed")
_FREE = decision("household.kin_free_time")
_DISTANCE = decision("household.kin_distance")
_NO_ROW = NO_ROW


class KinTraits(NamedTuple):
    """Parameters of the kin's traits.

    Attributes:
        share: Probability that a household has kin who would help.
        employed_share: Probability that they have paid work.
        paid_hours_per_week: Hours of paid work of those who have it.
        free_h_employed, free_h_other: Mean hours a week that they could give beside their work, or without any.
        free_cv: Coefficient of variation of these hours.
        km_mean, km_cv: Distance of their home.
    """

    share: float
    employed_share: float
    paid_hours_per_week: float
    free_h_employed: float
    free_h_other: float
    free_cv: float
    km_mean: float
    km_cv: float


def give_kin(households: Rows, facts: FactTree, seed: np.uint64) -> None:
    """Draw the kin of every household by its key."""
    values = [facts.number(f"households.kin.{name}") for name in KinTraits._fields]
    _draw(households, KinTraits(*values), seed)


@kernel
def _draw(households: Rows, t: KinTraits, seed: np.uint64) -> None:
    for h in range(len(households)):
        row = households[h]
        row.kin_service = _NO_ROW
        if uniform(seed, _HAS_KIN, row.key, np.uint64(0)) >= t.share:
            continue
        employed = uniform(seed, _EMPLOYED, row.key, np.uint64(0)) < t.employed_share
        free = t.free_h_employed if employed else t.free_h_other
        row.kin_free_min = 60.0 * lognormal(free, t.free_cv, seed, _FREE, row.key, np.uint64(0))
        row.kin_paid_min = 60.0 * t.paid_hours_per_week if employed else 0.0
        row.kin_km = lognormal(t.km_mean, t.km_cv, seed, _DISTANCE, row.key, np.uint64(0))
