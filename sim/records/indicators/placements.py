"""What households get from placements and recurring contracts."""

from __future__ import annotations

from sim.clock import MINUTES_PER_DAY
from sim.records.indicators.definition import STOCK_SCOPES, Estimate, indicator, per
from sim.records.view import View


@indicator("households", "placements/month", "up", "placements started", main=True)
def placements_started(v: View) -> Estimate:
    """Placements (not contracts) that started, by day of start, per month of 365/12 days, in the whole region."""
    return v.per_month(v.placements("started")), v.placements("started")


@indicator("households", "days", "down", "placements started", main=True)
def search_time(v: View) -> Estimate:
    """Mean time from request to start of the placements that started, by day of start."""
    return per(v.placements("search_min") / MINUTES_PER_DAY, v.placements("started"))


@indicator("households", "share", "up", "placements decided")
def placement_fill_rate(v: View) -> Estimate:
    """Placements that started / (started + withdrawn + unserved), by day of request; open searches left out."""
    found = v.placements("found")
    return per(found, found + v.placements("withdrawn") + v.placements("unserved"))


@indicator("households", "placements", "none", "placement-days", STOCK_SCOPES, main=True)
def active_placements(v: View) -> Estimate:
    """Mean number of active placements at midnight, in the whole region."""
    return v.mean_stock("active_placements"), v.stock("active_placements")


@indicator("households", "contracts/month", "up", "contracts started")
def contracts_started(v: View) -> Estimate:
    """Recurring contracts that started, by day of start, per month of 365/12 days, in the whole region."""
    return v.per_month(v.placements("contracts_started")), v.placements("contracts_started")


@indicator("households", "contracts", "none", "contract-days", STOCK_SCOPES, main=True)
def active_contracts(v: View) -> Estimate:
    """Mean number of active recurring contracts at midnight, in the whole region."""
    return v.mean_stock("active_contracts"), v.stock("active_contracts")


@indicator("households", "share", "down", "placement-days, searches included", STOCK_SCOPES, main=True)
def vacancy(v: View) -> Estimate:
    """Searching placements / (searching + active placements), each summed over midnights."""
    searching = v.stock("searching_placements")
    return per(searching, searching + v.stock("active_placements"))


@indicator("households", "share", "none", "placements and contracts ended", main=True)
def went_private_share(v: View) -> Estimate:
    """Placements and contracts that went on without the firm / all that ended, by day of end."""
    return per(v.placements("went_private"), v.placements("ended"))


@indicator("households", "share", "none", "placement-days, contracts included", STOCK_SCOPES, main=True)
def informal_share(v: View) -> Estimate:
    """Active placements and contracts without a firm / all active ones, each summed over midnights."""
    return per(v.stock("informal_placements"), v.stock("active_placements") + v.stock("active_contracts"))
