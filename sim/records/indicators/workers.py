"""How workers fare: their days, their pay, who comes and who goes."""

from __future__ import annotations

import numpy as np

from sim.clock import DAYS_PER_MONTH, DAYS_PER_YEAR, MINUTES_PER_HOUR
from sim.records.flows import CITY
from sim.records.indicators.definition import (
    CITY_SCOPES,
    STOCK_SCOPES,
    WORKER_SCOPES,
    Estimate,
    indicator,
    per,
    yuan,
)
from sim.records.view import MONTH, View, ratio
from sim.vocabulary import Destination


@indicator("workers", "workers", "none", "worker-days", STOCK_SCOPES, main=True)
def workers(v: View) -> Estimate:
    """Mean number of workers at midnight, those on leave included, in the whole region."""
    return v.mean_stock("workers"), v.stock("workers")


@indicator("workers", "min/order", "down", "orders completed", main=True)
def travel_per_order(v: View) -> Estimate:
    """Minutes of the trips to completed orders / completed orders."""
    return per(v.orders("travel_min"), v.orders("completed"))


@indicator("workers", "km/order", "down", "orders completed")
def distance_per_order(v: View) -> Estimate:
    """Kilometres of the trips to completed orders / completed orders."""
    return per(v.orders("travel_km"), v.orders("completed"))


@indicator("workers", "share", "down", "worker-days", STOCK_SCOPES, main=True)
def travel_share(v: View) -> Estimate:
    """Minutes of travel / minutes on duty, of workers who are not in a placement."""
    return ratio(v.stock("travel_min"), v.stock("on_duty_min")), v.stock("workers")


@indicator("workers", "share", "up", "worker-days", STOCK_SCOPES, main=True)
def utilisation(v: View) -> Estimate:
    """Minutes of service / minutes on duty, of workers who are not in a placement."""
    return ratio(v.stock("service_min"), v.stock("on_duty_min")), v.stock("workers")


@indicator("workers", "orders/worker-day", "up", "worker-days with visits", CITY_SCOPES, main=True)
def orders_per_worker_day(v: View) -> Estimate:
    """Orders completed, by day of service / days of workers who served at least one."""
    return per(v.orders("served"), v.stock("workers_with_visits"))


@indicator("workers", "orders/worker-day", "up", "worker-days with visits", WORKER_SCOPES)
def visits_per_worker_day(v: View) -> Estimate:
    """Visits completed / days with at least one, of workers present at the end of the month, by month."""
    return per(v.monthly("workers_monthly", "visits_completed"), v.monthly("workers_monthly", "visit_days"))


@indicator("workers", "share", "none", "workers at month ends", WORKER_SCOPES)
def workforce_share(v: View) -> Estimate:
    """Workers of the group / all workers, each summed over month ends."""
    everybody = (v if v.scope == MONTH else View(v.recorded, CITY)).monthly("workers_monthly", "workers")
    here = v.monthly("workers_monthly", "workers")
    return per(here, np.broadcast_to(everybody, len(here)).astype(np.float64))


@indicator("workers", "yuan/h", "up", "orders completed", main=True)
def hourly_earnings(v: View) -> Estimate:
    """Wages of completed orders / hours of service and of the trips to them."""
    hours = (v.orders("service_min") + v.orders("travel_min")) / MINUTES_PER_HOUR
    return ratio(yuan(v.orders("wage_fen")), hours), v.orders("completed")


@indicator("workers", "yuan/month", "up", "worker-months", WORKER_SCOPES, main=True)
def monthly_earnings(v: View) -> Estimate:
    """Income from all kinds of work of workers present all month / their days, times 365/12."""
    income = yuan(v.monthly("workers_monthly", "income_fen"))
    days = v.monthly_days("workers_monthly", "full_month")
    return ratio(income, days) * DAYS_PER_MONTH, v.monthly("workers_monthly", "full_month")


@indicator("workers", "index", "down", "worker-months", WORKER_SCOPES, main=True)
def income_gini(v: View) -> Estimate:
    """Gini coefficient of the month's income of workers present all month; mean over months, by workers."""
    weighted = v.monthly("workers_monthly", "gini", weight="full_month")
    return per(weighted, v.monthly("workers_monthly", "full_month"))


