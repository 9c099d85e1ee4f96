"""The month's end: placements and residents are billed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.vocabulary import PlacementState, ServiceForm

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.market.placements import PlacementDesk
    from sim.market.residence import ResidenceDesk


def settle_month(market: Market, placements: PlacementDesk, residences: ResidenceDesk) -> None:
    """Bill every placement and resident until now."""
    rows = market.table("placements").used
    recurring = market.rows("services")["form"][rows["service"]] == ServiceForm.RECURRING
    for placement in np.flatnonzero((rows["state"] == PlacementState.ACTIVE) & ~recurring).tolist():
        placements.settle(placement)
    residences.settle_all()
