"""The desk of going private: pairs of a household and its regular worker that go on without the firm.

What they had through the firm ends and is settled to the day; the same work goes on among acquaintances of the
household's district, with the same worker and until the same end. The worker goes along where nothing else ties him to
the firm. Where a district has no circle of acquaintances (at small scales) nobody leaves.
"""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.leaving import LEAVING, decide_leaving
from sim.clock import DAYS_PER_MONTH, MONTHS_PER_YEAR
from sim.market.employment import change_firm
from sim.rng import decision, uniform
from sim.state import Rows
from sim.vocabulary import NO_ROW, FirmForm, Reason, ServiceForm, WorkerStatus

if TYPE_CHECKING:
    from sim.data.facts import FactTree
    from sim.market.contracts import ContractDesk
    from sim.market.market import Market
    from sim.market.placements import PlacementDesk
    from sim.state import Record

_CIRCLE = decision("placement.private_circle")
_FEN_PER_YUAN = 100


def leaving_rules(facts: FactTree) -> Rows:
    """Return the rules of leaving a firm from the facts ``private.*`` and ``labour.*``."""
    rules = np.zeros(1, LEAVING)
    for name in ("rate_per_year", "sensitivity", "acquainted_days", "guarantee_share", "next_order_share"):
        rules[name] = facts.number(f"private.{name}")
    premium = facts.number("labour.insurance_yuan_per_month") * facts.number("labour.insurable_share")
    rules["insurance_fen_per_month"] = _FEN_PER_YUAN * premium * facts.number("private.insurance_value_share")
    return rules


class PrivateDesk:
    """Carries the monthly decisions to leave a firm out."""

    def __init__(
        self, market: Market, placements: PlacementDesk, contracts: ContractDesk, rules: Rows
    ) -> None:
        self.market = market
        self.placements = placements
        self.contracts = contracts
        self.rules = rules

    def open_month(self, day: int) -> None:
        """Let all pairs decide; those who leave do so at once, in the order of their keys."""
        market = self.market
        today = market.calendar.date_of(day)
        ahead = monthrange(today.year, today.month)[1] - today.day + 1
        occasion = np.uint64(MONTHS_PER_YEAR * today.year + today.month)
        placements = market.table("placements").used
        prices = np.zeros(len(placements), np.int64)
        decide_leaving(
            market.columns, placements, self.rules, ahead / DAYS_PER_MONTH, market.now_min, occasion,
            market.seed, prices,
        )  # fmt: skip
        leaving = np.flatnonzero(prices)
        for row in leaving[np.argsort(placements["key"][leaving], kind="stable")].tolist():
            self._leave(row, int(prices[row]))
        if len(leaving):
            market.reindex_members()

    def _leave(self, placement: int, price_fen: int) -> None:
        market = self.market
        row = market.rows("placements")[placement]
        circle = circle_for(market, row)
        if circle == NO_ROW:
            return
        recurring = market.rows("services")["form"][row["service"]] == ServiceForm.RECURRING
        desk: ContractDesk | PlacementDesk = self.contracts if recurring else self.placements
        before = row.copy()
        desk.end(placement, Reason.WENT_PRIVATE)
        worker = int(before["worker_row"])
        if is_free(market.rows("workers")[worker]):
            change_firm(market, worker, circle)
        desk.go_on(before, circle, price_fen)


def is_free(worker: Record) -> bool:
    """Whether nothing ties a worker to his firm now: no visit to come, no contract, no placement."""
    at_work = worker["status"] != WorkerStatus.IDLE or worker["frozen"] > 0
    return not at_work and worker["plan_length"] == 0 and worker["contracts"] == 0


def circle_for(market: Market, placement: Record) -> int:
    """Return the circle of acquaintances in the household's district that a pair is counted with, or -1.

    A keyed draw, each circle as likely as it is large.
    """
    companies = market.table("companies").used
    found = companies["form"] == FirmForm.ACQUAINTANCE
    found &= companies["district"] == market.rows("households")["district"][placement["household_row"]]
    found &= (companies["services"] >> np.uint32(placement["service"])) & 1 > 0
    rows = np.flatnonzero(found)
    rows = rows[np.argsort(companies["key"][rows], kind="stable")]
    sizes = np.cumsum(np.maximum(companies["size_anchor"][rows], 1.0))
    if not len(rows):
        return NO_ROW
    level = uniform(market.seed, _CIRCLE, placement["key"], np.uint64(0)) * float(sizes[-1])
    return int(rows[np.searchsorted(sizes, level, side="right")])
