"""Tables of training bases, of care institutions and of who lives in these."""

from __future__ import annotations

import numpy as np

from sim.state.fields import DEGREES, MONEY, PLACE

BASE = np.dtype(
    [
        ("key", "u8"),
        ("origin", "i2"),
        ("in_region", "i1"),
        ("trade", "i2"),
        ("weight", "f8"),
        ("seats", "i4"),
        ("course_days", "f8"),
        ("fee_fen", "i8"),
        ("pass_probability", "f8"),
        ("take_job_probability", "f8"),
        ("travel_lag_days", "f8"),
        ("cohort", "i4"),
        ("enrolled", "i8"),
        ("passed", "i8"),
        ("placed", "i8"),
        *MONEY,
    ],
    align=True,
)
"""weight: real bases that the row stands for; ``cohort`` counts the cohorts begun."""

INSTITUTION = np.dtype(
    [
        ("key", "u8"),
        *PLACE,
        ("kind", "i1"),
        ("weight", "f8"),
        ("company_row", "i4"),
        ("beds", "i4"),
        ("residents", "i4"),
        ("staff", "i4"),
        ("by_degree", "i4", (DEGREES,)),
        ("hired", "i8"),
        ("asked", "i8"),
        ("turned_away_full", "i8"),
        ("turned_away_short", "i8"),
        ("fee_fen_per_month", "i8"),
        ("admissions", "i8"),
        ("discharges", "i8"),
        *MONEY,
    ],
    align=True,
)
"""kind: 0 institution, 1 regional centre, 2 station; ``company_row`` is the firm of its workers, -1 for none: those of
them who work in the house are ``staff``, the others are its home-care service. ``by_degree`` counts residents by the
degree of disability that they were assessed with; ``asked`` counts elders who chose it, ``turned_away_full`` and
``turned_away_short`` those of them for whom it had no bed, or a bed but too few carers; ``hired`` counts carers who
came from other firms."""

RESIDENT = np.dtype(
    [
        ("key", "u8"),
        ("household_row", "i4"),
        ("institution_row", "i4"),
        ("admitted_min", "f8"),
        ("counted_until_min", "f8"),
        ("present_days", "f8"),
        ("ended_min", "f8"),
        ("fee_fen_per_month", "i8"),
        ("billed_fen", "i8"),
        ("committed_fen", "i8"),
        ("service", "i2"),
        ("degree", "i1"),
        ("support_fen", "i8"),
        ("stamp", "i4"),
    ],
    align=True,
)
"""``degree`` of disability at admission: 0 none, 1 mild, 2 moderate, 3 severe."""
