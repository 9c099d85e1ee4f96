"""How needs follow the year: month, Spring Festival, weekday.

The lunar New Year falls between 21 January and 20 February, so months alone cannot carry its season. Needs of a service
on a day are the yearly mean times three factors: of the month, of the phase of the festival in which the day lies
(counted from lunar New Year's Day, wherever the calendar has it), and of the weekday. The first two are divided by the
festival's mean over a year, so that a season moves needs and adds none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.clock import DAYS_PER_WEEK, DAYS_PER_YEAR

if TYPE_CHECKING:
    from sim.state import Rows
    from sim.world.calendar import Calendar

_WEEKEND_DAYS = 2

Factors = NDArray[np.float64]


@dataclass(frozen=True)
class SeasonRules:
    """Phases of Spring Festival; days count from lunar New Year's Day (facts ``festival.*``).

    Attributes:
        phase_begins_day: First day of each phase.
        phases_end_day: First day after the last phase.
    """

    phase_begins_day: tuple[float, ...]
    phases_end_day: float

    def phase_days(self) -> Factors:
        """Return the length of each phase in days."""
        return np.diff((*self.phase_begins_day, self.phases_end_day))

    def phase_of(self, since_new_year: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the phase of days given from lunar New Year's Day; -1 outside all phases."""
        bounds = np.array((*self.phase_begins_day, self.phases_end_day))
        found = np.searchsorted(bounds, since_new_year, side="right") - 1
        return np.where(found == len(self.phase_begins_day), -1, found)


def day_factors(services: Rows, calendar: Calendar, rules: SeasonRules) -> Factors:
    """Return how many times the yearly mean of its needs each service has on each day, f8[services, days]."""
    phase = rules.phase_of(-calendar.days_to_spring_festival.astype(np.int64))
    outside = np.ones((len(services), 1))
    festival = np.concatenate([services["festival_index"], outside], axis=1)[:, phase]
    yearly = services["month_index"][:, calendar.month] * festival / _festival_mean(services, rules)[:, None]
    return np.asarray(yearly * weekday_factors(services)[:, calendar.weekday])


def headroom(services: Rows, rules: SeasonRules) -> Factors:
    """Return by service a bound of its factors that holds in every year, whatever days a run covers."""
    festival = np.maximum(services["festival_index"].max(axis=1), 1.0) / _festival_mean(services, rules)
    return np.asarray(services["month_index"].max(axis=1) * festival * weekday_factors(services).max(axis=1))


def weekday_factors(services: Rows) -> Factors:
    """Return how many times more starts a weekday has than the mean day, from the weekend's share, f8[services, 7]."""
    weekend = np.arange(DAYS_PER_WEEK) >= DAYS_PER_WEEK - _WEEKEND_DAYS
    days = np.where(weekend, _WEEKEND_DAYS, DAYS_PER_WEEK - _WEEKEND_DAYS)
    share = services["weekend_share"][:, None]
    return np.asarray(np.where(weekend, share, 1.0 - share) * DAYS_PER_WEEK / days)


def _festival_mean(services: Rows, rules: SeasonRules) -> Factors:
    return np.asarray(
        1.0 + ((services["festival_index"] - 1.0) * rules.phase_days()).sum(axis=1) / DAYS_PER_YEAR
    )
