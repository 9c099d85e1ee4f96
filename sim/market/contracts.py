"""The contract desk: recurring visits of a regular worker in fixed weekly slots.

A contract reserves slots in the worker's week. Every morning each contract that is due becomes an order; it goes to the
regular worker, or through the firm's dispatcher to a substitute when he is away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.informal import is_informal, private_key
from sim.clock import DAYS_PER_WEEK, MINUTES_PER_DAY
from sim.market.booking import Booking
from sim.market.candidates import Wish, nearest_with_slot
from sim.market.commitments import commit
from sim.market.enquiries import another_firm
from sim.market.placements import engage, file_placement, move_placement
from sim.market.spells import draw_spell_min
from sim.rng import decision, derive, uniform
from sim.vocabulary import KIN, NO_ROW, PlacementState, Reason, ServiceForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.market.market import Market
    from sim.market.rules import PlacementRules
    from sim.market.visits import VisitDesk
    from sim.state import Record

# Plain integers: NumPy compares a column with them many times faster than with an enumeration's member.
_SEARCHING, _ACTIVE = int(PlacementState.SEARCHING), int(PlacementState.ACTIVE)
_RECURRING = int(ServiceForm.RECURRING)
_SLOT = decision("contract.slot")
_WEEKDAY = decision("contract.weekday")
_FLEXIBLE = decision("contract.takes_another_slot")


class ContractDesk:
    """Carries recurring contracts from the request to their end."""

    def __init__(self, market: Market, rules: PlacementRules, visits: VisitDesk) -> None:
        self.market = market
        self.rules = rules
        self.visits = visits

    def request(self, household: int, service: int, company: int, key: np.uint64) -> int:
        """Open a contract with the first firm that has a worker for it, of those that the household asks.

        Where none has, the contract is opened with the firm that it likes best, which looks again every morning.
        """
        company = self._first_with_worker(household, service, company, key)
        multiplier = float(self.market.rows("companies")["price_multiplier"][company])
        price = int(float(self.market.rows("services")["price_fen"][service]) * multiplier + 0.5)
        contract = self._open(household, service, company, key, price)
        self.look_for_worker(contract)
        return contract

    def _open(self, household: int, service: int, company: int, key: np.uint64, price_fen: int) -> int:
        market = self.market
        contract = market.add("placements")
        row = market.rows("placements")[contract]
        row["key"], row["service"] = key, service
        row["household_row"], row["company_row"], row["worker_row"] = household, company, NO_ROW
        row["district"] = market.rows("households")["district"][household]
        row["requested_min"] = row["wanted_min"] = market.now_min
        row["withdraw_min"] = market.now_min + self.rules.patience_days * MINUTES_PER_DAY
        row["start_min"] = row["ended_min"] = -1.0
        row["price_fen_per_month"] = price_fen
        row["committed_fen"] = commit(market, household, service, price_fen)
        engage(market, household, service)
        move_placement(market, contract, PlacementState.SEARCHING, Reason.NONE)
        return contract

    def open_day(self, day: int) -> None:
        """Search, end and carry out: every contract once, in the order of its key."""
        for contract in self._contracts_with_something_to_do(day):
            state = self.market.rows("placements")["state"][contract]
            if state == _SEARCHING:
                self._search(contract)
            elif self._has_ended(contract):
                self.end(contract, Reason.TERM_ENDED)
            else:
                self._visit(contract, day)

    def look_for_worker(self, contract: int) -> bool:
        """Put the nearest worker with free slots on the contract, if there is one."""
        row = self.market.rows("placements")[contract]
        household, service, key = int(row["household_row"]), int(row["service"]), np.uint64(row["key"])
        worker, slots, reason = self._candidate(int(row["company_row"]), household, service, key)
        if worker == NO_ROW:
            row["reason"] = reason
            return False
        row["slots"] = slots
        self._bind(contract, worker)
        return True

    def _first_with_worker(self, household: int, service: int, company: int, key: np.uint64) -> int:
        """Return the first firm, from the one liked best on, that has a worker; the one liked best where none has."""
        market, asked = self.market, [company]
        while self._candidate(asked[-1], household, service, key)[0] == NO_ROW:
            if len(asked) >= market.visit_rules.firms_asked_at_most:
                return company
            found = another_firm(
                market.columns, market.weights, market.reach, household, service, key,
                np.array(asked, np.int32), market.seed,
            )  # fmt: skip
            if found in {NO_ROW, KIN}:
                return company
            asked.append(found)
        return asked[-1]

    def _candidate(
        self, company: int, household: int, service: int, key: np.uint64
    ) -> tuple[int, np.uint32, int]:
        """Return a firm's nearest worker with free slots, the slots, and what binds where there is nobody.

        The slot that the household likes best comes first; most households would take another one.
        """
        market, rules = self.market, self.market.visit_rules
        found: tuple[int, np.uint32, int] = (NO_ROW, np.uint32(0), int(Reason.NONE))
        for wish in self._wishes(household, service, key):
            found = nearest_with_slot(
                market.columns, market.able(company, service), wish, market.slot_starts, rules.contract_slot_min,
                market.now_min, rules.contract_worker_share, market.seed,
            )  # fmt: skip
            if found[0] != NO_ROW:
                break
        return found

    def worker_goes(self, worker: int) -> None:
        """Free the contracts of a worker who leaves the trade.

        Firms look for another worker from tomorrow on; with acquaintances the contract has ended.
        """
        for contract in self._contracts_of(worker):
            if self._is_informal(contract):
                self.end(contract, Reason.WORKER_LEFT)
            else:
                self._lose_worker(contract)

    def worker_changes_firm(self, worker: int) -> None:
        """Leave the contracts of a worker with the firm that he leaves; those without a firm stay his."""
        for contract in self._contracts_of(worker):
            if not self._is_informal(contract):
                self._lose_worker(contract)

    def end(self, contract: int, reason: Reason) -> None:
        """End a contract that runs."""
        self._unbind(contract)
        move_placement(self.market, contract, PlacementState.ENDED, reason)
        file_placement(self.market, contract)

    def go_on(self, before: Record, circle: int, price_fen: int) -> int:
        """Let a contract that a firm has lost go on among acquaintances: same worker, slots and end."""
        key = private_key(before["key"])
        contract = self._open(int(before["household_row"]), int(before["service"]), circle, key, price_fen)
        row = self.market.rows("placements")[contract]
        row["slots"], row["went_on"] = before["slots"], 1
        self._bind(contract, int(before["worker_row"]))
        row["end_min"] = before["end_min"]
        return contract

    def _contracts_of(self, worker: int) -> list[int]:
        placements = self.market.table("placements").used
        live = (placements["state"] == _ACTIVE) & (placements["worker_row"] == worker)
        return [contract for contract in np.flatnonzero(live).tolist() if self._is_contract(contract)]

    def _is_informal(self, contract: int) -> bool:
        company = int(self.market.rows("placements")["company_row"][contract])
        return bool(is_informal(self.market.columns, company))

    def _lose_worker(self, contract: int) -> None:
        """Take the worker off a contract; the firm looks for another from tomorrow on."""
        self._unbind(contract)
        row = self.market.rows("placements")[contract]
        row["worker_row"] = NO_ROW
        row["replacements"] += 1
        move_placement(self.market, contract, PlacementState.SEARCHING, Reason.WORKER_LEFT)
        row["withdraw_min"] = self.market.now_min + self.rules.patience_days * MINUTES_PER_DAY

    def _contracts_with_something_to_do(self, day: int) -> list[int]:
        """Return the contracts that search, end or are due today, in the order of their key."""
        market = self.market
        placements = market.table("placements").used
        state, slots = placements["state"], placements["slots"]
        recurring = market.rows("services")["form"][placements["service"]] == _RECURRING
        due = np.bitwise_and(slots, self._slots_of(day)) != 0
        due &= not market.calendar.holiday[day]
        active = (state == _ACTIVE) & (due | (placements["end_min"] <= market.now_min))
        rows = np.flatnonzero(recurring & (active | (state == _SEARCHING)))
        ordered: list[int] = rows[np.argsort(placements["key"][rows], kind="stable")].tolist()
        return ordered

    def _slots_of(self, day: int) -> int:
        """Return the bit mask of a day's slots."""
        slots_a_day = len(self.market.slot_starts)
        weekday = int(self.market.weekdays[0] + day) % DAYS_PER_WEEK
        return ((1 << slots_a_day) - 1) << (weekday * slots_a_day)

    def _is_contract(self, placement: int) -> bool:
        service = self.market.rows("placements")["service"][placement]
        return bool(self.market.rows("services")["form"][service] == ServiceForm.RECURRING)

    def _wishes(self, household: int, service: int, key: np.uint64) -> Iterator[Wish]:
        """Yield when and how often a household would be visited, the slot that it likes best first.

        Slot, weekday and whether it takes another slot are lasting, keyed tastes.
        """
        market, slots = self.market, len(self.market.slot_starts)
        visits = max(1, round(float(market.rows("services")["visits_per_week"][service])))
        best = int(uniform(market.seed, _SLOT, key, np.uint64(0)) * slots)
        weekday = int(uniform(market.seed, _WEEKDAY, key, np.uint64(0)) * DAYS_PER_WEEK)
        flexible = market.visit_rules.contract_slot_flexible_probability
        takes_others = uniform(market.seed, _FLEXIBLE, key, np.uint64(0)) < flexible
        for slot in sorted(range(slots), key=lambda slot: abs(slot - best)):
            if slot == best or takes_others:
                yield Wish(key, household, service, visits, weekday, slot)

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

    def _visit(self, contract: int, day: int) -> None:
        """Order today's visit of a contract that is due."""
        market = self.market
        row = market.rows("placements")[contract]
        slots_a_day = len(market.slot_starts)
        today = int(row["slots"]) & self._slots_of(day)
        start = day * MINUTES_PER_DAY + float(market.slot_starts[(today.bit_length() - 1) % slots_a_day])
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
                monthly_fen=int(row["price_fen_per_month"]),
            )
        )
