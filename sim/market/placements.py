"""The placement desk: live-in and day nannies, carers, infant nurses and maternity matrons.

A household asks a firm; the firm presents candidates one by one; household and worker agree or not; the worker starts,
stays for a spell, and may be replaced while the household still wants somebody.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.beliefs import experience
from sim.agents.informal import is_informal, private_key, worker_share
from sim.agents.satisfaction import Service, judge
from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY, Kind
from sim.market.candidates import best_candidate
from sim.market.commitments import commit, give_up
from sim.market.spells import count_days, draw_spell_min, settle_placement, stay_days
from sim.rng import decision, exponential, normal, uniform
from sim.vocabulary import (
    NO_ROW,
    Grievance,
    NeedsBy,
    PlacementState,
    Reason,
    Satisfaction,
    WorkerStatus,
)
from sim.world.surroundings import find_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.market.market import Market
    from sim.market.rules import PlacementRules
    from sim.market.visits import VisitDesk
    from sim.state import Record

_QUALITY = decision("placement.quality")
_STEP = decision("placement.search_step")
_AGREES = decision("placement.household_agrees")
_UNSUITABLE = decision("placement.unsuitable")
_UNSUITABLE_DAY = decision("placement.unsuitable_day")


def move_placement(market: Market, placement: int, state: PlacementState, reason: Reason) -> None:
    """Bring a placement or contract into a new state and count the step."""
    row = market.rows("placements")[placement]
    market.placement_transitions[row["state"], state] += 1
    row["state"] = state
    row["reason"] = reason


def file_placement(market: Market, placement: int) -> None:
    """Copy an ended placement into the month's log and give its row back."""
    row = market.rows("placements")[placement]
    row["ended_min"] = market.now_min
    home = market.rows("households")[row["household_row"]]
    home["active_placements"] -= 1
    home["engaged"] &= ~np.uint32(1 << int(row["service"]))
    give_up(market, int(row["household_row"]), int(row["committed_fen"]))
    ended = market.ended_placements
    kept = ended.add()
    ended.rows[kept] = row
    market.table("placements").release(placement)


def engage(market: Market, household: int, service: int) -> None:
    """Note that a household has a placement or contract of a service, so that it needs no second one."""
    home = market.rows("households")[household]
    home["active_placements"] += 1
    home["engaged"] |= np.uint32(1 << service)


