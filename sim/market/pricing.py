"""How firms adapt price, workers' share and size: month by month, towards what their experience says.

A firm compares the month with what it is used to (an aspiration level that follows experience; Cyert and March 1963):
when fewer of its orders are filled than usual, or more of its workers' time is taken, its market is tight. Prices and
the workers' share rise in a tight market and fall in a slack one, by partial adjustment, and prices are drawn towards
those of rivals in reach. In the long run a firm's price is its normal cost and margin (Hall and Hitch 1939): each month
a part of the deviation from where it began is given back, so that levels follow how tight the market is and do not add
up whatever ever happened. Everything is measured as a log deviation from where the firm began (its position in the
market: better firms stay dearer), so that firms with equal experience do equal things whatever their names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import MINUTES_PER_HOUR
from sim.market.payroll import MINUTES_PER_MONTH
from sim.vocabulary import FirmForm, OrderState, WorkerStatus

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.state import Reach, Record, Rows

_SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True)
class PricingRules:
    """Speeds and bounds of adaptation (facts ``pricing.*``); with all speeds and the pull at 0 nothing moves.

    Attributes:
        price_speed: Log change of price per month for a market that is tight by 1 (100 points of fill or time).
        wage_speed: The same of the workers' share of the price; the firm's commission moves the other way.
        size_speed: The same of the number of workers that the firm wants.
        return_speed: Share of the deviation from where the firm began that is given back in a month.
        rival_pull: Share of the distance to rivals' mean price that is closed in a month.
        aspiration_speed: Share of the distance between experience and what a firm is used to closed in a month.
        evidence_orders: Orders that weigh as much as what the firm is used to when it judges a month's fill rate.
        price_bound, wage_bound, size_bound: Largest log deviation from where the firm began.
        full_time_h_per_month: Hours of a worker whose whole time is taken.
        festival_surcharge: Surcharge on the price of visits around Spring Festival.
        surcharge_begins_day, surcharge_ends_day: First and last day of it, counted from lunar New Year's Day.
    """

    price_speed: float
    wage_speed: float
    size_speed: float
    return_speed: float
    rival_pull: float
    aspiration_speed: float
    evidence_orders: float
    price_bound: float
    wage_bound: float
    size_bound: float
    full_time_h_per_month: float
    festival_surcharge: float
    surcharge_begins_day: int
    surcharge_ends_day: int


def observe_month(market: Market, rules: PricingRules) -> None:
    """Note each firm's fill rate and how much of its workers' time was taken since the last look.

    Call it while the month's ended orders are still at hand.
    """
    companies, workers = market.table("companies").used, market.table("workers").used
    busy_min = _busy_min(market)
    firm = workers["company_row"]
    here = (firm >= 0) & ~np.isin(workers["status"], (WorkerStatus.LEFT, WorkerStatus.STAFF))
    present = np.bincount(firm[here], minlength=len(companies)).tolist()
    placed = np.bincount(
        firm[here & (workers["status"] == WorkerStatus.PLACED)], minlength=len(companies)
    ).tolist()
    for row, company in enumerate(companies):
        months = (market.now_min - float(company["observed_min"])) / MINUTES_PER_MONTH
        full_min = rules.full_time_h_per_month * MINUTES_PER_HOUR * months
        _observe_fill(company, rules)
        if present[row] and full_min > 0.0:
            taken = placed[row] + busy_min[row] / full_min
            company["month_occupied"] = min(1.0, taken / present[row])
        if company["observed_min"] <= company["founded_min"]:
            company["usual_occupied"] = company["month_occupied"]
        company["observed_min"] = market.now_min


def _busy_min(market: Market) -> list[float]:
    """Return by firm the minutes of trips and services that ended this month, whatever the order of the rows."""
    ended = market.ended_orders.used
    done = ended[ended["state"] == OrderState.COMPLETED]
    seconds = np.rint(_SECONDS_PER_MINUTE * (done["travel_min"] + done["duration_min"])).astype(np.int64)
    by_firm = np.zeros(market.table("companies").size, np.int64)
    np.add.at(by_firm, done["company_row"], seconds)
    return [total / _SECONDS_PER_MINUTE for total in by_firm.tolist()]


def _observe_fill(company: Record, rules: PricingRules) -> None:
    """Judge the month's fill rate; few orders say little, so that what the firm is used to weighs in."""
    completed = int(company["completed"] - company["seen_completed"])
    unserved = int(company["unserved"] - company["seen_unserved"])
    experienced = company["seen_completed"] + company["seen_unserved"] > 0
    company["seen_completed"], company["seen_unserved"] = company["completed"], company["unserved"]
    weight = rules.evidence_orders if experienced else 0.0
    ended = completed + unserved + weight
    if ended > 0.0:
        company["month_fill"] = (completed + weight * float(company["usual_fill"])) / ended
        if not experienced:
            company["usual_fill"] = company["month_fill"]


