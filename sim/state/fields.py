"""Columns that several tables share, and how many of a thing a row keeps."""

from __future__ import annotations

from sim.vocabulary import MoneyKind

KINDS_OF_MONEY = len(MoneyKind)
PLAN_LENGTH = 32
REFUSALS_KEPT = 8
FIRMS_REMEMBERED = 4
MONTHS_KEPT = 12
FESTIVAL_PHASES = 5
DEGREES = 4
"""Degrees of disability: none, mild, moderate, severe."""

SERVICES_AT_MOST = 32
"""Services are bits of 32-bit masks: skills, what a firm offers, what a household is engaged in."""

PLACE = [
    ("district", "i2"),
    ("community_row", "i4"),
    ("x_km", "f4"),
    ("y_km", "f4"),
    ("city_x_km", "f4"),
    ("city_y_km", "f4"),
]
"""Where a row is: its community, its point on the wrap-around patch and on the full-size map."""

MONEY = [("money_fen", "i8", (KINDS_OF_MONEY,))]
