"""The kin desk: lasting care by relatives in place of a service, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.kin import care_min_per_week
from sim.clock import Kind
from sim.market.spells import draw_spell_min
from sim.rng import decision, derive
from sim.vocabulary import NO_ROW, ServiceForm

if TYPE_CHECKING:
    from sim.market.market import Market

_CARE = decision("kin.care")


class KinDesk:
    """Begins and ends kin's care; at most one kind of care a household at a time.

    A need that arises while kin care is a new occasion to choose: when a firm is chosen, it takes the care over.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        market.clock.handle(Kind.KIN_END, self.on_end)

    def begin(self, household: int, service: int, key: np.uint64) -> None:
        """Let kin take over a service by the month, for a spell of the service's length; nothing if they do already."""
        market = self.market
        home = market.rows("households")[household]
        row = market.rows("services")[service]
        if row["form"] == ServiceForm.VISIT or home["kin_service"] == service:
            return
        home["kin_service"] = service
        home["kin_care_min"] = care_min_per_week(market.columns.services[service])
        home["kin_stamp"] += 1
        length = draw_spell_min(market, service, derive(key, _CARE), 0)
        market.clock.at(market.now_min + length, Kind.KIN_END, household, int(home["kin_stamp"]))

    def replace(self, household: int, service: int) -> None:
        """End kin's care of a service because a firm takes it over."""
        if self.market.rows("households")["kin_service"][household] == service:
            self._end(household)

    def on_end(self, household: int, stamp: int) -> None:
        """End a spell of care, unless it has ended before."""
        home = self.market.rows("households")[household]
        if home["kin_stamp"] == stamp and home["kin_service"] != NO_ROW:
            self._end(household)

    def _end(self, household: int) -> None:
        home = self.market.rows("households")[household]
        home["kin_service"] = NO_ROW
        home["kin_care_min"] = 0.0
