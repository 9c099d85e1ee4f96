"""The residence desk: elders move into an institution, stay for a spell and leave.

An institution admits within its beds and within the staff norm (:mod:`sim.world.staff_norm`).
"""

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
    from sim.world.staff_norm import StaffNorm


class ResidenceDesk:
    """Carries residents from admission to discharge."""

    def __init__(self, market: Market, norm: StaffNorm) -> None:
        self.market = market
        self.norm = norm
        market.clock.handle(Kind.DISCHARGE, self.on_discharge)

    def request(self, household: int, service: int, company: int, key: np.uint64) -> int:
        """Admit an elder to the chosen institution, else to the nearest one that may take one more.

        Returns:
            The resident's row, or -1 when no institution may; the need then counts as met outside the market.
        """
        market = self.market
        institution = int(market.rows("companies")["institution_row"][company])
        market.rows("institutions")["asked"][institution] += 1
        degree = self.norm.assess(int(market.rows("households")["disability"][household]), key, market.seed)
        if not self._may_take(institution, degree):
            self._turn_away(institution)
            institution = self._nearest_that_may(household, degree)
        if institution == NO_ROW:
            market.needs_outside[market.rows("households")["district"][household]] += 1
            return NO_ROW
        return self.admit(household, service, institution, degree, key)

    def admit(self, household: int, service: int, institution: int, degree: int, key: np.uint64) -> int:
        """Give the household's elder a bed and enter the day of discharge."""
        market = self.market
        resident = market.add("residents")
        row = market.rows("residents")[resident]
        home = market.rows("institutions")[institution]
        row["key"], row["household_row"], row["institution_row"] = key, household, institution
        row["service"], row["degree"] = service, degree
        row["admitted_min"] = row["counted_until_min"] = market.now_min
        row["ended_min"] = NEVER_MIN
        row["fee_fen_per_month"] = home["fee_fen_per_month"]
        row["committed_fen"] = commit(market, household, service, int(row["fee_fen_per_month"]))
        home["residents"] += 1
        home["by_degree"][degree] += 1
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
        home["by_degree"][row["degree"]] -= 1
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

    def _may_take(self, institution: int, degree: int) -> bool:
        """Whether an institution has a bed, and carers enough, for one more resident of a degree."""
        home = self.market.rows("institutions")[institution]
        if home["residents"] >= home["beds"]:
            return False
        return self.norm.enough_with(home["by_degree"].tolist(), degree, int(home["staff"]))

    def _turn_away(self, institution: int) -> None:
        home = self.market.rows("institutions")[institution]
        full = home["residents"] >= home["beds"]
        home["turned_away_full" if full else "turned_away_short"] += 1

    def _nearest_that_may(self, household: int, degree: int) -> int:
        """Return the nearest institution that may take an elder: by district, then by key; -1 where there is none."""
        market = self.market
        homes = market.table("institutions").used
        district = market.rows("households")["district"][household]
        rank = np.argsort(market.neighbours.order[district])
        for home in np.lexsort((homes["key"], rank[homes["district"]])).tolist():
            if self._may_take(home, degree):
                return int(home)
        return NO_ROW
