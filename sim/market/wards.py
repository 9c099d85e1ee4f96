"""The ward desk: carers who work in the houses of care institutions, hired from the labour market.

An institution's carers are workers of its own firm. Every month it brings them to what the staff norm asks for its
residents, a reserve included: whom it does not need goes back to its home-care service; whom it lacks it takes from
that service, and then from the carers of other firms who are free and would rather have its wage and insurance than
what they remember of their own months. What it cannot find it goes without, and then admits nobody beyond the norm.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.career import insured, net_fen
from sim.clock import MONTHS_PER_YEAR
from sim.compiled import entry, kernel
from sim.market.spells import residence_service
from sim.rng import combine, decision, derive, gumbel
from sim.state import Record, Rows
from sim.vocabulary import NO_ROW, MoneyKind, Sector, WorkerStatus
from sim.world.draws import lots

if TYPE_CHECKING:
    from sim.market.careers import CareerDesk
    from sim.market.market import Market
    from sim.market.payroll import PayrollRules
    from sim.world.staff_norm import StaffNorm

_NO_ROW = NO_ROW
_IDLE, _STAFF = int(WorkerStatus.IDLE), int(WorkerStatus.STAFF)
_ALL_VACANCIES = decision("ward.works_there_initially")
_CALLED = decision("ward.called_in")
_RELEASED = decision("ward.released")
_APPLIES = decision("ward.applies")
_WHERE = decision("ward.applies_where")
_HIRED = decision("ward.hired")
_STAY_KEY = np.uint64(0)
_TAKE_KEY = np.uint64(1)


@kernel
def is_free(who: Record, service: int, health_class: int, now_min: float) -> bool:
    """Whether a worker can begin in a house now: has the skill and the health examination, is there, serves nobody."""
    if who.status != _IDLE or who.contracts > 0 or who.plan_length > 0 or who.company_row == _NO_ROW:
        return False
    if who.absent_from_min <= now_min < who.absent_until_min or who.health_class < health_class:
        return False
    return (who.skills >> np.uint32(service)) & np.uint32(1) == 1


@entry
@kernel
def list_free(workers: Rows, service: int, health_class: int, now_min: float, free: np.ndarray) -> None:
    """Write for every worker whether he can begin in a house now."""
    for w in range(len(workers)):
        free[w] = is_free(workers[w], service, health_class, now_min)


@kernel
def would_change(
    who: Record, own: Record, rules: Record, wage_fen: float, occasion: np.uint64, seed: np.uint64
) -> bool:
    """Whether a free carer would rather work in a house this month: the odds of a change of firm at what it pays."""
    rate = rules.move_rate_per_year[own.form] / MONTHS_PER_YEAR
    if rate <= 0.0:
        return False
    value = math.log(rate) + rules.insurance_hold * (1.0 - insured(who, own.form))
    if who.months_seen > 0:
        rent = rules.dormitory_rent_share * rules.rent_fen_per_month
        there = max(wage_fen - rent, rules.least_net_fen_per_month)
        value += rules.firm_pay_elasticity * math.log(there / net_fen(who, rules, own.form))
    stay = gumbel(seed, _APPLIES, combine(who.key, _STAY_KEY), occasion)
    return value + gumbel(seed, _APPLIES, combine(who.key, _TAKE_KEY), occasion) > stay


@entry
@kernel
def apply_for_work(
    workers: Rows,
    companies: Rows,
    institutions: Rows,
    rules: Rows,
    vacancies: np.ndarray,
    free: np.ndarray,
    wage_fen: float,
    willing: bool,
    occasion: np.uint64,
    seed: np.uint64,
    where: np.ndarray,
) -> None:
    """Write for every worker the institution that he applies to, by the logit of its vacancies, or -1.

    With ``willing`` every free carer of another firm applies (the state that a long past would have left).
    """
    for w in range(len(workers)):
        who = workers[w]
        where[w] = _NO_ROW
        if not free[w]:
            continue
        own = companies[who.company_row]
        if own.institution_row != _NO_ROW:
            continue
        if not willing and not would_change(who, own, rules[0], wage_fen, occasion, seed):
            continue
        best = -math.inf
        for home in range(len(institutions)):
            if vacancies[home] <= 0:
                continue
            key = combine(who.key, institutions[home].key)
            score = math.log(float(vacancies[home])) + gumbel(seed, _WHERE, key, occasion)
            if score > best:
                best, where[w] = score, home


class WardDesk:
    """Keeps the carers of institutions' houses.

    Args:
        market: The shared working memory.
        careers: The desk that lets workers change the firm.
        norm: Residents per carer.
        payroll: What carers and their insurance cost.
    """

    def __init__(self, market: Market, careers: CareerDesk, norm: StaffNorm, payroll: PayrollRules) -> None:
        self.market = market
        self.careers = careers
        self.norm = norm
        self.payroll = payroll
        self.service = residence_service(market)
        careers.labour.leave_ward = self.leave

    def begin(self) -> None:
        """Staff the houses as a long past would have: with their own carers, then with whoever is free."""
        if self.service != NO_ROW:
            self.market.table("institutions").used["staff"] = 0
            self._fill(np.uint64(0), _ALL_VACANCIES, willing=True)

    def open_month(self, day: int) -> None:
        """Bring the carers of every house to what it wants, as far as they are to be found."""
        if self.service == NO_ROW or day == 0:
            return
        today = self.market.calendar.date_of(day)
        self._fill(np.uint64(MONTHS_PER_YEAR * today.year + today.month), _HIRED, willing=False)

    def pay(self) -> None:
        """Pay every carer of a house, and his insurance, until now."""
        workers = self.market.table("workers").used
        for worker in np.flatnonzero(workers["status"] == WorkerStatus.STAFF).tolist():
            self._settle(worker)

    def leave(self, worker: int) -> None:
        """End a worker's time in a house, if he works in one; he is then free in its home-care service."""
        market = self.market
        row = market.rows("workers")[worker]
        if row["status"] != WorkerStatus.STAFF:
            return
        self._settle(worker)
        institution = self._house_of(worker)
        kept = market.ward_stints.add()
        market.ward_stints.rows[kept] = (worker, institution, row["ward_since_min"], market.now_min)
        market.rows("institutions")["staff"][institution] -= 1
        row["status"] = WorkerStatus.IDLE
        row["free_at_min"] = market.now_min
        row["ward_paid_fen"] = row["ward_insured_fen"] = 0

    def _fill(self, occasion: np.uint64, hires: np.uint64, *, willing: bool) -> None:
        vacancies = self._vacancies()
        self._release(vacancies, occasion)
        self._call_in(vacancies, occasion)
        self._hire(vacancies, occasion, hires, willing)
        self.market.reindex_members()

    def _vacancies(self) -> Rows:
        """Return the carers that each house lacks; negative where it has more than it wants."""
        homes = self.market.table("institutions").used
        pairs = zip(homes["by_degree"].tolist(), homes["beds"].tolist(), strict=True)
        wanted = np.array([self.norm.wanted(degrees, beds) for degrees, beds in pairs], np.int64)
        return wanted - homes["staff"]

    def _release(self, vacancies: Rows, occasion: np.uint64) -> None:
        workers = self.market.table("workers").used
        inside = np.flatnonzero(workers["status"] == WorkerStatus.STAFF)
        for worker in self._by_lot(inside, occasion, _RELEASED):
            house = self._house_of(worker)
            if vacancies[house] < 0:
                self.leave(worker)
                vacancies[house] += 1

    def _call_in(self, vacancies: Rows, occasion: np.uint64) -> None:
        """Let carers of the institution's own home-care service who are free work in its house."""
        market = self.market
        seeking = market.rows("institutions")["company_row"][np.flatnonzero(vacancies > 0)]
        own = self._free() & np.isin(market.table("workers").used["company_row"], seeking)
        for worker in self._by_lot(np.flatnonzero(own), occasion, _CALLED):
            house = self._house_of(worker)
            if vacancies[house] > 0:
                self._begin(worker)
                vacancies[house] -= 1

    def _hire(self, vacancies: Rows, occasion: np.uint64, hires: np.uint64, willing: bool) -> None:
        """Take carers of other firms who apply, by lot; they change the firm."""
        market = self.market
        workers, homes = market.table("workers").used, market.table("institutions").used
        where = np.full(len(workers), NO_ROW, np.int64)
        apply_for_work(
            workers, market.table("companies").used, homes, self.careers.rules, vacancies, self._free(),
            float(self.payroll.staff_wage_fen_per_month), willing, occasion, market.seed, where,
        )  # fmt: skip
        taken = []
        for worker in self._by_lot(np.flatnonzero(where != NO_ROW), occasion, hires):
            if vacancies[where[worker]] > 0:
                vacancies[where[worker]] -= 1
                taken.append(worker)
        firms = np.where(where == NO_ROW, NO_ROW, homes["company_row"][where])
        self.careers.move(taken, firms)
        for worker in taken:
            homes["hired"][where[worker]] += 1
            self._begin(worker)

    def _free(self) -> Rows:
        market = self.market
        workers = market.table("workers").used
        free = np.zeros(len(workers), np.bool_)
        health_class = int(market.rows("services")["health_class"][self.service])
        list_free(workers, self.service, health_class, market.now_min, free)
        return free

    def _by_lot(self, workers: Rows, occasion: np.uint64, what: np.uint64) -> list[int]:
        keys = self.market.rows("workers")["key"][workers]
        order = np.argsort(lots(keys, self.market.seed, derive(what, occasion)), kind="stable")
        ordered: list[int] = workers[order].tolist()
        return ordered

    def _begin(self, worker: int) -> None:
        market = self.market
        row = market.rows("workers")[worker]
        row["status"] = WorkerStatus.STAFF
        row["ward_since_min"] = market.now_min
        row["ward_paid_fen"] = row["ward_insured_fen"] = 0
        market.rows("institutions")["staff"][self._house_of(worker)] += 1

    def _house_of(self, worker: int) -> int:
        market = self.market
        company = market.rows("workers")["company_row"][worker]
        return int(market.rows("companies")["institution_row"][company])

    def _settle(self, worker: int) -> None:
        """Pay a carer and his insurance for the time in the house until now."""
        market, rules = self.market, self.payroll
        row = market.rows("workers")[worker]
        minutes = market.now_min - float(row["ward_since_min"])
        house = (Sector.INSTITUTION, self._house_of(worker))
        for payee, kind, column, owed in (
            ((Sector.WORKER, worker), MoneyKind.STAFF_WAGE, "ward_paid_fen", rules.staff_wage_fen(minutes)),
            ((Sector.GOVERNMENT, 0), MoneyKind.SOCIAL_INSURANCE, "ward_insured_fen", rules.insurance_fen(minutes)),
        ):  # fmt: skip
            due = owed - int(row[column])
            market.ledger.transfer(market.world.tables, house, payee, kind, due)
            row[column] += due
