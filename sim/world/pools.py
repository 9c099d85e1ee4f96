"""The pools of people who would take up the trade, by origin, when time starts."""

from __future__ import annotations

import numpy as np

from sim.state import POOL, Rows
from sim.world.frame import Frame
from sim.world.workforce import origins

_FEN_PER_YUAN = 100


def pool_rows(frame: Frame) -> Rows:
    """Return the table of pools; persons and workers are the region's times the scale."""
    known, facts = origins(frame), frame.facts
    rows = np.zeros(len(known), POOL)
    workers = facts.number("region.workers") * frame.scale
    for row, origin in enumerate(known):
        path = f"region.origins.{origin}"
        rows["key"][row] = frame.key("pool", origin)
        rows["origin"][row] = row
        rows["persons"][row] = facts.number(f"{path}.pool_persons") * frame.scale
        rows["workers_began"][row] = workers * facts.number(f"region.workers_by_origin.{origin}")
        rows["home_fen_per_month"][row] = _FEN_PER_YUAN * facts.number(f"{path}.wage_yuan_per_month")
    rows["available"] = rows["persons"]
    return rows
