"""Tables of needs and of the work that answers them: visits, placements, who served when."""

from __future__ import annotations

import numpy as np

from sim.state.fields import FIRMS_REMEMBERED, PLACE, REFUSALS_KEPT

NEED = np.dtype(
    [("minute", "f8"), ("household_row", "i4"), ("service", "i2"), ("wanted_min", "f8"), ("key", "u8")],
    align=True,
)
"""The day's needs, in the order of their minute."""

ORDER = np.dtype(
    [
        ("key", "u8"),
        ("state", "i1"),
        ("reason", "i1"),
        ("service", "i2"),
        ("household_row", "i4"),
        ("company_row", "i4"),
        ("worker_row", "i4"),
        ("placement_row", "i4"),
        ("regular_row", "i4"),
        ("need_key", "u8"),
        ("asked_min", "f8"),
        ("asked", "i4", (FIRMS_REMEMBERED,)),
        ("any_time", "i1"),
        *PLACE,
        ("placed_min", "f8"),
        ("wanted_min", "f8"),
        ("earliest_min", "f8"),
        ("latest_min", "f8"),
        ("confirm_by_min", "f8"),
        ("days_shifted", "i2"),
        ("days_patient", "i2"),
        ("expected_duration_min", "f8"),
        ("planned_start_min", "f8"),
        ("assigned_min", "f8"),
        ("depart_min", "f8"),
        ("arrive_min", "f8"),
        ("start_min", "f8"),
        ("finish_min", "f8"),
        ("travel_min", "f8"),
        ("travel_km", "f8"),
        ("duration_min", "f8"),
        ("price_fen", "i8"),
        ("wage_fen", "i8"),
        ("support_fen", "i8"),
        ("claim_row", "i4"),
        ("quality", "f4"),
        ("extra_fen", "i8"),
        ("satisfaction", "i1"),
        ("grievance", "i1"),
        ("complains", "i1"),
        ("clear", "i1"),
        ("offers", "i4"),
        ("pool_winner", "i4"),
        ("refused_by", "i4", (REFUSALS_KEPT,)),
        ("stamp", "i4"),
        ("next_open", "i4"),
        ("previous_open", "i4"),
        ("ended_min", "f8"),
    ],
    align=True,
)
"""``support_fen`` of the price is paid from public money, on the claim ``claim_row``; ``duration_min`` is set when
the service ends; until then only the expected duration is known to anybody; ``extra_fen`` are asked for on the spot
beside the price; ``clear`` says that it was clear what had been agreed; ``pool_winner`` is the engine's secret while
an order is offered to a pool. A need that one firm cannot meet is taken to the next one as a new order: ``need_key``
is the key of the first, ``asked_min`` when it was placed, ``asked`` the firms that had it before. ``any_time`` says
that the household has already let its window be widened."""

PLACEMENT = np.dtype(
    [
        ("key", "u8"),
        ("state", "i1"),
        ("reason", "i1"),
        ("service", "i2"),
        ("household_row", "i4"),
        ("company_row", "i4"),
        ("worker_row", "i4"),
        ("district", "i2"),
        ("requested_min", "f8"),
        ("wanted_min", "f8"),
        ("withdraw_min", "f8"),
        ("start_min", "f8"),
        ("end_min", "f8"),
        ("stint_from_days", "f8"),
        ("worker_since_min", "f8"),
        ("counted_until_min", "f8"),
        ("present_days", "f8"),
        ("price_fen_per_month", "i8"),
        ("wage_fen_per_month", "i8"),
        ("billed_fen", "i8"),
        ("paid_fen", "i8"),
        ("committed_fen", "i8"),
        ("slots", "u4"),
        ("interviews", "i2"),
        ("replacements", "i2"),
        ("visits", "i4"),
        ("judged", "i2"),
        ("satisfied", "i2"),
        ("dissatisfied", "i2"),
        ("complaints", "i2"),
        ("went_on", "i1"),
        ("stamp", "i4"),
        ("ended_min", "f8"),
    ],
    align=True,
)
"""A live-in, day or maternity placement, or a recurring contract (then ``slots`` is its weekday x slot bit mask). Of
the workers whose time with the household has ended it has ``judged`` so many, was satisfied or dissatisfied with so
many, and has complained so often. ``committed_fen`` of the household's monthly budget are set aside for it;
``went_on`` says that household and worker left a firm together for it; ``present_days`` are the days served until
``counted_until_min``; what has been billed and paid follows from them."""

STINT = np.dtype(
    [
        ("placement_key", "u8"),
        ("worker_row", "i4"),
        ("wage_fen_per_month", "i8"),
        ("from_days", "f8"),
        ("to_days", "f8"),
    ],
    align=True,
)
"""One worker's part of a placement, in days served since the placement began."""

EMPLOYMENT = np.dtype(
    [("worker_row", "i4"), ("company_row", "i4"), ("from_min", "f8"), ("to_min", "f8")], align=True
)
"""A worker's time with a firm that he has left for another one."""

WARD_STINT = np.dtype(
    [("worker_row", "i4"), ("institution_row", "i4"), ("from_min", "f8"), ("to_min", "f8")], align=True
)
"""A carer's time in the house of an institution that has ended."""

OCCURRENCE = np.dtype(
    [("minute", "f8"), ("priority", "i2"), ("kind", "i2"), ("subject", "i8"), ("stamp", "i8")], align=True
)
"""One entry of the clock's calendar."""
