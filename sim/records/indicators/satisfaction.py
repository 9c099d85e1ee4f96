"""What households think of the services that they got, and what becomes of their complaints."""

from __future__ import annotations

from sim.records.indicators.definition import FIRM_SCOPES, ORDER_SCOPES, Estimate, indicator, per
from sim.records.view import Numbers, View

_THOUSAND = 1000.0


@indicator("households", "share", "up", "services judged", ORDER_SCOPES, main=True)
def satisfied_share(v: View) -> Estimate:
    """Services with very or fairly satisfied households / judged; visits, and workers' times in ended placements."""
    return per(_both(v, "satisfied"), _both(v, "judged"))


@indicator("households", "share", "down", "services judged", ORDER_SCOPES, main=True)
def dissatisfied_share(v: View) -> Estimate:
    """Services with which households were dissatisfied / all judged, of the same visits and placements."""
    return per(_both(v, "dissatisfied"), _both(v, "judged"))


@indicator("households", "share", "up", "visits judged", ORDER_SCOPES)
def very_satisfied_share(v: View) -> Estimate:
    """Completed visits with which households were very satisfied / all judged."""
    return per(v.orders("very_satisfied"), v.orders("judged"))


@indicator("households", "complaints/1000", "down", "services judged", ORDER_SCOPES, main=True)
def complaint_rate(v: View) -> Estimate:
    """Complaints with the firm per thousand services judged, of visits and ended placements."""
    value, n = per(_both(v, "complaints"), _both(v, "judged"))
    return _THOUSAND * value, n


@indicator("households", "share", "down", "visits judged", ORDER_SCOPES)
def extra_charge_share(v: View) -> Estimate:
    """What workers asked for on the spot / prices of the completed visits."""
    return per(v.orders("extra_fen"), v.orders("price_fen"))


@indicator("firms", "share", "down", "complaints", FIRM_SCOPES)
def dispute_share(v: View) -> Estimate:
    """Complaints that went to a mediator in a month / complaints that arose in it, summed over months."""
    return per(v.monthly("firms_monthly", "disputes"), v.monthly("firms_monthly", "complaints"))


@indicator("firms", "share", "none", "complaints", FIRM_SCOPES)
def refund_rate(v: View) -> Estimate:
    """Complaints that ended with a refund in a month / complaints that arose in it, summed over months."""
    return per(v.monthly("firms_monthly", "refunds"), v.monthly("firms_monthly", "complaints"))


def _both(v: View, measure: str) -> Numbers:
    return v.orders(measure) + v.placements(measure)