def tightness(company: Record) -> float:
    """Return by how much the month was tighter than what the firm is used to, in shares of orders and of time."""
    less_filled = float(company["usual_fill"]) - float(company["month_fill"])
    more_taken = float(company["month_occupied"]) - float(company["usual_occupied"])
    return less_filled + more_taken


def adapt_firms(companies: Rows, reach: Reach, rules: PricingRules) -> None:
    """Let every firm move its price, its workers' share and its size by a month, all at the same time."""
    deviations = [_deviation(company, "price_multiplier", "price_anchor") for company in companies]
    rivals = _rivals(companies, reach, deviations)
    for company, deviation, mean in zip(companies, deviations, rivals, strict=True):
        tight = tightness(company)
        pull = rules.rival_pull * (mean - deviation)
        # Who works for himself has no share that anybody could change: the whole price is his.
        wage_speed = 0.0 if company["form"] == FirmForm.ACQUAINTANCE else rules.wage_speed
        moves = (
            ("price_multiplier", "price_anchor", rules.price_speed * tight + pull, rules.price_bound),
            ("share_level", "share_anchor", wage_speed * tight, rules.wage_bound),
            ("target_workers", "size_anchor", rules.size_speed * tight, rules.size_bound),
        )
        for column, anchor, change, bound in moves:
            back = rules.return_speed * _deviation(company, column, anchor)
            _move(company, column, anchor, change - back, bound)
        _grow_used(company, rules)


def _grow_used(company: Record, rules: PricingRules) -> None:
    """Let a firm grow used to the month; in its first months to the mean of them, since one month is no year."""
    share = rules.aspiration_speed
    if share > 0.0 and company["months_closed"] > 0:
        share = max(share, 1.0 / float(company["months_closed"]))
    for name in ("fill", "occupied"):
        gap = float(company[f"month_{name}"]) - float(company[f"usual_{name}"])
        company[f"usual_{name}"] += share * gap


def _deviation(company: Record, column: str, anchor: str) -> float:
    began = float(company[anchor])
    return math.log(float(company[column]) / began) if began > 0.0 else 0.0


def _move(company: Record, column: str, anchor: str, change: float, bound: float) -> None:
    """Move a column by a log change, within its bounds; no change leaves it as it is to the last bit."""
    began = float(company[anchor])
    if change != 0.0 and began > 0.0:
        deviation = _deviation(company, column, anchor) + change
        company[column] = began * math.exp(min(max(deviation, -bound), bound))


def _rivals(companies: Rows, reach: Reach, deviations: list[float]) -> list[float]:
    """Return for each firm the mean deviation of prices in its reach, by workers, its own included.

    A local firm meets those who serve its district, a city-wide one meets everybody. The sums are exact, so that the
    sequence of the rows decides nothing.
    """
    workers = companies["workers"].tolist()
    city = _mean(range(len(companies)), workers, deviations)
    districts = [
        _mean(reach.rows[first:last].tolist(), workers, deviations)
        for first, last in zip(reach.starts[:-1], reach.starts[1:], strict=True)
    ]
    places = zip(companies["citywide"].tolist(), companies["district"].tolist(), strict=True)
    return [city if citywide else districts[district] for citywide, district in places]


def _mean(rows: range | list[int], weights: list[int], values: list[float]) -> float:
    total = math.fsum(weights[row] for row in rows)
    return math.fsum(weights[row] * values[row] for row in rows) / total if total else 0.0


def list_prices(market: Market, day: int, rules: PricingRules, visits: Rows) -> None:
    """Set today's list price of visits: the catalogue's, with the surcharge around Spring Festival.

    Args:
        market: The market.
        day: Today.
        rules: The surcharge and its days.
        visits: Whether each service is a visit; what is agreed by the month bears no surcharge.
    """
    since = -int(market.calendar.days_to_spring_festival[day])
    inside = rules.surcharge_begins_day <= since <= rules.surcharge_ends_day
    factor = 1.0 + rules.festival_surcharge if inside else 1.0
    services = market.table("services").used
    for service in np.flatnonzero(visits).tolist():
        services["price_fen"][service] = math.floor(int(services["list_price_fen"][service]) * factor + 0.5)
