"""Tables of where and what: districts, communities and the catalogue of services."""

from __future__ import annotations

import numpy as np

from sim.state.fields import FESTIVAL_PHASES, PLACE

DISTRICT = np.dtype(
    [
        ("key", "u8"),
        ("side_km", "f8"),
        ("city_x_km", "f8"),
        ("city_y_km", "f8"),
        ("radius_km", "f8"),
        ("institution_fee_fen_per_month", "i8"),
    ],
    align=True,
)
"""side_km: edge of the wrap-around patch; radius_km: radius of the built-up area on the full-size map."""

COMMUNITY = np.dtype([("key", "u8"), ("weight", "f8"), *PLACE], align=True)
"""weight: real communities that the row stands for."""

SERVICE = np.dtype(
    [
        ("key", "u8"),
        ("form", "i1"),
        ("needs_by", "i1"),
        ("health_class", "i1"),
        ("certificate_required", "i1"),
        ("duration_law", "i1"),
        ("list_price_fen", "i8"),
        ("price_fen", "i8"),
        ("price_per_min", "i1"),
        ("duration_mean_min", "f8"),
        ("duration_cv", "f8"),
        ("known_spread_share", "f8"),
        ("duration_min_min", "f8"),
        ("duration_max_min", "f8"),
        ("lead_time_mean_days", "f8"),
        ("same_day_share", "f8"),
        ("window_half_width_min", "f8"),
        ("worker_share_of_price", "f8"),
        ("weekend_share", "f8"),
        ("month_index", "f8", (12,)),
        ("festival_index", "f8", (FESTIVAL_PHASES,)),
        ("start_hour_weights", "f8", (24,)),
        ("spell_mean_days", "f8"),
        ("visits_per_week", "f8"),
        ("hours_per_week", "f8"),
        ("search_mean_days", "f8"),
        ("need_rate_per_year", "f8"),
        ("income_elasticity", "f8"),
    ],
    align=True,
)
"""price_fen: per visit or per month; with price_per_min = 1 it is the price of an hour and is scaled by duration.
list_price_fen: the same without the surcharge of the day.
known_spread_share: share of the duration's variance (of its logarithm) that is known when the visit is booked."""

SERVICE = np.dtype(
    [
        ("key", "u8"),
        ("form", "i1"),
        ("needs_by", "i1"),
        ("health_class", "i1"),
        ("certificate_required", "i1"),
        ("duration_law", "i1"),
        ("list_price_fen", "i8"),
        ("price_fen", "i8"),
        ("price_per_min", "i1"),
        ("duration_mean_min", "f8"),
        ("duration_cv", "f8"),
        ("known_spread_share", "f8"),
        ("duration_min_min", "f8"),
        ("duration_max_min", "f8"),
        ("lead_time_mean_days", "f8"),
        ("same_day_share", "f8"),
        ("window_half_width_min", "f8"),
        ("worker_share_of_price", "f8"),
        ("weekend_share", "f8"),
        ("month_index", "f8", (12,)),
        ("festival_index", "f8", (FESTIVAL_PHASES,)),
        ("start_hour_weights", "f8", (24,)),
        ("spell_mean_days", "f8"),
        ("visits_per_week", "f8"),
        ("hours_per_week", "f8"),
        ("search_mean_days", "f8"),
        ("need_rate_per_year", "f8"),
        ("income_elasticity", "f8"),
    ],
    align=True,
)
"""price_fen: per visit or per month; with price_per_min = 1 it is the price of an hour and is scaled by duration.
list_price_fen: the same without the surcharge of the day.
known_spread_share: share of the duration's variance (of its logarithm) that is known when the visit is booked."""
