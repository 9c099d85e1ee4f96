"""The table of complaints."""

from __future__ import annotations

import numpy as np

COMPLAINT = np.dtype(
    [
        ("key", "u8"),
        ("state", "i1"),
        ("grievance", "i1"),
        ("clear", "i1"),
        ("service", "i2"),
        ("household_row", "i4"),
        ("company_row", "i4"),
        ("worker_row", "i4"),
        ("paid_fen", "i8"),
        ("extra_fen", "i8"),
        ("opened_min", "f8"),
        ("due_min", "f8"),
        ("refund_fen", "i8"),
        ("ended_min", "f8"),
    ],
    align=True,
)
"""A household's complaint about a service for which it has paid ``paid_fen``, and ``extra_fen`` that were asked for on
the spot; whoever it lies with decides at ``due_min``. ``clear`` says that a contract shows what had been agreed."""
