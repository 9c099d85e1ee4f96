"""When households need a service: one keyed candidate a household, service and day, thinned.

A candidate's minute and wanted start are pure functions of (seed, household, service, day). It arises when its level
lies below the household's rate at the yearly peak, and stays after thinning with the season and the weekday of the
wanted start. So a higher rate of a service adds needs of that service; it shifts none, of this service or another. A
household has at most one need of a service on a day, and none of a service for which it has a placement or contract
or looks for one. The day's needs are a table in the order of their minute.
"""

from __future__ import annotations

import math

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.compiled import kernel
from sim.rng import combine, decision, exponential, lognormal, uniform
from sim.state import NEED, Record, Rows
from sim.vocabulary import DurationLaw, NeedsBy, ServiceForm

_DAY = MINUTES_PER_DAY
_HOURS = 24
_ANY, _ELDER, _DISABLED = int(NeedsBy.ANY), int(NeedsBy.ELDER), int(NeedsBy.DISABLED_ELDER)
_INFANT, _BIRTH, _PET = int(NeedsBy.INFANT), int(NeedsBy.BIRTH), int(NeedsBy.PET)
_VISIT = int(ServiceForm.VISIT)
_RECURRING = int(ServiceForm.RECURRING)
_FIXED = int(DurationLaw.FIXED)
_MODERATE = 2
_DAYS_PER_YEAR = 365.0

_ARISES = decision("need.arises")
_MINUTE = decision("need.minute")
_SAME_DAY = decision("need.same_day")
_LEAD = decision("need.lead")
_START_HOUR = decision("need.start_hour")
_START_MINUTE = decision("need.start_minute")
_SEASON = decision("need.season")
_EXPECTED = decision("need.expected_duration")


@kernel
def eligible(household: Record, service: Record) -> bool:
    """Return whether a household can need the service at all."""
    by = service.needs_by
    if by == _ELDER:
        return household.elders > household.residents
    if by == _DISABLED:
        return household.disability >= _MODERATE and household.elders > household.residents
    if by == _INFANT:
        return household.infants > 0
    if by == _PET:
        return household.pets > 0
    if by == _BIRTH:
        return household.due_min > 0.0
    return True


@kernel
def daily_rate(household: Record, service: Record) -> float:
    """Return the mean needs a day of a household for a service, over the year."""
    if not eligible(household, service):
        return 0.0
    rate = service.need_rate_per_year / _DAYS_PER_YEAR
    # Births do not follow the purse; everything else scales with the household's propensity to buy.
    return rate if service.needs_by == _BIRTH else rate * household.propensity


@kernel
def hour_of(weights: np.ndarray, level: float) -> float:
    """Return the hour of the day, with its fraction, at which the cumulated weights reach ``level`` (0..1)."""
    total = 0.0
    for hour in range(_HOURS):
        total += weights[hour]
    target = level * total
    for hour in range(_HOURS):
        if target < weights[hour]:
            return hour + target / weights[hour]
        target -= weights[hour]
    return _HOURS - 1e-6


@kernel
def wanted_start(service: Record, minute: float, notice_min: float, key: np.uint64, seed: np.uint64) -> float:
    """Return the start that the household wants: day by lead time, hour by the service's profile."""
    midnight = math.floor(minute / _DAY) * _DAY
    level = uniform(seed, _START_HOUR, key, np.uint64(0))
    in_day = 60.0 * hour_of(service.start_hour_weights, level)
    if uniform(seed, _SAME_DAY, key, np.uint64(0)) < service.same_day_share:
        start = midnight + in_day
        return start if start >= minute + notice_min else start + _DAY
    days = 1.0
    if service.lead_time_mean_days > 1.0:
        later = service.lead_time_mean_days - 1.0
        days += math.floor(exponential(later, seed, _LEAD, key, np.uint64(0)) + 0.5)
    return midnight + days * _DAY + in_day


@kernel
def part_of_cv(cv: float, share: float) -> float:
    """Return the coefficient of variation of a lognormal factor that carries ``share`` of the log's variance."""
    return math.sqrt((1.0 + cv * cv) ** share - 1.0)


@kernel
def expected_duration_min(service: Record, key: np.uint64, seed: np.uint64) -> float:
    """Return the duration that household and firm agree on, as far as the spread is known beforehand."""
    if service.duration_law == _FIXED:
        return service.duration_mean_min
    known_cv = part_of_cv(service.duration_cv, service.known_spread_share)
    drawn = lognormal(service.duration_mean_min, known_cv, seed, _EXPECTED, key, np.uint64(0))
    return min(max(drawn, service.duration_min_min), service.duration_max_min)


@kernel
def draw_day(
    households: Rows,
    services: Rows,
    booking_hour_weights: np.ndarray,
    factors: np.ndarray,
    peaks: np.ndarray,
    day: int,
    notice_min: float,
    seed: np.uint64,
    out: Rows,
) -> int:
    """Write the needs of ``day`` into ``out`` (dtype ``NEED``); return how many there are, or -1 when out is short.

    ``factors`` are those of services and days (see :mod:`sim.market.season`), ``peaks`` their bounds by service; the
    days must reach some way beyond the last one, since starts are wanted in advance.
    """
    count = 0
    last = factors.shape[1] - 1
    rates = np.empty(len(services))
    for s in range(len(services)):
        rates[s] = services[s].need_rate_per_year / _DAYS_PER_YEAR * peaks[s]
    for h in range(len(households)):
        home = households[h]
        for s in range(len(services)):
            service = services[s]
            ceiling = rates[s] if service.needs_by == _BIRTH else rates[s] * home.propensity
            if ceiling <= 0.0 or (home.engaged >> np.uint32(s)) & np.uint32(1) or not eligible(home, service):
                continue
            slot = combine(home.key, service.key)
            if uniform(seed, _ARISES, slot, np.uint64(day)) >= ceiling:
                continue
            key = combine(slot, np.uint64(day))
            minute = day * _DAY + 60.0 * hour_of(
                booking_hour_weights, uniform(seed, _MINUTE, key, np.uint64(0))
            )
            wanted = wanted_start(service, minute, notice_min, key, seed)
            on = min(int(wanted // _DAY), last)
            if uniform(seed, _SEASON, key, np.uint64(0)) >= factors[s, on] / peaks[s]:
                continue
            if count == len(out):
                return -1
            out[count].minute = minute
            out[count].household_row = h
            out[count].service = s
            out[count].wanted_min = wanted
            out[count].key = key
            count += 1
    return count


def needs_of_day(
    households: Rows,
    services: Rows,
    booking_hour_weights: Rows,
    factors: Rows,
    peaks: Rows,
    day: int,
    notice_min: float,
    seed: np.uint64,
) -> Rows:
    """Return the needs of a day in the order of their minute (ties by key)."""
    capacity = 1024
    while True:
        out = np.zeros(capacity, NEED)
        count = draw_day(
            households, services, booking_hour_weights, factors, peaks, day, notice_min, seed, out
        )
        if count >= 0:
            return np.asarray(np.sort(out[:count], order=("minute", "key")))
        capacity *= 4
