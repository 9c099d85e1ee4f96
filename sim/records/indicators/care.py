"""Care institutions, and what the government pays."""

from __future__ import annotations

from sim.records.indicators.definition import (
    CITY_SCOPES,
    STOCK_SCOPES,
    Estimate,
    indicator,
    million_yuan_per_month,
    per,
)
from sim.records.view import View
from sim.vocabulary import Sector


@indicator("care", "residents", "none", "resident-days", STOCK_SCOPES, main=True)
def residents(v: View) -> Estimate:
    """Mean number of residents of care institutions at midnight, in the whole region."""
    return v.mean_stock("residents"), v.stock("residents")


@indicator("care", "share", "up", "beds at month ends", CITY_SCOPES, main=True)
def occupancy(v: View) -> Estimate:
    """Residents / beds of care institutions, each summed over month ends."""
    return per(v.monthly("region_monthly", "residents"), v.monthly("region_monthly", "beds"))


@indicator("care", "persons", "none", "carers at month ends", CITY_SCOPES)
def residents_per_carer(v: View) -> Estimate:
    """Residents of care institutions / carers who work in their houses, each summed over month ends."""
    return per(v.monthly("region_monthly", "residents"), v.monthly("region_monthly", "staff"))


@indicator("care", "share", "down", "elders who asked for a bed", CITY_SCOPES, main=True)
def turned_away_share(v: View) -> Estimate:
    """Elders whom the institution that they chose had no bed or too few carers for / elders who asked for a bed."""
    away = v.monthly("region_monthly", "turned_away_full") + v.monthly("region_monthly", "turned_away_short")
    return per(away, v.monthly("region_monthly", "asked"))


@indicator("care", "share", "down", "elders who asked for a bed", CITY_SCOPES)
def staff_shortage_share(v: View) -> Estimate:
    """Elders for whom the chosen institution had a bed but too few carers / elders who asked for a bed."""
    return per(v.monthly("region_monthly", "turned_away_short"), v.monthly("region_monthly", "asked"))


@indicator("care", "share", "up", "trainees enrolled", CITY_SCOPES)
def course_to_job_share(v: View) -> Estimate:
    """Graduates of training bases who took a job / trainees of the cohorts that ended, each summed over months."""
    return per(v.monthly("region_monthly", "placed"), v.monthly("region_monthly", "enrolled"))


@indicator("care", "million yuan/month", "none", "months", CITY_SCOPES, main=True)
def government_outlay(v: View) -> Estimate:
    """All payments of the government in the ledger per month of 365/12 days, in the whole region."""
    return million_yuan_per_month(v, v.paid_yuan(payer=Sector.GOVERNMENT)), v.closed_months
