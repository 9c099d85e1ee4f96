"""The labour desk: workers enter, go home for the festival and come back, and leave the trade.

Who leaves, and when, is decided at the career desk (:mod:`sim.market.careers`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.informal import is_informal
from sim.clock import DAYS_PER_YEAR, MINUTES_PER_HOUR, Kind
from sim.market.absence import decide_absences
from sim.market.payroll import count_one
from sim.rng import decision, derive, gumbel, stable_key, uniform
from sim.vocabulary import NO_ROW, PlacementState, Reason, WorkerStatus
from sim.world.frame import NEVER_MIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.market.absence import FestivalRules
    from sim.market.contracts import ContractDesk
    from sim.market.market import Market
    from sim.market.placements import PlacementDesk
    from sim.market.pools import PoolDesk
    from sim.market.visits import VisitDesk
    from sim.world.recruits import Recruiter

_ENTERS = decision("entry.arises")
_FIRM = decision("entry.firm")
_NETWORK = stable_key("entry", "network")
_SLOT_LIMIT = 0.5
_ASKED_AGAIN_AFTER_MIN = MINUTES_PER_HOUR  # who is at work finishes the visit first


@dataclass(frozen=True)
class LabourRules:
    """How workers enter and leave the trade.

    Attributes:
        full_firm_vacancies: Vacancies of a firm that has none, as a newcomer who looks for one sees them.
    """

    full_firm_vacancies: float


class LabourDesk:
    """Keeps the workforce.

    Args:
        market: The shared working memory.
        recruiter: Draws the traits of newcomers.
        festival: Rules of absence; ``absent_share`` is by trade.
        rules: How firms take newcomers in.
        pools: How many come from where.
    """

    def __init__(
        self,
        market: Market,
        desks: tuple[VisitDesk, PlacementDesk, ContractDesk],
        recruiter: Recruiter,
        festival: FestivalRules,
        absent_share: np.ndarray,
        rules: LabourRules,
        pools: PoolDesk,
    ) -> None:
        self.market = market
        self.visits, self.placements, self.contracts = desks
        self.recruiter = recruiter
        self.festival = festival
        self.absent_share = absent_share
        self.rules = rules
        self.pools = pools
        self.on_entered: Callable[[int], None] = lambda _worker: None
        self.on_left: Callable[[int], None] = lambda _worker: None
        self.leave_ward: Callable[[int], None] = lambda _worker: None
        clock = market.clock
        clock.handle(Kind.LEAVE, self.on_leave)
        clock.handle(Kind.ABSENCE, self.on_absence)
        clock.handle(Kind.RETURN, self.on_return)

    def open_day(self, day: int) -> None:
        """Renew the index of members, take in newcomers, and decide on the festival when it comes near."""
        self._enter_newcomers(day)
        self.market.reindex_members()
        if self.market.calendar.days_to_spring_festival[day] == self.festival.decision_lead_days:
            self._decide_festival(day + self.festival.decision_lead_days)
        elif day == 0:
            self._join_running_festival()

    def enter(self, key: np.uint64, trade: int, origin: int, base: int, certified: bool) -> int:
        """Take a newcomer into the trade, at a firm with vacancies; return the worker's row."""
        market = self.market
        worker = market.add("workers")
        company = self._firm_for(key)
        rows = market.rows("workers")[worker : worker + 1]
        self.recruiter.fill(rows, key, trade, origin, market.table("companies").used, company)
        row = rows[0]
        self.pools.take(origin, trained=base != NO_ROW)
        row["base_row"] = base
        row["certified"] = max(int(row["certified"]), int(certified))
        row["entered_min"] = row["free_at_min"] = market.now_min
        market.rows("companies")["workers"][company] += 1
        market.entered[row["home_district"]] += 1
        market.entered_in_all += 1
        self.on_entered(worker)
        return worker

    def on_leave(self, worker: int, destination: int) -> None:
        """Let a worker leave the trade, after the visit that he is on; who has left does not leave again."""
        market = self.market
        row = market.rows("workers")[worker]
        if row["status"] == WorkerStatus.LEFT:
            return
        if row["frozen"] > 0:
            market.clock.at(market.now_min + _ASKED_AGAIN_AFTER_MIN, Kind.LEAVE, worker, destination)
            return
        if row["placement_row"] != NO_ROW:
            self.placements.worker_goes(int(row["placement_row"]))
        if row["contracts"] > 0:
            self.contracts.worker_goes(worker)
        self.leave_ward(worker)
        count_one(market.columns.workers, market.columns.companies, worker, market.now_min)
        row["status"] = WorkerStatus.LEFT
        row["left_min"] = market.now_min
        row["destination"] = destination
        self.pools.give_back(int(row["origin"]), destination)
        self.release_plan(worker, Reason.WORKER_LEFT)
        market.left[row["home_district"]] += 1
        market.left_in_all += 1
        self.on_left(worker)

    def on_absence(self, worker: int, _stamp: int) -> None:
        """Let a worker go home: give up the visits of the time away, pause the placement."""
        row = self.market.rows("workers")[worker]
        if row["status"] == WorkerStatus.LEFT:
            return
        if row["frozen"] > 0:
            self.market.clock.at(self.market.now_min + _ASKED_AGAIN_AFTER_MIN, Kind.ABSENCE, worker)
            return
        self.release_plan(worker, Reason.ON_LEAVE)
        if row["placement_row"] != NO_ROW:
            self.placements.suspend(int(row["placement_row"]))

    def on_return(self, worker: int, _stamp: int) -> None:
        """Let a worker come back."""
        market = self.market
        row = market.rows("workers")[worker]
        placement = int(row["placement_row"])
        if placement != NO_ROW and market.rows("placements")["state"][placement] == PlacementState.ACTIVE:
            self.placements.resume(placement)

    def release_plan(self, worker: int, reason: Reason) -> None:
        """Give planned visits back to the firm: those before the end of the worker's absence, all if he has left."""
        row = self.market.rows("workers")[worker]
        until = float(row["absent_until_min"])
        gone = row["status"] == WorkerStatus.LEFT
        planned = row["plan"][: row["plan_length"]].tolist()
        for order in planned:
            if gone or self.market.rows("orders")["earliest_min"][order] < until:
                self.visits.release(worker, order, reason)

    def release_plan_of(self, worker: int, firm: int) -> None:
        """Give a firm its planned visits back, because the worker has left it; private ones stay his."""
        row = self.market.rows("workers")[worker]
        planned = row["plan"][: row["plan_length"]].tolist()
        private = is_informal(self.market.columns, firm)
        for order in planned:
            what = self.market.rows("orders")[order]
            his_own = private and what["regular_row"] == worker
            if what["company_row"] == firm and not his_own:
                self.visits.release(worker, order, Reason.WORKER_LEFT)

    def _enter_newcomers(self, day: int) -> None:
        """Draw today's newcomers: Bernoulli candidates in numbered slots, so that a higher rate adds, not shifts."""
        pools = self.market.table("pools").used
        for origin, (pool, a_year) in enumerate(
            zip(pools["key"], pools["entries_per_year"].tolist(), strict=True)
        ):
            expected = a_year / DAYS_PER_YEAR
            for slot in range(math.ceil(expected / _SLOT_LIMIT)):
                key = derive(derive(derive(_NETWORK, pool), day), slot)
                left_over = min(_SLOT_LIMIT, expected - slot * _SLOT_LIMIT)
                comes = uniform(self.market.seed, _ENTERS, key, np.uint64(0)) < left_over
                if comes and self.pools.has_somebody(origin):
                    self.enter(key, self.recruiter.trade(key), origin, NO_ROW, certified=False)

    def _firm_for(self, key: np.uint64) -> int:
        """Return a firm by a logit draw over vacancies."""
        companies = self.market.table("companies").used
        open_to = np.maximum(
            companies["target_workers"] - companies["workers"], self.rules.full_firm_vacancies
        )
        # Logarithms from `math`: those of NumPy differ in the last bit between processors, and this decides.
        scores = [
            math.log(vacancies) + gumbel(self.market.seed, _FIRM, key, np.uint64(firm))
            for vacancies, firm in zip(open_to.tolist(), companies["key"], strict=True)
        ]
        return int(np.argmax(scores))

    def _decide_festival(self, festival_day: int) -> None:
        market = self.market
        rules = self.festival
        decide_absences(
            market.table("workers").used, self.absent_share, self.recruiter.local_origin, festival_day,
            rules.departures_begin_day, rules.departures_end_day, rules.returns_begin_day,
            rules.return_mean_days, market.seed,
        )  # fmt: skip
        self._enter_absences()

    def _join_running_festival(self) -> None:
        """Decide at once when the period starts between the usual day of decision and the festival's end."""
        ahead = int(self.market.calendar.days_to_spring_festival[0])
        if -self.festival.returns_90_percent_day <= ahead < self.festival.decision_lead_days:
            self._decide_festival(ahead)

    def _enter_absences(self) -> None:
        market = self.market
        workers = market.table("workers").used
        going = workers["absent_until_min"] > market.now_min
        going &= (workers["absent_until_min"] < NEVER_MIN) & (workers["status"] != WorkerStatus.LEFT)
        for worker in np.flatnonzero(going).tolist():
            leave = max(float(workers["absent_from_min"][worker]), market.now_min)
            market.clock.at(leave, Kind.ABSENCE, worker)
            market.clock.at(float(workers["absent_until_min"][worker]), Kind.RETURN, worker)