class PlacementDesk:
    """Carries placements from the request to their end.

    Attributes:
        on_complaint: Called with the row of a placement, the grievance, whether a contract is clear about it, and the
            price of the worker's last month, fen.
    """

    def __init__(self, market: Market, rules: PlacementRules, visits: VisitDesk) -> None:
        self.market = market
        self.rules = rules
        self.visits = visits
        self.on_complaint: Callable[[int, Grievance, bool, int], None] = lambda *_: None
        market.clock.handle(Kind.SEARCH, self.on_search)
        market.clock.handle(Kind.START, self.on_start)
        market.clock.handle(Kind.END, self.on_end)

    def request(self, household: int, service: int, company: int, key: np.uint64, wanted_min: float) -> int:
        """Open the search for a worker and return the placement's row."""
        placement = self._open(household, service, company, key, wanted_min)
        self._enter_search(placement)
        return placement

    def _open(
        self,
        household: int,
        service: int,
        company: int,
        key: np.uint64,
        wanted_min: float,
        price_fen: int = 0,
    ) -> int:
        """Enter a placement at the firm's price of today, or at one that has been agreed on."""
        market = self.market
        placement = market.add("placements")
        row = market.rows("placements")[placement]
        row["key"], row["service"] = key, service
        row["household_row"], row["company_row"], row["worker_row"] = household, company, NO_ROW
        row["district"] = market.rows("households")["district"][household]
        row["requested_min"], row["wanted_min"] = market.now_min, wanted_min
        row["withdraw_min"] = market.now_min + self.rules.patience_days * MINUTES_PER_DAY
        row["start_min"] = row["ended_min"] = -1.0
        self._agree_on_price(placement, price_fen)
        row["committed_fen"] = commit(market, household, service, int(row["price_fen_per_month"]))
        engage(market, household, service)
        move_placement(market, placement, PlacementState.SEARCHING, Reason.NONE)
        return placement

    def end(self, placement: int, reason: Reason) -> None:
        """End a placement that runs."""
        self._free_worker(placement)
        move_placement(self.market, placement, PlacementState.ENDED, reason)
        file_placement(self.market, placement)

    def go_on(self, before: Record, circle: int, price_fen: int) -> int:
        """Let a placement that a firm has lost go on among acquaintances: same worker, same end."""
        market = self.market
        home, service, key = int(before["household_row"]), int(before["service"]), private_key(before["key"])
        placement = self._open(home, service, circle, key, market.now_min, price_fen)
        self._engage(placement, int(before["worker_row"]))
        market.rows("placements")["went_on"][placement] = 1
        self._start(placement, float(before["end_min"]))
        return placement

    def begin_active(self, placement: int, worker: int) -> None:
        """Let a placement be under way at the period's start (the initial stock)."""
        self._engage(placement, worker)
        self._start(placement)

    def candidate(self, placement: int) -> int:
        """Return the worker whom the firm would present now, or -1."""
        return best_candidate(self.market, placement)[0]

    def on_search(self, placement: int, stamp: int) -> None:
        """Present the firm's best free candidate; agree, go on searching, or give up."""
        market = self.market
        row = market.rows("placements")[placement]
        if row["stamp"] != stamp or row["state"] != PlacementState.SEARCHING:
            return
        if market.now_min >= row["withdraw_min"]:
            self._give_up(placement)
            return
        worker, reason = best_candidate(market, placement)
        row["reason"] = reason
        row["interviews"] += 1
        if worker != NO_ROW and self._household_agrees(placement, worker):
            self._engage(placement, worker)
            start = market.now_min + self.rules.start_lag_days * MINUTES_PER_DAY
            market.clock.at(max(start, float(row["wanted_min"])), Kind.START, placement, int(row["stamp"]))
            return
        if worker != NO_ROW:
            row["reason"] = Reason.HOUSEHOLD_DECLINED
        self._enter_search(placement)

    def on_start(self, placement: int, stamp: int) -> None:
        """Let the worker begin."""
        row = self.market.rows("placements")[placement]
        if row["stamp"] == stamp and row["state"] == PlacementState.AGREED:
            self._start(placement)

    def on_end(self, placement: int, stamp: int) -> None:
        """End a spell, or replace a worker who does not suit."""
        market = self.market
        row = market.rows("placements")[placement]
        if row["stamp"] != stamp or row["state"] != PlacementState.ACTIVE:
            return
        reason = Reason(int(row["reason"]))
        self._free_worker(placement)
        if reason == Reason.UNSUITABLE and row["replacements"] < self._replacements_at_most(placement):
            row["replacements"] += 1
            self._search_again(placement, reason)
            return
        move_placement(market, placement, PlacementState.ENDED, reason or Reason.TERM_ENDED)
        file_placement(market, placement)

    def worker_goes(self, placement: int) -> None:
        """Search for another worker because this one leaves the trade; without a firm nobody is owed another one."""
        market = self.market
        row = market.rows("placements")[placement]
        if row["state"] != PlacementState.ACTIVE:
            self._unbind(placement)
            self._search_again(placement, Reason.WORKER_LEFT)
            return
        if is_informal(market.columns, int(row["company_row"])):
            self.end(placement, Reason.WORKER_LEFT)
            return
        self._free_worker(placement)
        self._search_again(placement, Reason.WORKER_LEFT)

    def suspend(self, placement: int) -> None:
        """Stop counting days while the worker is away."""
        if self.market.rows("placements")["state"][placement] == PlacementState.ACTIVE:
            count_days(self.market, placement)

    def resume(self, placement: int) -> None:
        """Count days again now that the worker is back."""
        self.market.rows("placements")["counted_until_min"][placement] = self.market.now_min

    def settle(self, placement: int) -> None:
        """Bill and pay what has been served until now."""
        if self._is_present(placement):
            count_days(self.market, placement)
        settle_placement(self.market, placement)

    def _replacements_at_most(self, placement: int) -> int:
        """Return how often another worker is owed to the household: by acquaintances never."""
        company = int(self.market.rows("placements")["company_row"][placement])
        return 0 if is_informal(self.market.columns, company) else self.rules.replacements_at_most

    def _give_up(self, placement: int) -> None:
        """End a search: what was served before has ended; else the household withdraws, or nobody could be found."""
        row = self.market.rows("placements")[placement]
        reason = Reason(int(row["reason"])) or Reason.PATIENCE_ENDED
        state = PlacementState.UNSERVED
        if row["start_min"] >= 0.0:
            state = PlacementState.ENDED
        elif reason == Reason.HOUSEHOLD_DECLINED:
            state = PlacementState.WITHDRAWN
        move_placement(self.market, placement, state, reason)
        file_placement(self.market, placement)

    def _agree_on_price(self, placement: int, agreed_fen: int) -> None:
        market = self.market
        row = market.rows("placements")[placement]
        service = market.rows("services")[row["service"]]
        company = market.rows("companies")[row["company_row"]]
        multiplier = float(company["price_multiplier"])
        price = agreed_fen or int(float(service["price_fen"]) * multiplier + 0.5)
        row["price_fen_per_month"] = price
        share = worker_share(market.columns, int(row["service"]), int(row["company_row"]))
        row["wage_fen_per_month"] = int(price * share + 0.5)

    def _enter_search(self, placement: int) -> None:
        market = self.market
        row = market.rows("placements")[placement]
        row["stamp"] += 1
        mean = self.rules.search_step_days * MINUTES_PER_DAY
        step = exponential(mean, market.seed, _STEP, row["key"], np.uint64(row["interviews"]))
        market.clock.at(market.now_min + step, Kind.SEARCH, placement, int(row["stamp"]))

    def _household_agrees(self, placement: int, worker: int) -> bool:
        market = self.market
        key = market.rows("placements")["key"][placement]
        who = market.rows("workers")["key"][worker]
        return uniform(market.seed, _AGREES, key, who) < self.rules.agree_probability

    def _engage(self, placement: int, worker: int) -> None:
        market = self.market
        row = market.rows("placements")[placement]
        who = market.rows("workers")[worker]
        who["moves"] += who["company_row"] != row["company_row"]
        who["company_row"] = row["company_row"]
        find_home(market.columns.workers, market.columns.companies, worker)
        who["status"] = WorkerStatus.PLACED
        who["placement_row"] = placement
        row["worker_row"] = worker
        row["stamp"] += 1
        move_placement(market, placement, PlacementState.AGREED, Reason.NONE)

    def _start(self, placement: int, until_min: float | None = None) -> None:
        """Let the worker begin: for a spell that is drawn now, or until a time that is known."""
        market = self.market
        row = market.rows("placements")[placement]
        if row["start_min"] < 0.0:
            row["start_min"] = market.now_min
        row["worker_since_min"] = row["counted_until_min"] = market.now_min
        row["stint_from_days"] = row["present_days"]
        row["stamp"] += 1
        move_placement(market, placement, PlacementState.ACTIVE, Reason.NONE)
        if until_min is None:
            length, row["reason"] = self._spell(placement)
            until_min = market.now_min + length
        else:
            row["reason"] = Reason.TERM_ENDED
        row["end_min"] = until_min
        market.clock.at(until_min, Kind.END, placement, int(row["stamp"]))

    def _spell(self, placement: int) -> tuple[float, Reason]:
        """Return how long the worker stays, and why the spell will end."""
        market = self.market
        row = market.rows("placements")[placement]
        occasion = np.uint64(row["interviews"])
        if uniform(market.seed, _UNSUITABLE, row["key"], occasion) < self.rules.unsuitable_probability:
            share = uniform(market.seed, _UNSUITABLE_DAY, row["key"], occasion)
            return share * self.rules.trial_days * MINUTES_PER_DAY, Reason.UNSUITABLE
        if market.rows("services")["needs_by"][row["service"]] == NeedsBy.BIRTH:
            days = stay_days(market, placement, self.rules.matron_term_days) - float(row["present_days"])
            return max(0.0, days) * MINUTES_PER_DAY, Reason.TERM_ENDED
        return draw_spell_min(market, int(row["service"]), row["key"], int(occasion)), Reason.TERM_ENDED

    def _is_present(self, placement: int) -> bool:
        row = self.market.rows("placements")[placement]
        if row["state"] != PlacementState.ACTIVE:
            return False
        who = self.market.rows("workers")[row["worker_row"]]
        return not who["absent_from_min"] <= self.market.now_min < who["absent_until_min"]

    def _free_worker(self, placement: int) -> None:
        self.settle(placement)
        row = self.market.rows("placements")[placement]
        who = self.market.rows("workers")[row["worker_row"]]
        who["placed_days"] += row["present_days"] - row["stint_from_days"]
        stint = self.market.stints.add()
        self.market.stints.rows[stint] = (
            row["key"], row["worker_row"], row["wage_fen_per_month"], row["stint_from_days"], row["present_days"],
        )  # fmt: skip
        self._learn(placement)
        self._unbind(placement)

    def _learn(self, placement: int) -> None:
        """Let the household learn from a worker's time with it what the firm is worth."""
        market = self.market
        row = market.rows("placements")[placement]
        if row["present_days"] <= row["stint_from_days"]:
            return
        who = market.rows("workers")[row["worker_row"]]
        quality = float(who["skill_level"]) + float(market.rows("companies")["quality"][row["company_row"]])
        quality += market.visit_rules.quality_sd * normal(market.seed, _QUALITY, row["key"], who["key"])
        quality -= self._judge(placement, quality)
        experience(
            market.columns, market.weights, int(row["household_row"]), int(row["company_row"]), quality, row["key"],
            market.seed,
        )  # fmt: skip

    def _judge(self, placement: int, quality: float) -> float:
        """Let the household judge a worker's time with it; return by how many points it went wrong."""
        market = self.market
        row = market.rows("placements")[placement]
        who = market.rows("workers")[row["worker_row"]]
        service = Service(
            int(row["household_row"]), int(row["company_row"]),
            float(who["skill_level"]) - float(market.weights["reference_quality"][0]), quality, 0.0, False,
            np.uint64(row["key"]), np.uint64(who["key"]),
        )  # fmt: skip
        verdict = judge(market.columns, market.weights, market.judgement, service, market.seed)
        row["judged"] += verdict.satisfaction != Satisfaction.NONE
        row["satisfied"] += verdict.satisfaction >= Satisfaction.FAIRLY
        row["dissatisfied"] += verdict.satisfaction == Satisfaction.DISSATISFIED
        if verdict.complains:
            row["complaints"] += 1
            self.on_complaint(
                placement, Grievance(verdict.grievance), verdict.clear, self._last_month_fen(row)
            )
        return verdict.harm

    @staticmethod
    def _last_month_fen(row: Record) -> int:
        """Return the price of the last month of a worker's time, or of all of it where it was shorter."""
        days = min(float(row["present_days"] - row["stint_from_days"]), DAYS_PER_MONTH)
        return math.floor(float(row["price_fen_per_month"]) * days / DAYS_PER_MONTH)

    def _unbind(self, placement: int) -> None:
        market = self.market
        row = market.rows("placements")[placement]
        who = market.rows("workers")[row["worker_row"]]
        who["status"] = WorkerStatus.IDLE
        who["placement_row"] = NO_ROW
        who["free_at_min"] = market.now_min

    def _search_again(self, placement: int, reason: Reason) -> None:
        market = self.market
        row = market.rows("placements")[placement]
        row["worker_row"] = NO_ROW
        row["withdraw_min"] = market.now_min + self.rules.patience_days * MINUTES_PER_DAY
        row["wanted_min"] = market.now_min
        move_placement(market, placement, PlacementState.SEARCHING, reason)
        self._enter_search(placement)
