"""Who goes home for Spring Festival, when, and when he is back.

Decided once a year, some weeks ahead, by keyed draws: whether, by trade and origin; the day of departure, uniform over
the weeks before the festival; the day of return, exponential from the first day of returns such that nine tenths are
back by the published day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.compiled import kernel
from sim.rng import decision, exponential, uniform
from sim.state import Rows
from sim.vocabulary import WorkerStatus

_DAY = MINUTES_PER_DAY
_LEFT = int(WorkerStatus.LEFT)
_GOES = decision("festival.goes_home")
_DEPARTS = decision("festival.departs")
_RETURNS = decision("festival.returns")


@dataclass(frozen=True)
class FestivalRules:
    """Absence over Spring Festival; days count from lunar New Year's Day (facts ``festival.*``).

    Attributes:
        departures_begin_day, departures_end_day: First and last day of departures.
        returns_begin_day: First day of returns.
        returns_90_percent_day: Day by which nine tenths are back.
        decision_lead_days: Days before the festival at which workers decide.
    """

    departures_begin_day: float
    departures_end_day: float
    returns_begin_day: float
    returns_90_percent_day: float
    decision_lead_days: int

    @property
    def return_mean_days(self) -> float:
        """Mean of the exponential time from the first day of returns: its 90% quantile is at ln(10) means."""
        return (self.returns_90_percent_day - self.returns_begin_day) / math.log(10.0)


@kernel
def decide_absences(
    workers: Rows,
    absent_share_by_trade: np.ndarray,
    local_origin: int,
    festival_day: int,
    first: float,
    last: float,
    back_from: float,
    back_mean: float,
    seed: np.uint64,
) -> int:
    """Set each worker's absence around the festival on ``festival_day``; return how many go.

    Workers of local origin stay. The occasion of the draws is the festival's day.
    """
    count = 0
    for w in range(len(workers)):
        who = workers[w]
        if who.status == _LEFT or who.origin == local_origin:
            continue
        occasion = np.uint64(festival_day)
        if uniform(seed, _GOES, who.key, occasion) >= absent_share_by_trade[who.trade]:
            continue
        leave = first + (last - first) * uniform(seed, _DEPARTS, who.key, occasion)
        back = back_from + exponential(back_mean, seed, _RETURNS, who.key, occasion)
        who.absent_from_min = (festival_day + leave) * _DAY
        who.absent_until_min = (festival_day + back) * _DAY
        count += 1
    return count
