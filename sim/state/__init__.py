"""The explicit state of a run: tables of columns, and nothing else.

A table is a NumPy structured array with spare capacity; an entity is a row. Whatever the market knows at an instant is
in these tables and in the clock's calendar, so that a run can be saved, resumed and branched by copying arrays. Mesa
agents hold a row number and read and write their row through properties.

Conventions: ``key`` is the entity's stable 64-bit key for random draws; ``*_row`` columns refer to another table
(-1 for none); times are minutes since the period's start; money is whole fen; ``x_km, y_km`` is the position on the
district's wrap-around patch, ``city_x_km, city_y_km`` the position on the full-size map.
"""

from __future__ import annotations

from sim.state.companies import COMPANY
from sim.state.complaints import COMPLAINT
from sim.state.fields import (
    DEGREES,
    FESTIVAL_PHASES,
    KINDS_OF_MONEY,
    MONTHS_KEPT,
    PLAN_LENGTH,
    REFUSALS_KEPT,
    SERVICES_AT_MOST,
)
from sim.state.institutions import BASE, INSTITUTION, RESIDENT
from sim.state.lives import LIVES
from sim.state.people import HOUSEHOLD, WORKER
from sim.state.places import COMMUNITY, DISTRICT, SERVICE
from sim.state.pools import POOL
from sim.state.support import CLAIM, SCHEME
from sim.state.table import Record, Rows, Table
from sim.state.work import EMPLOYMENT, NEED, OCCURRENCE, ORDER, PLACEMENT, STINT, WARD_STINT
from sim.state.world import DTYPES, Columns, Reach, World

__all__ = [
    "BASE",
    "CLAIM",
    "COMMUNITY",
    "COMPANY",
    "COMPLAINT",
    "DEGREES",
    "DISTRICT",
    "DTYPES",
    "EMPLOYMENT",
    "FESTIVAL_PHASES",
    "HOUSEHOLD",
    "INSTITUTION",
    "KINDS_OF_MONEY",
    "LIVES",
    "MONTHS_KEPT",
    "NEED",
    "OCCURRENCE",
    "ORDER",
    "PLACEMENT",
    "PLAN_LENGTH",
    "POOL",
    "REFUSALS_KEPT",
    "RESIDENT",
    "SCHEME",
    "SERVICE",
    "SERVICES_AT_MOST",
    "STINT",
    "WARD_STINT",
    "WORKER",
    "Columns",
    "Reach",
    "Record",
    "Rows",
    "Table",
    "World",
]
