"""The residence desk: elders move into an institution, stay for a spell and leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.clock import Kind
from sim.market.commitments import commit, give_up
from sim.market.spells import draw_spell_min, settle_resident
from sim.vocabulary import NO_ROW
from sim.world.frame import NEVER_MIN

if TYPE_CHECKING:
    from sim.market.market import Market


class ResidenceDesk:
    """Carries residents from admission to discharge."""

    def __init__(self, market: Market) -> None:
        self.market = market
        market.clock.handle(Kind.DISCHARGE, self.on_discharge)

    def request(self, household: int, service: int, company: int, key: np.uint64) -> int:
        """Admit an elder to the chosen institution, else to the nearest one with a bed; return the resident's row.

        Returns:
            -1 when no bed is free in the region; the need then counts as met outside the market.
        """
        market = self.market
        chosen = int(market.rows("companies")["institution_row"][company])
        institution = chosen if self._has_bed(chosen) else self._nearest_with_bed(household)
        if institution == NO_ROW:
            market.needs_outside[market.rows("households")["district"][household]] += 1
            return NO_ROW
        return self.admit(household, service, institution, key)

    def admit(self, household: int, service: int, institution: int, key: np.uint64) -> int:
        """Give the household's elder a bed and enter the day of discharge."""
        market = self.market
        resident = market.add("residents")
        row = market.rows("residents")[resident]
        home = market.rows("institutions")[institution]
        row["key"], row["household_row"], row["institution_row"] = key, household, institution
        row["service"] = service
        row["admitted_min"] = row["counted_until_min"] = market.now_min
        row["ended_min"] = NEVER_MIN
        row["fee_fen_per_month"] = home["fee_fen_per_month"]
        row["committed_fen"] = commit(market, household, service, int(row["fee_fen_per_month"]))
        home["residents"] += 1
        home["admissions"] += 1
        market.rows("households")["residents"][household] += 1
        stay = draw_spell_min(market, service, key, 0)
        market.clock.at(market.now_min + stay, Kind.DISCHARGE, resident, int(row["stamp"]))
        return resident

    def on_discharge(self, resident: int, stamp: int) -> None:
        """End a stay."""
        market = self.market
        row = market.rows("residents")[resident]
        if row["stamp"] != stamp:
            return
        settle_resident(market, resident)
        home = market.rows("institutions")[row["institution_row"]]
        home["residents"] -= 1
        home["discharges"] += 1
        market.rows("households")["residents"][row["household_row"]] -= 1
        give_up(market, int(row["household_row"]), int(row["committed_fen"]))
        row["ended_min"] = market.now_min
        kept = market.ended_residents.add()
        market.ended_residents.rows[kept] = row
        market.table("residents").release(resident)
        row["household_row"] = NO_ROW

    def settle_all(self) -> None:
        """Bill every resident until now."""
        residents = self.market.table("residents").used
        for resident in np.flatnonzero(residents["ended_min"] == NEVER_MIN).tolist():
            settle_resident(self.market, resident)

    def _has_bed(self, institution: int) -> bool:
        home = self.market.rows("institutions")[institution]
        return bool(home["residents"] < home["beds"])

    def _nearest_with_bed(self, household: int) -> int:
        market = self.market
        homes = market.table("institutions").used
        free = np.flatnonzero(homes["residents"] < homes["beds"])
        if len(free) == 0:
            return NO_ROW
        district = market.rows("households")["district"][household]
        rank = np.argsort(market.neighbours.order[district])
        return int(free[np.lexsort((homes["key"][free], rank[homes["district"][free]]))[0]])
