"""Audits: what must be true of a run, recomputed from the records and compared with what the engine kept.

Each check works the other way round than the engine: the engine counts and books at the event, the audit adds up the
rows of the orders, placements and residents. Both must agree to the last fen and order. A difference is a fault of the
simulator and stops the run with the place and the amount.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_MONTH
from sim.errors import AuditError
from sim.market.audit_books import BookAudit
from sim.market.audit_complaints import ComplaintAudit
from sim.market.audit_informal import check_informal, check_leaving
from sim.market.audit_means import check_kin, check_means
from sim.market.audit_sums import add_at, agree, padded
from sim.market.audit_support import check_support
from sim.market.audit_wards import check_wards, take_in_stints
from sim.market.orders import ALLOWED
from sim.state import KINDS_OF_MONEY, STINT, Rows
from sim.vocabulary import (
    NO_ROW,
    FirmForm,
    MoneyKind,
    OrderState,
    PlacementState,
    ServiceForm,
    Tally,
    WorkerStatus,
)
from sim.world.frame import NEVER_MIN

if TYPE_CHECKING:
    from sim.market.complaints import ComplaintRules
    from sim.market.market import Market
    from sim.market.overheads import OverheadRules
    from sim.market.payroll import PayrollRules

_ENDS = {
    Tally.COMPLETED: OrderState.COMPLETED,
    Tally.CANCELLED: OrderState.CANCELLED,
    Tally.UNSERVED: OrderState.UNSERVED,
}
_TOLERANCE_MIN = 1e-6


def _allowed_placement_steps() -> Rows:
    s = PlacementState
    steps = {
        s.NONE: (s.SEARCHING,),
        s.SEARCHING: (s.AGREED, s.ACTIVE, s.ENDED, s.WITHDRAWN, s.UNSERVED),
        s.AGREED: (s.ACTIVE, s.SEARCHING),
        s.ACTIVE: (s.SEARCHING, s.ENDED),
    }
    allowed = np.zeros((len(s), len(s)), np.int8)
    for before, afters in steps.items():
        allowed[before, list(afters)] = 1
    return allowed


ALLOWED_PLACEMENT_STEPS = _allowed_placement_steps()
"""1 where a placement or contract may step from state (row) to state (column)."""


class Auditor:
    """Adds up ended rows month by month and compares them with the engine's accounts.

    Attributes:
        orders_by: Ended orders by (service, district, tally).
        household_fen, company_fen, worker_fen: Owed so far from ended rows, by row and kind.
        service_min, travel_min: Minutes of ended visits by worker.
        ward_fen: Cost of ended times in institutions' houses by institution: (wages, insurance).
        carer_fen: Wages of ended times in houses by worker.
    """

    def __init__(
        self,
        market: Market,
        payroll: PayrollRules | None = None,
        overheads: OverheadRules | None = None,
        complaints: ComplaintRules | None = None,
    ) -> None:
        self.market = market
        self.payroll = payroll
        self.books = None if overheads is None else BookAudit(market, overheads)
        self.complaints = None if complaints is None else ComplaintAudit(market, complaints)
        services, districts = market.table("services").size, market.table("districts").size
        self.orders_by = np.zeros((services, districts, len(Tally)), np.int64)
        self.household_fen = np.zeros((market.table("households").size, KINDS_OF_MONEY), np.int64)
        self.company_fen = np.zeros((market.table("companies").size, KINDS_OF_MONEY), np.int64)
        self.worker_fen = np.zeros((0, KINDS_OF_MONEY), np.int64)
        self.service_min = np.zeros(0)
        self.travel_min = np.zeros(0)
        self.ward_fen = np.zeros((market.table("institutions").size, 2), np.int64)
        self.carer_fen = np.zeros(0, np.int64)
        self.employed_min = np.zeros(market.table("companies").size)
        self.audited_min = 0.0
        self.claim_fen = np.zeros(0, np.int64)
        self.residents_support_fen = 0
        self.initial_workers = market.table("workers").size
        self.passed: dict[str, int] = {}

    def run(self) -> None:
        """Take in what has ended since the last call and check everything.

        Raises:
            AuditError: Something does not agree.
        """
        self._take_in_orders()
        self._take_in_placements()
        self._take_in_residents()
        self._take_in_employments()
        if self.complaints is not None:
            self.complaints.take_in(self.household_fen, self.company_fen, self.worker_fen)
        for check in (
            self.check_transitions,
            self.check_orders,
            self.check_money,
            self.check_hours,
            self.check_persons,
            self.check_placements,
            self.check_informal,
            self.check_complaints,
            self.check_books,
            self.check_payroll,
            self.check_plans,
            self.check_means,
        ):
            check()
            self.passed[check.__name__.removeprefix("check_")] = (
                self.passed.get(check.__name__.removeprefix("check_"), 0) + 1
            )

    def check_means(self) -> None:
        """What households have set aside agrees, no budget is overdrawn, and kin give the time that they have."""
        if self.market.placement_rules is not None:
            check_means(self.market)
            check_kin(self.market)

    def check_informal(self) -> None:
        """Work without a firm is paid to the worker alone."""
        check_informal(self.market)
        check_leaving(self.market, self.audited_min)

    def check_complaints(self) -> None:
        """Complaints are conserved and extra charges have a cause."""
        if self.complaints is not None:
            self.complaints.check()

    def check_transitions(self) -> None:
        """No order has taken a step that the state machine forbids."""
        illegal = np.argwhere((self.market.transitions > 0) & (ALLOWED == 0))
        if len(illegal):
            before, after = (OrderState(int(state)).name for state in illegal[0])
            raise AuditError(f"orders: {before} -> {after} is no legal step but has happened")

    def check_orders(self) -> None:
        """Requested = completed + cancelled + unserved + open, by service and district and by company."""
        market = self.market
        orders = market.table("orders").used
        live = orders[(orders["state"] > OrderState.NONE) & (orders["state"] < OrderState.COMPLETED)]
        counted = self.orders_by.copy()
        add_at(counted, (live["service"], live["district"], int(Tally.REQUESTED)), 1)
        agree("orders by (service, district, tally)", counted, market.tallies)
        by_state = np.bincount(live["state"], minlength=len(OrderState))
        flows = market.transitions.sum(axis=0) - market.transitions.sum(axis=1)
        for state in range(int(OrderState.OPEN), int(OrderState.COMPLETED)):
            if by_state[state] != flows[state]:
                raise AuditError(
                    f"orders: {by_state[state]} rows are {OrderState(state).name}, the steps say {flows[state]}"
                )
        companies = market.table("companies").used
        ended = companies["completed"] + companies["cancelled"] + companies["unserved"]
        still = np.bincount(live["company_row"], minlength=len(companies))
        agree("orders requested by company", ended + still, companies["requested"])
        waiting = np.bincount(live["company_row"][live["state"] == OrderState.OPEN], minlength=len(companies))
        agree("orders in a company's queue", waiting, companies["open_orders"])

    def check_money(self) -> None:
        """Every account holds what its orders, placements and stays add up to."""
        market = self.market
        household, company, worker = self._owed()
        agree("household's account by kind", household, market.table("households").used["money_fen"])
        kinds = [MoneyKind.SERVICE, MoneyKind.WAGE, MoneyKind.SUBSIDY, MoneyKind.REFUND]
        held = market.table("companies").used["money_fen"]
        agree("company's account by kind", company[:, kinds], held[:, kinds])
        held = market.table("workers").used["money_fen"]
        kinds = [MoneyKind.WAGE, MoneyKind.REFUND]
        agree("worker's wages and refunds", worker[:, kinds], held[:, kinds])
        self._check_sums()
        self._claims_grow()
        for_stays = self.residents_support_fen + int(_inside(market)["support_fen"].sum())
        check_support(market, self.claim_fen, int(company[:, MoneyKind.SUBSIDY].sum()), for_stays)

    def check_hours(self) -> None:
        """Workers' minutes are those of their ended visits, and no visit ends before it starts."""
        workers = self.market.table("workers").used
        for name, counted in (("service_min", self.service_min), ("travel_min", self.travel_min)):
            wrong = np.flatnonzero(np.abs(workers[name] - padded(counted, len(workers))) > 1e-3)
            if len(wrong):
                raise AuditError(
                    f"hours: worker {wrong[0]} has {workers[name][wrong[0]]} {name}, "
                    f"his visits add up to {padded(counted, len(workers))[wrong[0]]}"
                )

    def check_persons(self) -> None:
        """Workers, placements and residents are conserved, and nobody is in two places."""
        market = self.market
        workers = market.table("workers").used
        placements = market.table("placements").used
        recurring = market.rows("services")["form"][placements["service"]] == ServiceForm.RECURRING
        held = (placements["state"] == PlacementState.ACTIVE) | (placements["state"] == PlacementState.AGREED)
        engaged = placements["worker_row"][held & ~recurring]
        if len(np.unique(engaged)) != len(engaged):
            raise AuditError("persons: a worker holds two placements")
        gone = int(np.count_nonzero(workers["status"] == WorkerStatus.LEFT))
        if (
            gone != self.market.left_in_all
            or len(workers) != self.initial_workers + self.market.entered_in_all
        ):
            raise AuditError(
                f"persons: of {len(workers)} workers ever {gone} have left; counted were {self.initial_workers} at the "
                f"start, {self.market.entered_in_all} entries and {self.market.left_in_all} exits"
            )
        placed = np.flatnonzero(workers["status"] == WorkerStatus.PLACED)
        if not np.array_equal(np.sort(engaged), placed):
            odd = np.setxor1d(engaged, placed)
            raise AuditError(
                f"persons: worker {odd[0]} is placed without a placement, or the other way round"
            )
        homes = market.table("institutions").used
        residents = market.table("residents").used
        inside = residents["institution_row"][residents["ended_min"] == NEVER_MIN]
        agree("residents by institution", np.bincount(inside, minlength=len(homes)), homes["residents"])
        over = np.flatnonzero(homes["residents"] > homes["beds"])
        if len(over):
            raise AuditError(f"persons: institution {over[0]} has more residents than beds")
        contracts = placements[recurring & (placements["state"] == PlacementState.ACTIVE)]
        held_by = np.bincount(contracts["worker_row"], minlength=len(workers))
        agree("contracts by worker", held_by, workers["contracts"])
        slots = np.zeros(len(workers), np.uint32)
        np.bitwise_or.at(slots, contracts["worker_row"], contracts["slots"])
        agree("reserved slots by worker", slots, workers["reserved_slots"])
        inside = np.bincount(
            residents["household_row"][residents["ended_min"] == NEVER_MIN],
            minlength=market.table("households").size,
        )
        agree("residents by household", inside, market.table("households").used["residents"])

    def check_payroll(self) -> None:
        """Insurance and staff are paid for the time that workers were with a firm or in an institution's house."""
        if self.payroll is not None:
            self._check_insurance(self.payroll)
            self._check_staff(self.payroll)

    def check_books(self) -> None:
        """Overheads are paid for the time and revenue that firms have had, and their profits are filed."""
        if self.books is not None:
            self.books.check(self._owed()[1], self.audited_min)

    def _check_insurance(self, rules: PayrollRules) -> None:
        market = self.market
        workers, companies = market.table("workers").used, market.table("companies").used
        employed = np.flatnonzero(workers["company_row"] != NO_ROW)
        begin = np.maximum(workers["entered_min"][employed], workers["employed_since_min"][employed])
        begin = np.maximum(begin, 0.0)
        minutes = np.minimum(workers["left_min"][employed], market.now_min) - begin
        by_company = np.bincount(workers["company_row"][employed], weights=minutes, minlength=len(companies))
        by_company += padded(self.employed_min, len(companies))
        paid = -companies["money_fen"][:, MoneyKind.SOCIAL_INSURANCE]
        for company in range(len(companies)):
            insures = companies["form"][company] == FirmForm.EMPLOYEE_BASED
            owed = rules.insurance_fen(float(by_company[company])) if insures else 0
            # Both sides add up the same minutes in another sequence; the last fen may round apart.
            if abs(owed - paid[company]) > 1:
                raise AuditError(
                    f"money: company {company} has paid {paid[company]} fen of social insurance and owes {owed}"
                )

    def _check_staff(self, rules: PayrollRules) -> None:
        take_in_stints(self.market, rules, self.ward_fen, self.carer_fen)
        check_wards(self.market, rules, self.ward_fen, self.carer_fen)
        self.audited_min = self.market.now_min

    def check_placements(self) -> None:
        """Placements take legal steps only, and as many rows stand in each state as the steps say."""
        steps = self.market.placement_transitions
        illegal = np.argwhere((steps > 0) & (ALLOWED_PLACEMENT_STEPS == 0))
        if len(illegal):
            before, after = (PlacementState(int(state)).name for state in illegal[0])
            raise AuditError(f"placements: {before} -> {after} is no legal step but has happened")
        rows = self.market.table("placements").used
        live = (rows["state"] >= PlacementState.SEARCHING) & (rows["state"] <= PlacementState.ACTIVE)
        by_state = np.bincount(rows["state"][live], minlength=len(PlacementState))
        flows = steps.sum(axis=0) - steps.sum(axis=1)
        for state in (PlacementState.SEARCHING, PlacementState.AGREED, PlacementState.ACTIVE):
            if by_state[state] != flows[state]:
                raise AuditError(
                    f"placements: {by_state[state]} rows are {state.name}, the steps say {flows[state]}"
                )

    def check_plans(self) -> None:
        """Every assigned or begun order stands in exactly one plan, its worker's."""
        market = self.market
        orders = market.table("orders").used
        bound = (orders["state"] >= OrderState.ASSIGNED) & (orders["state"] <= OrderState.IN_SERVICE)
        seen = np.zeros(len(orders), np.int64)
        workers = market.table("workers").used
        for worker in np.flatnonzero(workers["plan_length"]).tolist():
            planned = workers["plan"][worker][: workers["plan_length"][worker]]
            np.add.at(seen, planned, 1)
            if np.any(orders["worker_row"][planned] != worker):
                raise AuditError(f"plans: worker {worker} has an order in his plan that is not his")
        agree("places in plans by order", bound.astype(np.int64), seen)

    def _take_in_orders(self) -> None:
        rows = self.market.ended_orders.used
        self._grow()
        for tally, state in _ENDS.items():
            ended = rows[rows["state"] == state]
            add_at(self.orders_by, (ended["service"], ended["district"], int(tally)), 1)
        add_at(self.orders_by, (rows["service"], rows["district"], int(Tally.REQUESTED)), 1)
        done = rows[rows["state"] == OrderState.COMPLETED]
        self._check_visits(done)
        self._book(
            done["household_row"],
            done["company_row"],
            MoneyKind.SERVICE,
            done["price_fen"] - done["support_fen"] + done["extra_fen"],
        )
        add_at(self.company_fen, (done["company_row"], int(MoneyKind.SUBSIDY)), done["support_fen"])
        self._claims_grow()
        claimed = done[done["claim_row"] != NO_ROW]
        add_at(self.claim_fen, claimed["claim_row"], claimed["support_fen"])
        wage = done["wage_fen"] + done["extra_fen"]
        add_at(self.company_fen, (done["company_row"], int(MoneyKind.WAGE)), -wage)
        add_at(self.worker_fen, (done["worker_row"], int(MoneyKind.WAGE)), wage)
        add_at(self.service_min, done["worker_row"], done["finish_min"] - done["start_min"])
        add_at(self.travel_min, done["worker_row"], done["arrive_min"] - done["depart_min"])

    def _take_in_employments(self) -> None:
        left = self.market.employments.used
        self.employed_min = padded(self.employed_min, self.market.table("companies").size)
        add_at(self.employed_min, left["company_row"], left["to_min"] - left["from_min"])

    def _take_in_placements(self) -> None:
        _pay_stints(self.worker_fen, self.market.stints.used)
        self._book_placements(self.market.ended_placements.used, self.household_fen, self.company_fen)

    def _take_in_residents(self) -> None:
        rows = self.market.ended_residents.used
        add_at(
            self.household_fen,
            (rows["household_row"], int(MoneyKind.CARE_FEE)),
            rows["support_fen"] - _fees(rows),
        )
        self.residents_support_fen += int(rows["support_fen"].sum())

    def _claims_grow(self) -> None:
        self.claim_fen = padded(self.claim_fen, self.market.table("claims").size)

    def _owed(self) -> tuple[Rows, Rows, Rows]:
        """Return what is owed with the live placements and residents added to what has ended."""
        market = self.market
        household, company = self.household_fen.copy(), self.company_fen.copy()
        placements = market.table("placements").used
        live = (placements["state"] >= PlacementState.SEARCHING) & (
            placements["state"] <= PlacementState.ACTIVE
        )
        self._book_placements(placements[live], household, company)
        inside = _inside(market)
        add_at(
            household,
            (inside["household_row"], int(MoneyKind.CARE_FEE)),
            inside["support_fen"] - _fees(inside),
        )
        worker = self.worker_fen.copy()
        _pay_stints(worker, _running_stints(placements))
        return household, company, worker

    def _book_placements(self, rows: Rows, household: Rows, company: Rows) -> None:
        begun = rows[(rows["start_min"] >= 0.0)]
        price = np.floor(begun["price_fen_per_month"] * begun["present_days"] / DAYS_PER_MONTH).astype(
            np.int64
        )
        wage = np.floor(begun["wage_fen_per_month"] * begun["present_days"] / DAYS_PER_MONTH).astype(np.int64)
        add_at(household, (begun["household_row"], int(MoneyKind.SERVICE)), -price)
        add_at(company, (begun["company_row"], int(MoneyKind.SERVICE)), price)
        add_at(company, (begun["company_row"], int(MoneyKind.WAGE)), -wage)

    def _book(self, household: Rows, company: Rows, kind: MoneyKind, amount: Rows) -> None:
        add_at(self.household_fen, (household, int(kind)), -amount)
        add_at(self.company_fen, (company, int(kind)), amount)

    def _check_visits(self, done: Rows) -> None:
        """Ended visits run forward in time and no worker serves two at once."""
        steps = ("placed_min", "depart_min", "arrive_min", "start_min", "finish_min")
        for first, second in pairwise(steps):
            wrong = np.flatnonzero(done[first] > done[second] + _TOLERANCE_MIN)
            if len(wrong):
                raise AuditError(f"hours: an order has {first} after {second}: {done[wrong[0]]['key']}")
        by_worker = done[np.lexsort((done["depart_min"], done["worker_row"]))]
        same = by_worker["worker_row"][1:] == by_worker["worker_row"][:-1]
        overlap = same & (by_worker["depart_min"][1:] < by_worker["finish_min"][:-1] - _TOLERANCE_MIN)
        if overlap.any():
            worker = by_worker["worker_row"][1:][overlap][0]
            raise AuditError(f"hours: worker {worker} serves two households at once")

    def _check_sums(self) -> None:
        """Money only moves: all accounts of a kind add up to zero."""
        tables = self.market.world.tables
        total = self.market.ledger.singles.sum(axis=0)
        for name in ("households", "workers", "companies", "bases", "institutions"):
            total = total + tables[name].used["money_fen"].sum(axis=0)
        if np.any(total != 0):
            kind = int(np.flatnonzero(total)[0])
            raise AuditError(
                f"money: accounts of kind {MoneyKind(kind).name} sum to {total[kind]} fen, not 0"
            )

    def _grow(self) -> None:
        size = self.market.table("workers").size
        self.worker_fen = padded(self.worker_fen, size)
        self.service_min = padded(self.service_min, size)
        self.travel_min = padded(self.travel_min, size)
        self.carer_fen = padded(self.carer_fen, size)


