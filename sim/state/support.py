"""Tables of public support: schemes, and the claims of households to them."""

from __future__ import annotations

import numpy as np

from sim.state.fields import SERVICES_AT_MOST

SCHEME = np.dtype(
    [
        ("key", "u8"),
        ("active", "i1"),
        ("least_disability", "i1"),
        ("share", "f8", (SERVICES_AT_MOST,)),
        ("cap_fen_per_month", "i8"),
        ("budget_fen", "i8"),
        ("spent_fen", "i8"),
        ("reserved_fen", "i8"),
    ],
    align=True,
)
"""A public scheme that pays part of prices: ``share`` of the price by service, at most ``cap_fen_per_month`` for each
claim, until the budget is spent or reserved for visits that are booked; only
while the worst disability in the home is at least ``least_disability``."""

CLAIM = np.dtype(
    [
        ("key", "u8"),
        ("scheme_row", "i4"),
        ("household_row", "i4"),
        ("next_row", "i4"),
        ("linked", "i1"),
        ("valid_from_min", "f8"),
        ("used_fen", "i8"),
        ("reserved_fen", "i8"),
        ("spent_fen", "i8"),
    ],
    align=True,
)
"""A household's right to a scheme: used in this calendar month, reserved for booked visits, spent since it began;
``next_row`` is the household's next claim, -1 for none; a claim counts once it is ``linked`` to its household."""
