"""Workers: as many as the facts say, by form of firm and trade, with homes, skills and hours drawn by key.

The numbers by form and by trade both follow the facts: the table of form by trade is fitted to its margins, with no
worker of a trade in a form that offers nothing of that trade. A worker is known by form, trade and number, so that it
is the same one at any larger scale; its firm and community follow the scale.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.clock import DAYS_PER_MONTH, DAYS_PER_WEEK, MINUTES_PER_DAY, MINUTES_PER_HOUR
from sim.compiled import kernel
from sim.rng import decision, lognormal, uniform
from sim.state import WORKER, Rows
from sim.vocabulary import NO_ROW, FirmForm, ServiceForm, WorkerStatus
from sim.world.draws import bounded_normal, choice, lots
from sim.world.firms import offered_services
from sim.world.frame import NEVER_MIN, Frame, numbered_keys
from sim.world.places import settle
from sim.world.services import mask, services_of_trade, trades
from sim.world.shares import apportion, fitted
from sim.world.surroundings import start_at_home

_FEN_PER_YUAN = 100
_DAY = MINUTES_PER_DAY
_YEAR = 365.0 * MINUTES_PER_DAY
_WEEK = DAYS_PER_WEEK
_FIRST = np.uint64(0)
_SECOND = np.uint64(1)
_FIRM = decision("worker.firm")
_HOME = decision("worker.home_district")
_LOCAL = decision("worker.lives_near_firm")
_ORIGIN = decision("worker.origin")
_AGE_BAND = decision("worker.age_band")
_AGE = decision("worker.age")
_FEMALE = decision("worker.female")
_EBIKE = decision("worker.ebike")
_CERTIFIED = decision("worker.certified")
_HEALTH_UNTIL = decision("worker.health_until")
_EXAMINED = decision("worker.health_examined")
_SECOND_TRADE = decision("worker.second_trade")
_SKILL = decision("worker.skill")
_REST = decision("worker.rest_day")
_SHIFT_START = decision("worker.shift_start")
_SHIFT_END = decision("worker.shift_end")
_RESERVATION = decision("worker.reservation")


class Traits(NamedTuple):
    """Parameters of the workers' traits; vectors are by trade unless said otherwise.

    Attributes:
        origin_cumulated: Cumulated shares of the origins.
        age_cumulated: Cumulated shares of the age bands.
        age_edges: Edges of the age bands in years, one more than bands.
        female: Share of women.
        ebike: Share with an e-bike.
        certified: Share with a certificate.
        examined: Share with the health examination of the trade.
        health_class: Class that the trade needs.
        services: Bit mask of the services of the trade.
        second_probability: Probability of a second trade.
        trade_cumulated: Cumulated shares of the trades.
        skill_mean: Mean skill.
        skill_sd: Standard deviation of skill.
        days_per_week: Working days a week.
        rest_weights: How often the rest day falls on each weekday.
        shift_start_min: Mean start of the shift.
        shift_end_min: Mean end of the shift.
        shift_sd_min: Their standard deviation.
        reservation_fen_per_h: Mean reservation wage.
        reservation_cv: Its coefficient of variation.
        home_cumulated: Cumulated shares of the districts as homes of those who do not live near a firm.
        local_share: Share of a local firm's workers who live in its district.
    """

    origin_cumulated: NDArray[np.float64]
    age_cumulated: NDArray[np.float64]
    age_edges: NDArray[np.float64]
    female: float
    ebike: float
    certified: NDArray[np.float64]
    examined: float
    health_class: NDArray[np.int64]
    services: NDArray[np.int64]
    second_probability: float
    trade_cumulated: NDArray[np.float64]
    skill_mean: float
    skill_sd: float
    days_per_week: float
    rest_weights: NDArray[np.float64]
    shift_start_min: NDArray[np.float64]
    shift_end_min: NDArray[np.float64]
    shift_sd_min: float
    reservation_fen_per_h: NDArray[np.float64]
    reservation_cv: float
    home_cumulated: NDArray[np.float64]
    local_share: float


def origins(frame: Frame) -> tuple[str, ...]:
    """Return the workers' origins, sorted by id."""
    return frame.facts.children("region.workers_by_origin")


