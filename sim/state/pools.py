"""Table of the pools from which newcomers to the trade come: the region itself and the home provinces."""

from __future__ import annotations

import numpy as np

POOL = np.dtype(
    [
        ("key", "u8"),
        ("origin", "i2"),
        ("persons", "f8"),
        ("available", "f8"),
        ("workers_began", "f8"),
        ("home_fen_per_month", "f8"),
        ("usual_gap", "f8"),
        ("months_usual", "i4"),
        ("entries_per_year", "f8"),
        ("entered", "i8"),
        ("trained", "i8"),
        ("came_back", "i8"),
    ],
    align=True,
)
"""A row for each origin, in the order of the world's origins. ``persons`` would take up the trade when time starts, of
whom ``available`` are still there: who enters, by kin or through a training base, is one less, who goes home for good
one more. ``workers_began`` are the origin's workers in the region when time starts; ``usual_gap`` is pay in the region
over what a month brings at home, the mean of the first ``months_usual`` months in which it was seen, at most twelve."""
