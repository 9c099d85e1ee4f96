"""The desk of complaints: firms settle them or not, households let it be or go to a mediator.

A firm that settles gives back part of the price and what was asked for on the spot, and repairs a part of the trust.
Who is turned away drops the matter or takes it to a mediator (a consumer association, the trade's mediation
committee); how likely that succeeds depends on whether a contract shows what had been agreed. With acquaintances
there is no firm: the worker answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.beliefs import hear_of_last_firm
from sim.agents.informal import is_informal
from sim.clock import MINUTES_PER_DAY
from sim.rng import decision, derive, exponential, uniform
from sim.vocabulary import ComplaintState, FirmForm, Grievance, MoneyKind, Sector

if TYPE_CHECKING:
    from sim.data.facts import FactTree
    from sim.market.market import Market
    from sim.state import Record

_SETTLES = decision("complaint.firm_settles")
_GOES_ON = decision("complaint.household_goes_on")
_SUCCEEDS = decision("complaint.mediation_succeeds")
_DELAY = decision("complaint.delay")
_LIVE = (int(ComplaintState.OPEN), int(ComplaintState.DISPUTED))
_ONCE = np.uint64(0)


@dataclass(frozen=True)
class ComplaintRules:
    """How complaints are answered (facts ``complaints.*``).

    Attributes:
        settlement_probability: A firm settles a complaint, by form.
        settlement_days: Mean time until the firm answers.
        refund_share: Part of the price that is given back.
        dispute_probability: A household that was turned away goes to a mediator.
        mediation_days: Mean time that mediation takes.
        success_clear, success_unclear: Mediation ends for the household with and without a clear contract.
        repair_points: Points by which a settlement betters what the household believes of the firm, as a signal.
        grudge_points: Points by which being turned away for good worsens it, as a signal.
    """

    settlement_probability: tuple[float, ...]
    settlement_days: float
    refund_share: float
    dispute_probability: float
    mediation_days: float
    success_clear: float
    success_unclear: float
    repair_points: float
    grudge_points: float

    @classmethod
    def of(cls, facts: FactTree) -> ComplaintRules:
        """Return the rules that stand in the facts."""
        return cls(
            tuple(facts.number(f"complaints.settlement_probability.{f.name.lower()}") for f in FirmForm),
            facts.number("complaints.settlement_days"),
            facts.number("complaints.refund_share"),
            facts.number("complaints.dispute_probability"),
            facts.number("complaints.mediation_days"),
            facts.number("complaints.mediation_success.clear"),
            facts.number("complaints.mediation_success.unclear"),
            facts.number("complaints.repair_points"),
            facts.number("complaints.grudge_points"),
        )

    def refund_fen(self, paid_fen: int, extra_fen: int) -> int:
        """Return what a household gets back of what it paid, and of what was asked for on the spot."""
        return math.floor(self.refund_share * paid_fen + 0.5) + extra_fen


class ComplaintDesk:
    """Carries complaints from the household's call to their end."""

    def __init__(self, market: Market, rules: ComplaintRules) -> None:
        self.market = market
        self.rules = rules

    def on_visit(self, order: int) -> None:
        """Open a complaint about a completed visit."""
        row = self.market.rows("orders")[order]
        complaint = self._open(row, np.uint64(row["key"]), Grievance(int(row["grievance"])))
        complaint["clear"] = row["clear"]
        complaint["paid_fen"] = row["price_fen"] - row["support_fen"]
        complaint["extra_fen"] = row["extra_fen"]

    def on_placement(self, placement: int, grievance: Grievance, clear: bool, paid_fen: int) -> None:
        """Open a complaint about a worker's time with a household."""
        row = self.market.rows("placements")[placement]
        worker = self.market.rows("workers")["key"][row["worker_row"]]
        complaint = self._open(row, derive(row["key"], worker), grievance)
        complaint["clear"], complaint["paid_fen"] = clear, paid_fen

    def open_day(self) -> None:
        """Let firms and mediators decide what is due, by the complaints' keys."""
        table = self.market.table("complaints")
        rows = table.used
        due = np.flatnonzero(np.isin(rows["state"], _LIVE) & (rows["due_min"] <= self.market.now_min))
        for complaint in due[np.argsort(rows["key"][due], kind="stable")].tolist():
            if rows["state"][complaint] == ComplaintState.OPEN:
                self._answer(complaint)
            else:
                self._mediate(complaint)

    def _open(self, about: Record, key: np.uint64, grievance: Grievance) -> Record:
        complaint = self.market.add("complaints")
        row = self.market.rows("complaints")[complaint]
        row["key"], row["state"], row["grievance"] = key, ComplaintState.OPEN, grievance
        for name in ("service", "household_row", "company_row", "worker_row"):
            row[name] = about[name]
        row["opened_min"], row["ended_min"] = self.market.now_min, -1.0
        row["due_min"] = self.market.now_min + self._delay(
            key, self.rules.settlement_days, ComplaintState.OPEN
        )
        self.market.rows("companies")["complaints"][row["company_row"]] += 1
        return row

    def _delay(self, key: np.uint64, days: float, state: ComplaintState) -> float:
        return exponential(days * MINUTES_PER_DAY, self.market.seed, _DELAY, key, np.uint64(state))

    def _answer(self, complaint: int) -> None:
        """Let the firm settle; else the household lets it be or goes to a mediator."""
        market, rules = self.market, self.rules
        row = market.rows("complaints")[complaint]
        form = int(market.rows("companies")["form"][row["company_row"]])
        if uniform(market.seed, _SETTLES, row["key"], _ONCE) < rules.settlement_probability[form]:
            self._end(complaint, ComplaintState.SETTLED, rules.repair_points)
        elif uniform(market.seed, _GOES_ON, row["key"], _ONCE) < rules.dispute_probability:
            row["state"] = ComplaintState.DISPUTED
            row["due_min"] = market.now_min + self._delay(
                np.uint64(row["key"]), rules.mediation_days, ComplaintState.DISPUTED
            )
            market.rows("companies")["disputes"][row["company_row"]] += 1
        else:
            self._end(complaint, ComplaintState.DROPPED, -rules.grudge_points)

    def _mediate(self, complaint: int) -> None:
        row = self.market.rows("complaints")[complaint]
        success = self.rules.success_clear if row["clear"] else self.rules.success_unclear
        if uniform(self.market.seed, _SUCCEEDS, row["key"], _ONCE) < success:
            self._end(complaint, ComplaintState.MEDIATED, 0.0)
        else:
            self._end(complaint, ComplaintState.DROPPED, -self.rules.grudge_points)

    def _end(self, complaint: int, state: ComplaintState, trust_points: float) -> None:
        """File a complaint that has ended, with the refund and with what the household now thinks of the firm."""
        market = self.market
        row = market.rows("complaints")[complaint]
        row["state"], row["ended_min"] = state, market.now_min
        if state != ComplaintState.DROPPED:
            row["refund_fen"] = self.rules.refund_fen(int(row["paid_fen"]), int(row["extra_fen"]))
            self._refund(row)
        if trust_points:
            hear_of_last_firm(
                market.columns,
                market.weights,
                int(row["household_row"]),
                int(row["company_row"]),
                trust_points,
            )
        kept = market.ended_complaints.add()
        market.ended_complaints.rows[kept] = row
        market.table("complaints").release(complaint)
        row["state"] = ComplaintState.NONE

    def _refund(self, row: Record) -> None:
        market = self.market
        company = int(row["company_row"])
        payer = (Sector.COMPANY, company)
        if is_informal(market.columns, company):
            payer = (Sector.WORKER, int(row["worker_row"]))
        household = (Sector.HOUSEHOLD, int(row["household_row"]))
        market.ledger.transfer(
            market.world.tables, payer, household, MoneyKind.REFUND, int(row["refund_fen"])
        )
        market.rows("companies")["refunds"][company] += 1