def worker_counts(frame: Frame) -> list[list[int]]:
    """Return the number of simulated workers by form (in the order of ``FirmForm``) and trade.

    Rows add up exactly to the form's share of all workers, columns to the trade's share but for rounding. A form that
    offers anything has at least one worker at any scale.
    """
    facts, known = frame.facts, trades(frame)
    by_trade = [facts.number(f"region.workers_by_trade.{trade}") for trade in known]
    allowed = [_trades_offered(frame, form, known) for form in FirmForm]
    employed = math.fsum(by_trade) / _all_trades(frame)
    rows = _workers_by_form(frame, frame.scaled(facts.number("region.workers") * employed), allowed)
    columns = [sum(rows) * share / math.fsum(by_trade) for share in by_trade]
    table = fitted([float(row) for row in rows], columns, allowed)
    return [apportion(row, line) for row, line in zip(rows, table, strict=True)]


def _workers_by_form(frame: Frame, workers: int, allowed: list[list[bool]]) -> list[int]:
    active = [form for form in FirmForm if any(allowed[form])]
    shares = [frame.facts.number(f"region.workers_by_form.{form.name.lower()}") for form in active]
    numbers = apportion(max(workers, len(active)), shares, at_least=1)
    return [numbers[active.index(form)] if form in active else 0 for form in FirmForm]


def _all_trades(frame: Frame) -> float:
    every = frame.facts.children("region.workers_by_trade")
    return math.fsum(frame.facts.number(f"region.workers_by_trade.{trade}") for trade in every)


def _trades_offered(frame: Frame, form: FirmForm, known: tuple[str, ...]) -> list[bool]:
    offered = set(offered_services(frame, form))
    return [not offered.isdisjoint(services_of_trade(frame, trade)) for trade in known]


def worker_rows(
    frame: Frame, districts: Rows, communities: Rows, services: Rows, companies: Rows, counts: list[list[int]]
) -> Rows:
    """Return the table of workers, by company, trade and number; sets ``companies["workers"]``."""
    rows = np.zeros(int(np.sum(counts)), WORKER)
    _name(rows, frame, counts)
    _hire(rows, companies, counts, frame.seed)
    t = traits(frame, services)
    find_homes(rows, companies, t, frame.seed)
    settle(rows, districts, communities, frame.seed)
    live_at_home(rows)
    start_at_home(rows, companies)
    equip(rows, t, frame.seed)
    rows = rows[np.lexsort((np.arange(len(rows)), rows["company_row"]))]
    companies["workers"] = np.bincount(rows["company_row"], minlength=len(companies))
    return rows


def _name(rows: Rows, frame: Frame, counts: list[list[int]]) -> None:
    start = 0
    for form in FirmForm:
        for trade, (name, count) in enumerate(zip(trades(frame), counts[form], strict=True)):
            some = rows[start : start + count]
            some["key"] = numbered_keys(frame.key("worker", form.name.lower(), name), count)
            some["trade"] = trade
            start += count


def _hire(rows: Rows, companies: Rows, counts: list[list[int]], seed: np.uint64) -> None:
    """Deal the workers of each form out to its firms, by target size, in the order of a keyed draw."""
    start = 0
    for form in FirmForm:
        firms = np.flatnonzero(companies["form"] == form)
        count = sum(counts[form])
        vacancies = apportion(
            count, companies["target_workers"][firms].tolist(), at_least=_each(count, len(firms))
        )
        order = np.argsort(lots(rows["key"][start : start + count], seed, _FIRM), kind="stable")
        rows["company_row"][start + order] = np.repeat(firms, vacancies)
        start += count


def _each(workers: int, firms: int) -> int:
    return 1 if workers >= firms else 0