@indicator("workers", "share", "down", "worker-days", STOCK_SCOPES, main=True)
def seeking_share(v: View) -> Estimate:
    """Workers who look for work / workers, each summed over midnights."""
    return per(v.stock("workers_seeking"), v.stock("workers"))


@indicator("workers", "share", "none", "worker-days", STOCK_SCOPES)
def on_leave_share(v: View) -> Estimate:
    """Workers on leave / workers, each summed over midnights."""
    return per(v.stock("workers_on_leave"), v.stock("workers"))


@indicator("workers", "workers/month", "none", "workers entered", STOCK_SCOPES, main=True)
def entries(v: View) -> Estimate:
    """Workers who entered the trade per month of 365/12 days, in the whole region."""
    return v.per_month(v.stock("workers_entered")), v.stock("workers_entered")


@indicator("workers", "workers/month", "down", "workers left", STOCK_SCOPES, main=True)
def exits(v: View) -> Estimate:
    """Workers who left the trade for good per month of 365/12 days, in the whole region."""
    return v.per_month(v.stock("workers_left")), v.stock("workers_left")


def _left(v: View, *destinations: Destination) -> Estimate:
    names = [f"left_{destination.name.lower()}" for destination in destinations]
    gone = sum((v.monthly("workers_monthly", name) for name in names), np.zeros(len(v.groups)))
    worker_years = v.monthly_days("workers_monthly", "workers") / DAYS_PER_YEAR
    return ratio(gone, worker_years), v.monthly("workers_monthly", "workers")


@indicator("workers", "1/year", "down", "workers at month ends", WORKER_SCOPES)
def exit_rate(v: View) -> Estimate:
    """Workers who left the trade for good / worker-years."""
    return _left(v, *(destination for destination in Destination if destination != Destination.NONE))


@indicator("workers", "1/year", "none", "workers at month ends", WORKER_SCOPES)
def exit_rate_home(v: View) -> Estimate:
    """Workers who went home for good / worker-years."""
    return _left(v, Destination.HOME)


@indicator("workers", "1/year", "none", "workers at month ends", WORKER_SCOPES)
def exit_rate_other_trade(v: View) -> Estimate:
    """Workers who left for another trade / worker-years."""
    return _left(v, Destination.OTHER_TRADE)


@indicator("workers", "1/year", "none", "workers at month ends", WORKER_SCOPES)
def exit_rate_rival_city(v: View) -> Estimate:
    """Workers who left for a rival city / worker-years."""
    return _left(v, Destination.RIVAL_CITY)


@indicator("workers", "1/year", "none", "workers at month ends", WORKER_SCOPES)
def retirement_rate(v: View) -> Estimate:
    """Workers who retired / worker-years."""
    return _left(v, Destination.RETIRED)


@indicator("workers", "1/year", "down", "workers at month ends", WORKER_SCOPES)
def firm_change_rate(v: View) -> Estimate:
    """Changes of firm by workers who stayed in the trade / worker-years; by the firm that they changed to."""
    worker_years = v.monthly_days("workers_monthly", "workers") / DAYS_PER_YEAR
    return ratio(v.monthly("workers_monthly", "moved"), worker_years), v.monthly("workers_monthly", "workers")


@indicator("workers", "years", "none", "workers at month ends", WORKER_SCOPES)
def mean_age(v: View) -> Estimate:
    """Mean age of workers at month ends."""
    return per(v.monthly("workers_monthly", "years"), v.monthly("workers_monthly", "workers"))


@indicator("workers", "share", "up", "workers at month ends", WORKER_SCOPES)
def certified_share(v: View) -> Estimate:
    """Certified workers / workers, each summed over month ends."""
    return per(v.monthly("workers_monthly", "certified"), v.monthly("workers_monthly", "workers"))


@indicator("workers", "workers/month", "up", "graduates placed", CITY_SCOPES, main=True)
def graduates_placed(v: View) -> Estimate:
    """Graduates of training bases who took a job, per month of 365/12 days, in the whole region."""
    placed = v.monthly("region_monthly", "placed")
    return ratio(placed, v.closed_months) / v.recorded.scale, placed
