"""What households get from visit orders, and what they pay."""

from __future__ import annotations

from sim.clock import MINUTES_PER_DAY, MINUTES_PER_HOUR
from sim.records.indicators.definition import (
    CITY_SCOPES,
    REASON_SCOPES,
    STOCK_SCOPES,
    USER_SCOPES,
    Estimate,
    indicator,
    million_yuan_per_month,
    per,
    yuan,
)
from sim.records.view import View, ratio
from sim.vocabulary import Sector


@indicator("households", "orders/month", "none", "orders requested", main=True)
def orders_requested(v: View) -> Estimate:
    """Visit orders requested, contract visits included, per month of 365/12 days, in the whole region."""
    return v.per_month(v.orders("requested")), v.orders("requested")


@indicator("households", "orders/month", "up", "orders completed", main=True)
def orders_completed(v: View) -> Estimate:
    """Visit orders completed, by day of request, per month of 365/12 days, in the whole region."""
    return v.per_month(v.orders("completed")), v.orders("completed")


@indicator("households", "share", "up", "orders ended", main=True)
def fill_rate(v: View) -> Estimate:
    """Completed / (completed + cancelled + unserved), by day of request; orders still open are left out."""
    return per(v.orders("completed"), v.ended_orders())


@indicator("households", "share", "up", "needs taken to firms", main=True)
def served_share(v: View) -> Estimate:
    """Completed / orders ended but those taken to another firm: of needs that firms were asked for, those they met."""
    return per(v.orders("completed"), v.ended_orders() - v.orders("asked_elsewhere"))


@indicator("households", "orders", "none", "orders still open", main=True)
def open_orders(v: View) -> Estimate:
    """Orders requested on measured days and still open at the end of the run, in the whole region.

    They are in no share: neither filled nor cancelled nor unserved.
    """
    still = v.orders("open")
    return still / v.recorded.scale, still


@indicator("households", "share", "down", "orders ended", REASON_SCOPES, main=True)
def cancelled_share(v: View) -> Estimate:
    """Cancelled / (completed + cancelled + unserved); by reason: cancelled for that reason / all ended."""
    return per(v.orders("cancelled"), v.ended_orders())


@indicator("households", "share", "down", "orders ended", REASON_SCOPES, main=True)
def unserved_share(v: View) -> Estimate:
    """Unserved / (completed + cancelled + unserved); by reason: unserved for that reason / all ended."""
    return per(v.orders("unserved"), v.ended_orders())


@indicator("households", "share", "none", "needs", STOCK_SCOPES)
def needs_met_outside_share(v: View) -> Estimate:
    """Visit needs met by the household itself, relatives or acquaintances / visit needs that arose."""
    return per(v.stock("needs_met_outside"), v.stock("needs"))


@indicator("households", "share", "none", "needs", STOCK_SCOPES)
def needs_met_by_kin_share(v: View) -> Estimate:
    """Needs met by kin / needs that arose."""
    return per(v.stock("needs_met_by_kin"), v.stock("needs"))


@indicator("households", "h/week", "none", "homes with care by kin", STOCK_SCOPES)
def kin_care_hours(v: View) -> Estimate:
    """Mean weekly hours of the lasting care that kin give, over the homes where they do."""
    return per(v.stock("kin_care_min") / MINUTES_PER_HOUR, v.stock("kin_care_homes"))


@indicator("households", "h/week", "down", "homes with care by kin", STOCK_SCOPES)
def kin_paid_work_lost(v: View) -> Estimate:
    """Paid hours a week that kin give up for lasting care, in the whole region; it falls where help is hired."""
    return v.mean_stock("kin_lost_paid_min") / MINUTES_PER_HOUR, v.stock("kin_care_homes")


@indicator("households", "days", "down", "single orders completed", main=True)
def wait(v: View) -> Estimate:
    """Mean time from the placing of the order to the start of service, of completed single orders.

    The lead time for which the household itself asked is part of it: start_delay counts from the wanted start. Contract
    visits are left out.
    """
    return per(v.orders("wait_min") / MINUTES_PER_DAY, v.orders("single"))


