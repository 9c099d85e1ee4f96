"""Kin who would help: their time, their paid work and their distance.

Kin give care out of their free time first and out of their paid work next; what they give up is the wage of the hours
that no longer fit. When hired help takes the care over, the hours, and with them the paid work, are theirs again.
"""

from __future__ import annotations

import math

from sim.clock import DAYS_PER_MONTH, DAYS_PER_WEEK
from sim.compiled import kernel
from sim.state import Columns, Record
from sim.vocabulary import NO_ROW, ServiceForm

_DAYS_PER_MONTH, _DAYS_PER_WEEK = DAYS_PER_MONTH, DAYS_PER_WEEK
_NO_ROW = NO_ROW
_VISIT = int(ServiceForm.VISIT)


@kernel
def care_min_per_week(service: Record) -> float:
    """Return the weekly minutes that a service by the month stands for; 0 where kin cannot take its place."""
    if service.hours_per_week > 0.0:
        return 60.0 * service.hours_per_week
    return service.visits_per_week * service.duration_mean_min


@kernel
def lost_paid_min(free_min: float, paid_min: float, care_min: float) -> float:
    """Return the minutes of paid work a week that care displaces: what exceeds the free time, up to all paid work."""
    return min(max(care_min - free_min, 0.0), paid_min)


@kernel
def can_help(c: Columns, household: int, service: int, minutes: float) -> bool:
    """Whether kin have the time, and give no lasting care of another kind already."""
    home = c.households[household]
    if minutes <= 0.0 or home.kin_free_min + home.kin_paid_min <= 0.0:
        return False
    busy = home.kin_care_min
    if c.services[service].form != _VISIT:
        if home.kin_service == service:
            busy = 0.0
        elif home.kin_service != _NO_ROW:
            return False
    return busy + minutes <= home.kin_free_min + home.kin_paid_min


@kernel
def forgone_fen(c: Columns, household: int, service: int, minutes: float, fen_per_min: float) -> float:
    """Return the wages that kin give up for a need: of one visit, or of a month of lasting care."""
    home = c.households[household]
    by_the_month = c.services[service].form != _VISIT
    busy = home.kin_care_min
    if by_the_month and home.kin_service == service:
        busy = 0.0
    lost = lost_paid_min(home.kin_free_min, home.kin_paid_min, busy + minutes)
    lost -= lost_paid_min(home.kin_free_min, home.kin_paid_min, busy)
    weeks = _DAYS_PER_MONTH / _DAYS_PER_WEEK if by_the_month else 1.0
    return math.floor(lost * weeks * fen_per_min)
