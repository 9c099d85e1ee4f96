"""The table of firms."""

from __future__ import annotations

import numpy as np

from sim.state.fields import MONEY, MONTHS_KEPT, PLACE

COMPANY = np.dtype(
    [
        ("key", "u8"),
        *PLACE,
        ("form", "i1"),
        ("citywide", "i1"),
        ("reach_km", "f8"),
        ("surroundings", "u8"),
        ("institution_row", "i4"),
        ("weight", "f8"),
        ("services", "u4"),
        ("price_multiplier", "f8"),
        ("quality", "f8"),
        ("target_workers", "f8"),
        ("workers", "i4"),
        ("payroll_min", "f8"),
        ("open_head", "i4"),
        ("open_tail", "i4"),
        ("open_orders", "i4"),
        ("epoch_pending", "i1"),
        ("deferred_until_min", "f8"),
        ("requested", "i8"),
        ("completed", "i8"),
        ("cancelled", "i8"),
        ("unserved", "i8"),
        ("expected_wait_days", "f8"),
        ("rating_sum", "f8"),
        ("rating_count", "f8"),
        ("rating_discount", "f8"),
        ("quality_sum", "f8"),
        ("quality_count", "i8"),
        ("complaints", "i8"),
        ("disputes", "i8"),
        ("refunds", "i8"),
        ("illegal_actions", "i8"),
        ("price_anchor", "f8"),
        ("share_level", "f8"),
        ("share_anchor", "f8"),
        ("size_anchor", "f8"),
        ("month_fill", "f8"),
        ("usual_fill", "f8"),
        ("month_occupied", "f8"),
        ("usual_occupied", "f8"),
        ("seen_completed", "i8"),
        ("seen_unserved", "i8"),
        ("observed_min", "f8"),
        ("founded_min", "f8"),
        ("rent_fen_per_month", "i8"),
        ("office_staff", "f8"),
        ("office_min", "f8"),
        ("office_until_min", "f8"),
        ("capital_fen", "i8"),
        ("credit_limit_fen", "i8"),
        ("failures", "i8"),
        ("months_closed", "i4"),
        ("closed_revenue_fen", "i8"),
        ("closed_balance_fen", "i8"),
        ("revenue_by_month_fen", "i8", (MONTHS_KEPT,)),
        ("profit_by_month_fen", "i8", (MONTHS_KEPT,)),
        *MONEY,
    ],
    align=True,
)
"""reach_km and surroundings: see :mod:`sim.world.surroundings`. weight: real firms that the row stands for;
``services`` a bit mask over services; the open orders are a doubly
linked list in the order of arrival; ``deferred_until_min`` is the next call that the dispatcher has put off to.
Adaptation: see :mod:`sim.market.pricing`; ``share_level`` times the service's share of the price reaches the worker,
the anchors are where the firm began, fill and occupied are shares of orders and of workers' time.
``rating_discount`` is the logarithm of the weight that a rating's first review has kept.
The books: rent and office staff are those of the row at the run's scale; ``office_min`` counts minutes of office staff
until ``office_until_min``; ``closed_revenue_fen`` and ``closed_balance_fen`` are totals at the last closing; month
number ``m`` of the books stands in place ``m % 12`` of the last twelve months' revenue and profit."""