@indicator("households", "days", "down", "single orders completed")
def wait_deviation(v: View) -> Estimate:
    """Standard deviation of the time from the placing of the order to the start of service (see wait)."""
    single = v.orders("single")
    mean = ratio(v.orders("wait_min"), single)
    variance = ratio(v.orders("wait_min2"), single) - mean * mean
    return variance.clip(min=0.0) ** 0.5 / MINUTES_PER_DAY, single


@indicator("households", "min", "down", "orders completed", main=True)
def start_delay(v: View) -> Estimate:
    """Mean of (start of service - wanted start) of completed orders; negative where served earlier."""
    return per(v.orders("delay_min"), v.orders("completed"))


@indicator("households", "share", "down", "orders completed", main=True)
def late_share(v: View) -> Estimate:
    """Completed orders that started more than 15 min after the end of the agreed window / completed orders."""
    return per(v.orders("late"), v.orders("completed"))


@indicator("households", "min", "down", "orders completed")
def lateness(v: View) -> Estimate:
    """Mean of max(0, start of service - end of the agreed window) of completed orders."""
    return per(v.orders("lateness_min"), v.orders("completed"))


@indicator("households", "offers/order", "down", "orders requested")
def refused_offers(v: View) -> Estimate:
    """Offers that workers refused / orders requested."""
    return per(v.orders("refused_offers"), v.orders("requested"))


@indicator("households", "yuan/h", "none", "orders completed", main=True)
def price_per_hour(v: View) -> Estimate:
    """Price of completed orders / their hours of service."""
    hours = v.orders("service_min") / MINUTES_PER_HOUR
    return ratio(yuan(v.orders("price_fen")), hours), v.orders("completed")


@indicator("households", "yuan/order", "none", "orders completed")
def price_per_visit(v: View) -> Estimate:
    """Price of completed orders / completed orders."""
    return per(yuan(v.orders("price_fen")), v.orders("completed"))


@indicator("households", "h/order", "none", "orders completed")
def hours_per_visit(v: View) -> Estimate:
    """Hours of service of completed orders / completed orders."""
    return per(v.orders("service_min") / MINUTES_PER_HOUR, v.orders("completed"))


@indicator("households", "orders/user-month", "none", "user-months", USER_SCOPES)
def visits_per_user(v: View) -> Estimate:
    """Visits completed in the month / households with at least one in it, each summed over months."""
    return per(v.monthly("households_monthly", "visits_completed"), v.monthly("households_monthly", "users"))


@indicator("households", "share", "none", "households at month ends", CITY_SCOPES)
def buying_share(v: View) -> Estimate:
    """Households that bought within the twelve months up to a month's end / households, over month ends.

    A purchase is a completed visit, or a placement or contract in force; known from the twelfth month on.
    """
    return per(v.monthly("region_monthly", "buyers"), v.monthly("region_monthly", "households_a_year"))


@indicator("households", "share", "none", "households at month ends", CITY_SCOPES)
def hired_care_share(v: View) -> Estimate:
    """Households with a disabled elder at home that have a carer placed with them / all such, over month ends."""
    return per(v.monthly("region_monthly", "care_hired"), v.monthly("region_monthly", "care_homes"))


@indicator("households", "score", "up", "orders completed", main=True)
def quality(v: View) -> Estimate:
    """Mean quality that households experienced in completed orders."""
    return per(v.orders("quality"), v.orders("completed"))


@indicator("households", "million yuan/month", "none", "months", CITY_SCOPES, main=True)
def household_spending(v: View) -> Estimate:
    """All payments of households in the ledger per month of 365/12 days, in the whole region."""
    return million_yuan_per_month(v, v.paid_yuan(payer=Sector.HOUSEHOLD)), v.closed_months
