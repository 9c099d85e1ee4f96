"""How firms fare, and how concentrated their market is."""

from __future__ import annotations

from sim.clock import MONTHS_PER_YEAR
from sim.records.indicators.definition import (
    FIRM_SCOPES,
    Estimate,
    indicator,
    million_yuan_per_month,
    per,
    yuan,
)
from sim.records.view import View, ratio


@indicator("firms", "million yuan/month", "none", "firm-months", FIRM_SCOPES, main=True)
def firm_revenue(v: View) -> Estimate:
    """Receipts of firms, net by firm and kind of money, per month of 365/12 days, in the whole region."""
    receipts = yuan(v.monthly("firms_monthly", "receipts_fen"))
    return million_yuan_per_month(v, receipts), v.monthly("firms_monthly", "rows")


@indicator("firms", "share", "up", "firm-months", FIRM_SCOPES, main=True)
def firm_margin(v: View) -> Estimate:
    """(Receipts - payments) / receipts of firms, each net by firm and kind of money."""
    receipts = v.monthly("firms_monthly", "receipts_fen")
    payments = v.monthly("firms_monthly", "payments_fen")
    return ratio(receipts - payments, receipts), v.monthly("firms_monthly", "rows")


@indicator("firms", "workers/firm", "none", "firm-months", FIRM_SCOPES)
def workers_per_firm(v: View) -> Estimate:
    """Workers of firms in the whole region / firms, each summed over month ends."""
    workers = v.monthly("firms_monthly", "workers") / v.recorded.scale
    return ratio(workers, v.monthly("firms_monthly", "firms")), v.monthly("firms_monthly", "rows")


@indicator("firms", "million yuan/month", "none", "firm-months", FIRM_SCOPES)
def firm_profit(v: View) -> Estimate:
    """Receipts - payments of firms, per month of 365/12 days, in the whole region."""
    profit = yuan(v.monthly("firms_monthly", "receipts_fen") - v.monthly("firms_monthly", "payments_fen"))
    return million_yuan_per_month(v, profit), v.monthly("firms_monthly", "rows")


@indicator("firms", "share", "down", "firm-months", FIRM_SCOPES)
def firm_failure_rate(v: View) -> Estimate:
    """Twelve times the firms that failed and were taken over in a month / firms: the rate per year."""
    failures = v.monthly("firms_monthly", "failures")
    return per(MONTHS_PER_YEAR * failures, v.monthly("firms_monthly", "rows"))


@indicator("firms", "share", "none", "firm-months", FIRM_SCOPES)
def take_rate(v: View) -> Estimate:
    """(Receipts - wages of workers) / receipts of firms: the part of the price that stays with the firm."""
    receipts = v.monthly("firms_monthly", "receipts_fen")
    kept = receipts - v.monthly("firms_monthly", "wages_fen")
    return ratio(kept, receipts), v.monthly("firms_monthly", "rows")


@indicator("firms", "share", "down", "firm-months", FIRM_SCOPES)
def overhead_rate(v: View) -> Estimate:
    """(Payments - wages of workers) / receipts of firms: rent, office, advertising, insurance, refunds."""
    overheads = v.monthly("firms_monthly", "payments_fen") - v.monthly("firms_monthly", "wages_fen")
    return ratio(overheads, v.monthly("firms_monthly", "receipts_fen")), v.monthly("firms_monthly", "rows")


@indicator("firms", "index", "down", "orders completed", FIRM_SCOPES, main=True)
def concentration(v: View) -> Estimate:
    """Sum of the squared shares of firms in completed orders, 0 to 1; mean over months, by orders.

    The Herfindahl-Hirschman index; a simulated firm of weight w counts as w equal firms.
    """
    weighted = v.monthly("firms_monthly", "concentration", weight="completed")
    return per(weighted, v.monthly("firms_monthly", "completed"))
