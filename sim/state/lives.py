"""Table of what has happened in the lives of all households, one row."""

from __future__ import annotations

import numpy as np

LIVES = np.dtype(
    [
        ("expected", "i8"),
        ("births", "i8"),
        ("grown_up", "i8"),
        ("moved_out", "i8"),
        ("onsets", "i8"),
        ("succeeded", "i8"),
        ("moved_home", "i8"),
    ],
    align=True,
)
"""Counts since time started: births that were expected and that came, infants who grew up, children who left, steps of
disability, elders after whom another member is the elder, and moves."""