def traits(frame: Frame, services: Rows) -> Traits:
    """Return the parameters of the traits from the facts."""
    facts, known = frame.facts, trades(frame)
    of_trade = [services_of_trade(frame, trade) for trade in known]
    return Traits(
        origin_cumulated=_cumulated([facts.number(f"region.workers_by_origin.{o}") for o in origins(frame)]),
        age_cumulated=_age_bands(frame)[0],
        age_edges=_age_bands(frame)[1],
        female=facts.number("region.worker_female_share"),
        ebike=facts.number("workers.ebike_share"),
        certified=np.array([_certified_share(frame, services[rows]) for rows in of_trade]),
        examined=facts.number("workers.health_examined_share"),
        health_class=np.array([services["health_class"][rows].max() for rows in of_trade], np.int64),
        services=np.array([mask(rows) for rows in of_trade], np.int64),
        second_probability=facts.number("workers.secondary_trade_probability"),
        trade_cumulated=_cumulated([facts.number(f"region.workers_by_trade.{trade}") for trade in known]),
        skill_mean=facts.number("workers.skill_level.mean"),
        skill_sd=facts.number("workers.skill_level.sd"),
        days_per_week=facts.number("workers.days_per_week"),
        rest_weights=np.array(facts.vector("workers.rest_day_weights")),
        shift_start_min=_by_trade(frame, "shift_start_h") * MINUTES_PER_HOUR,
        shift_end_min=_by_trade(frame, "shift_end_h") * MINUTES_PER_HOUR,
        shift_sd_min=facts.number("workers.shift_sd_min"),
        reservation_fen_per_h=np.array([_reservation(frame, services[rows]) for rows in of_trade]),
        reservation_cv=facts.number("workers.reservation_cv"),
        home_cumulated=_cumulated(home_weights(frame)),
        local_share=facts.number("workers.local_home_share"),
    )


def home_weights(frame: Frame) -> list[float]:
    """Return how many workers of city-wide firms live in each district: by households, more in poorer districts."""
    tilt = frame.facts.number("workers.cheap_district_tilt")
    mean = frame.facts.number("region.income_yuan_per_year")
    families = frame.by_district("family_households")
    incomes = frame.by_district("income_yuan_per_year")
    return [homes * (mean / income) ** tilt for homes, income in zip(families, incomes, strict=True)]


def _cumulated(shares: list[float]) -> NDArray[np.float64]:
    return np.cumsum(shares) / math.fsum(shares)


def _by_trade(frame: Frame, name: str) -> NDArray[np.float64]:
    return np.array([frame.facts.number(f"workers.trades.{trade}.{name}") for trade in trades(frame)])


