"""The tables together: as a world, and as the arrays that kernels work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.state.companies import COMPANY
from sim.state.complaints import COMPLAINT
from sim.state.institutions import BASE, INSTITUTION, RESIDENT
from sim.state.lives import LIVES
from sim.state.people import HOUSEHOLD, WORKER
from sim.state.places import COMMUNITY, DISTRICT, SERVICE
from sim.state.pools import POOL
from sim.state.support import CLAIM, SCHEME
from sim.state.table import Rows, Table
from sim.state.work import ORDER, PLACEMENT

DTYPES = {
    "districts": DISTRICT,
    "communities": COMMUNITY,
    "services": SERVICE,
    "households": HOUSEHOLD,
    "workers": WORKER,
    "companies": COMPANY,
    "orders": ORDER,
    "placements": PLACEMENT,
    "bases": BASE,
    "institutions": INSTITUTION,
    "residents": RESIDENT,
    "schemes": SCHEME,
    "claims": CLAIM,
    "complaints": COMPLAINT,
    "pools": POOL,
    "lives": LIVES,
}
"""The tables of a world by name."""


class Reach(NamedTuple):
    """Whom households can choose: ``rows[starts[d]:starts[d + 1]]`` are the firms that serve district ``d``.

    ``houses`` are the firms of the care institutions of all districts: an elder may live in any of them.
    """

    starts: Rows
    rows: Rows
    houses: Rows


class Columns(NamedTuple):
    """The arrays that compiled kernels work on, as one argument.

    ``capacity`` is the number of workers by (company, service) who have the skill; ``flows`` is fen by (kind of money,
    payer's sector, payee's sector) since the month began; ``transitions`` counts orders by (state before, state
    after); ``tallies`` counts orders by (service, district, ``Tally``); ``singles`` are accounts of sectors that have
    no table.
    """

    districts: Rows
    services: Rows
    households: Rows
    workers: Rows
    companies: Rows
    institutions: Rows
    orders: Rows
    travel: Rows
    capacity: Rows
    flows: Rows
    transitions: Rows
    tallies: Rows
    schemes: Rows
    claims: Rows
    singles: Rows


@dataclass
class World:
    """All that exists when time starts: the tables and the maps that do not change.

    Attributes:
        tables: One :class:`Table` per name in ``DTYPES``.
        travel: Travel-time table (one structured record, see :mod:`sim.world.travel`).
        district_ids, service_ids, trade_ids, origin_ids: Names by index.
        seed: 64-bit seed of all draws.
    """

    tables: dict[str, Table]
    travel: Rows
    district_ids: tuple[str, ...]
    service_ids: tuple[str, ...]
    trade_ids: tuple[str, ...]
    origin_ids: tuple[str, ...]
    seed: np.uint64
    notes: list[str] = field(default_factory=list)