def _inside(market: Market) -> Rows:
    """Return the residents whose stay goes on."""
    residents = market.table("residents").used
    return residents[residents["ended_min"] == NEVER_MIN]


def _fees(rows: Rows) -> Rows:
    return np.floor(rows["fee_fen_per_month"] * rows["present_days"] / DAYS_PER_MONTH).astype(np.int64)


def _pay_stints(worker_fen: Rows, stints: Rows) -> None:
    """Add what workers earned in their parts of placements; a placement's wages are rounded down day by day."""
    wage = stints["wage_fen_per_month"]
    until = np.floor(wage * stints["to_days"] / DAYS_PER_MONTH)
    before = np.floor(wage * stints["from_days"] / DAYS_PER_MONTH)
    add_at(worker_fen, (stints["worker_row"], int(MoneyKind.WAGE)), (until - before).astype(np.int64))


def _running_stints(placements: Rows) -> Rows:
    """Return the parts of placements that workers serve now, until the last count of days."""
    active = placements[
        (placements["state"] == PlacementState.ACTIVE) & (placements["wage_fen_per_month"] > 0)
    ]
    stints = np.zeros(len(active), STINT)
    stints["placement_key"] = active["key"]
    stints["to_days"], stints["from_days"] = active["present_days"], active["stint_from_days"]
    stints["worker_row"], stints["wage_fen_per_month"] = active["worker_row"], active["wage_fen_per_month"]
    return stints