def _age_bands(frame: Frame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    facts = frame.facts
    bands = ("share_under_30", "share_30_39", "share_40_49", "share_50_plus")
    shares = [facts.number(f"region.worker_age.{band}") for band in bands]
    youngest, oldest = facts.number("workers.age_min_years"), facts.number("workers.age_max_years")
    return _cumulated(shares), np.array([youngest, 30.0, 40.0, 50.0, oldest])


def _certified_share(frame: Frame, services: Rows) -> float:
    if services["certificate_required"].any():
        return frame.facts.number("workers.certified_share_where_required")
    return frame.facts.number("region.certified_share")


def _reservation(frame: Frame, services: Rows) -> float:
    """Return the mean reservation wage of a trade in fen per hour; that of the longest week if it has placements."""
    placed = services[services["form"] == ServiceForm.PLACEMENT]
    if len(placed) == 0:
        return _FEN_PER_YUAN * frame.facts.number("workers.reservation_hourly_yuan_per_h")
    hours_per_month = placed["hours_per_week"].max() * DAYS_PER_MONTH / DAYS_PER_WEEK
    monthly = frame.facts.number("workers.reservation_placed_yuan_per_month")
    return float(_FEN_PER_YUAN * monthly / hours_per_month)


@kernel
def find_homes(workers: Rows, companies: Rows, t: Traits, seed: np.uint64) -> None:
    """Set the district of every worker's home: the firm's for most workers of a local firm, else by household."""
    for w in range(len(workers)):
        row = workers[w]
        firm = companies[row.company_row]
        if firm.citywide == 0 and uniform(seed, _LOCAL, row.key, _FIRST) < t.local_share:
            row.district = firm.district
        else:
            row.district = choice(t.home_cumulated, uniform(seed, _HOME, row.key, _FIRST))


def live_at_home(rows: Rows) -> None:
    """Let workers whose place is set have their home there, with no absence, placement or exit in sight."""
    rows["home_district"] = rows["district"]
    for name in ("x_km", "y_km", "city_x_km", "city_y_km"):
        rows[f"home_{name}"] = rows[name]
    rows["base_row"] = rows["placement_row"] = NO_ROW
    rows["absent_from_min"] = rows["absent_until_min"] = NEVER_MIN
    rows["left_min"] = NEVER_MIN
    rows["status"] = WorkerStatus.IDLE


@kernel
def _weekdays(t: Traits, key: np.uint64, seed: np.uint64) -> int:
    """Return the mask of working days: rest days drawn without replacement by weight, one more by the fraction."""
    rest = _WEEK - t.days_per_week
    count = math.floor(rest)
    if uniform(seed, _REST, key, _FIRST) < rest - count:
        count += 1
    mask_of_days = (1 << _WEEK) - 1
    for k in range(count):
        total = 0.0
        for day in range(_WEEK):
            total += t.rest_weights[day] * ((mask_of_days >> day) & 1)
        level = total * uniform(seed, _REST, key, np.uint64(k + 1))
        for day in range(_WEEK):
            weight = t.rest_weights[day] * ((mask_of_days >> day) & 1)
            if level < weight:
                mask_of_days -= 1 << day
                break
            level -= weight
    return mask_of_days


@kernel
def _skills(t: Traits, trade: int, key: np.uint64, seed: np.uint64) -> int:
    skills = t.services[trade]
    if uniform(seed, _SECOND_TRADE, key, _FIRST) < t.second_probability:
        skills |= t.services[choice(t.trade_cumulated, uniform(seed, _SECOND_TRADE, key, _SECOND))]
    return skills


@kernel
def _age_years(t: Traits, key: np.uint64, seed: np.uint64) -> float:
    band = choice(t.age_cumulated, uniform(seed, _AGE_BAND, key, _FIRST))
    width = t.age_edges[band + 1] - t.age_edges[band]
    return t.age_edges[band] + width * uniform(seed, _AGE, key, _FIRST)


@kernel
def equip(workers: Rows, t: Traits, seed: np.uint64) -> None:
    """Draw the traits of every worker whose key and trade are set."""
    for w in range(len(workers)):
        row = workers[w]
        key, trade = row.key, row.trade
        row.origin = choice(t.origin_cumulated, uniform(seed, _ORIGIN, key, _FIRST))
        row.age_years = _age_years(t, key, seed)
        row.female = uniform(seed, _FEMALE, key, _FIRST) < t.female
        row.has_ebike = uniform(seed, _EBIKE, key, _FIRST) < t.ebike
        row.certified = uniform(seed, _CERTIFIED, key, _FIRST) < t.certified[trade]
        if uniform(seed, _EXAMINED, key, _FIRST) < t.examined:
            row.health_class = row.health_held = t.health_class[trade]
            row.health_until_min = _YEAR * uniform(seed, _HEALTH_UNTIL, key, _FIRST)
        row.skills = _skills(t, trade, key, seed)
        row.skill_level = bounded_normal(t.skill_mean, t.skill_sd, 0.0, 1.0, seed, _SKILL, key)
        row.skill_potential = row.skill_level
        row.rating = t.skill_mean
        row.weekdays = _weekdays(t, key, seed)
        start, end = t.shift_start_min[trade], t.shift_end_min[trade]
        noon = 0.5 * (start + end)
        row.shift_start_min = bounded_normal(start, t.shift_sd_min, 0.0, noon, seed, _SHIFT_START, key)
        row.shift_end_min = bounded_normal(end, t.shift_sd_min, noon, _DAY, seed, _SHIFT_END, key)
        mean = t.reservation_fen_per_h[trade]
        row.reservation_fen_per_h = lognormal(mean, t.reservation_cv, seed, _RESERVATION, key, _FIRST)
