"""The contract desk: recurring visits of a regular worker in fixed weekly slots.

A contract reserves slots in the worker's week. Every morning each contract that is due becomes an order; it goes to the
regular worker, or through the firm's dispatcher to a substitute when he is away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_WEEK, MINUTES_PER_DAY
from sim.market.booking import Booking
from sim.market.candidates import nearest_with_slot, week_of
from sim.market.placements import file_placement, move_placement
from sim.market.spells import draw_spell_min
from sim.rng import decision, derive, uniform
from sim.vocabulary import NO_ROW, PlacementState, Reason, ServiceForm

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.market.rules import PlacementRules
    from sim.market.visits import VisitDesk

SLOTS_A_DAY = 3
_SLOT = decision("contract.slot")


class ContractDesk:
    """Carries recurring contracts from the request to their end."""

    def __init__(self, market: Market, rules: PlacementRules, visits: VisitDesk) -> None:
        self.market = market
        self.rules = rules
        self.visits = visits

    def request(self, household: int, service: int, company: int, key: np.uint64) -> int:
        """Open a contract; a worker is looked for at once and then every morning."""
        market = self.market
        contract = market.add("placements")
        row = market.rows("placements")[contract]
        row["key"], row["service"] = key, service
        row["household_row"], row["company_row"], row["worker_row"] = household, company, NO_ROW
        row["district"] = market.rows("households")["district"][household]
        row["requested_min"] = row["wanted_min"] = market.now_min
        row["withdraw_min"] = market.now_min + self.rules.patience_days * MINUTES_PER_DAY
        row["start_min"] = row["ended_min"] = -1.0
        market.rows("households")["active_placements"][household] += 1
        move_placement(market, contract, PlacementState.SEARCHING, Reason.NONE)
        self.look_for_worker(contract)
        return contract

    def open_day(self, day: int) -> None:
        """Search, end and carry out: every contract once, in the order of its key."""
        for contract in self._contracts():
            state = self.market.rows("placements")["state"][contract]
            if state == PlacementState.SEARCHING:
                self._search(contract)
            elif self._has_ended(contract):
                self._end(contract)
            else:
                self._visit(contract, day)

    def look_for_worker(self, contract: int) -> bool:
        """Put the nearest worker with free slots on the contract, if there is one."""
        market = self.market
        row = market.rows("placements")[contract]
        own = market.able(int(row["company_row"]), int(row["service"]))
        visits, slot = self._wish(contract)
        worker, reason = nearest_with_slot(
            market.columns, own, int(row["household_row"]), int(row["service"]), visits, slot,
            float(market.slot_starts[slot]), market.visit_rules.contract_slot_min, market.now_min,
            market.visit_rules.contract_worker_share, market.seed,
        )  # fmt: skip
        if worker == NO_ROW:
            row["reason"] = reason
            return False
        row["slots"] = week_of(int(market.rows("workers")["weekdays"][worker]), visits, slot)
        self._bind(contract, worker)
        return True

    def worker_goes(self, worker: int) -> None:
        """Free the contracts of a worker who leaves the trade; new ones are looked for from tomorrow on."""
        placements = self.market.table("placements").used
        live = placements["state"] == PlacementState.ACTIVE
        for contract in np.flatnonzero(live & (placements["worker_row"] == worker)).tolist():
            if self._is_contract(contract):
                self._unbind(contract)
                self.market.rows("placements")["worker_row"][contract] = NO_ROW
                self.market.rows("placements")["replacements"][contract] += 1
                move_placement(self.market, contract, PlacementState.SEARCHING, Reason.WORKER_LEFT)
                row = self.market.rows("placements")[contract]
                row["withdraw_min"] = self.market.now_min + self.rules.patience_days * MINUTES_PER_DAY

    def _contracts(self) -> list[int]:
        placements = self.market.table("placements").used
        recurring = self.market.rows("services")["form"][placements["service"]] == ServiceForm.RECURRING
        live = (placements["state"] == PlacementState.ACTIVE) | (
            placements["state"] == PlacementState.SEARCHING
        )
        rows = np.flatnonzero(recurring & live)
        ordered: list[int] = rows[np.argsort(placements["key"][rows], kind="stable")].tolist()
        return ordered

    def _is_contract(self, placement: int) -> bool:
        service = self.market.rows("placements")["service"][placement]
        return bool(self.market.rows("services")["form"][service] == ServiceForm.RECURRING)

    def _wish(self, contract: int) -> tuple[int, int]:
        """Return how many visits a week the household wants, and in which slot of the day."""
        row = self.market.rows("placements")[contract]
        level = uniform(self.market.seed, _SLOT, row["key"], np.uint64(0))
        visits = round(float(self.market.rows("services")["visits_per_week"][row["service"]]))
        return max(1, visits), int(level * len(self.market.slot_starts))

    def _search(self, contract: int) -> None:
        market = self.market
        row = market.rows("placements")[contract]
        row["interviews"] += 1
        if self.look_for_worker(contract):
            return
        if market.now_min >= row["withdraw_min"]:
            begun = row["start_min"] >= 0.0
            state = PlacementState.ENDED if begun else PlacementState.UNSERVED
            move_placement(market, contract, state, Reason(int(row["reason"])))
            file_placement(market, contract)

    def _bind(self, contract: int, worker: int) -> None:
        market = self.market
        row = market.rows("placements")[contract]
        who = market.rows("workers")[worker]
        who["reserved_slots"] |= row["slots"]
        who["contracts"] += 1
        row["worker_row"] = worker
        row["worker_since_min"] = market.now_min
        if row["start_min"] < 0.0:
            row["start_min"] = market.now_min
            length = draw_spell_min(market, int(row["service"]), row["key"], 0)
            row["end_min"] = market.now_min + length
        move_placement(market, contract, PlacementState.ACTIVE, Reason.NONE)

    def _unbind(self, contract: int) -> None:
        row = self.market.rows("placements")[contract]
        who = self.market.rows("workers")[row["worker_row"]]
        who["reserved_slots"] &= ~row["slots"]
        who["contracts"] -= 1

    def _has_ended(self, contract: int) -> bool:
        return bool(self.market.rows("placements")["end_min"][contract] <= self.market.now_min)

    def _end(self, contract: int) -> None:
        self._unbind(contract)
        move_placement(self.market, contract, PlacementState.ENDED, Reason.TERM_ENDED)
        file_placement(self.market, contract)

    def _visit(self, contract: int, day: int) -> None:
        """Order today's visit if the contract is due today."""
        market = self.market
        row = market.rows("placements")[contract]
        weekday = int(market.weekdays[0] + day) % DAYS_PER_WEEK
        today = (int(row["slots"]) >> (weekday * SLOTS_A_DAY)) & (2**SLOTS_A_DAY - 1)
        if not today or market.calendar.holiday[day]:
            return
        start = day * MINUTES_PER_DAY + float(market.slot_starts[today.bit_length() - 1])
        service = int(row["service"])
        half_width = float(market.rows("services")["window_half_width_min"][service])
        row["visits"] += 1
        self.visits.place(
            Booking(
                key=derive(row["key"], np.uint64(day)),
                household=int(row["household_row"]),
                company=int(row["company_row"]),
                service=service,
                placement=contract,
                regular=int(row["worker_row"]),
                wanted_min=start,
                earliest_min=start - half_width,
                latest_min=start + half_width,
                duration_min=float(market.rows("services")["duration_mean_min"][service]),
                days_patient=0,
            )
        )
