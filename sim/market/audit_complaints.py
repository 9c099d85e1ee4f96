"""The audit of complaints: each is about a service that has ended, and gives back what the rules say, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import AuditError
from sim.market.audit_sums import add_at
from sim.vocabulary import ComplaintState, FirmForm, Grievance, MoneyKind, PlacementState

if TYPE_CHECKING:
    from sim.market.complaints import ComplaintRules
    from sim.market.market import Market
    from sim.state import Rows

_REFUND = int(MoneyKind.REFUND)
_WITH_REFUND = (int(ComplaintState.SETTLED), int(ComplaintState.MEDIATED))


class ComplaintAudit:
    """Counts complaints where they arise and where they end, and adds up refunds.

    Args:
        market: The market.
        rules: How complaints are answered.

    Attributes:
        counts: Complaints of visits and of placements that have ended, and complaints that have ended.
    """

    def __init__(self, market: Market, rules: ComplaintRules) -> None:
        self.market = market
        self.rules = rules
        self.counts = np.zeros(2, np.int64)

    def take_in(self, household: Rows, company: Rows, worker: Rows) -> None:
        """Add up the refunds of complaints that have ended; who answers for acquaintances is the worker."""
        market = self.market
        ended = market.ended_complaints.used
        self.counts[0] += int(market.ended_orders.used["complains"].sum())
        self.counts[0] += int(market.ended_placements.used["complaints"].sum())
        self.counts[1] += len(ended)
        given = ended[np.isin(ended["state"], _WITH_REFUND)]
        owed = np.array(
            [self.rules.refund_fen(int(row["paid_fen"]), int(row["extra_fen"])) for row in given], np.int64
        )
        add_at(household, (given["household_row"], _REFUND), owed)
        informal = market.rows("companies")["form"][given["company_row"]] == FirmForm.ACQUAINTANCE
        add_at(company, (given["company_row"][~informal], _REFUND), -owed[~informal])
        add_at(worker, (given["worker_row"][informal], _REFUND), -owed[informal])

    def check(self) -> None:
        """Complaints that have arisen have ended or are under way, and extra charges have a cause and a bound.

        Raises:
            AuditError: Something does not agree.
        """
        market = self.market
        live = market.table("complaints").used
        under_way = int(np.count_nonzero(live["state"] != ComplaintState.NONE))
        placements = market.table("placements").used
        running = (placements["state"] >= PlacementState.SEARCHING) & (
            placements["state"] <= PlacementState.ACTIVE
        )
        arisen = int(self.counts[0]) + int(placements["complaints"][running].sum())
        if arisen != int(self.counts[1]) + under_way:
            raise AuditError(
                f"complaints: {arisen} have arisen, {self.counts[1]} have ended and {under_way} are under way"
            )
        self._check_extra(market.ended_orders.used)

    def _check_extra(self, orders: Rows) -> None:
        share = float(self.market.judgement["overcharge_share"][0])
        may = np.where(orders["grievance"] == Grievance.OVERCHARGE, np.floor(share * orders["price_fen"]), 0)
        wrong = np.flatnonzero((orders["extra_fen"] < 0) | (orders["extra_fen"] > may))
        if len(wrong):
            row = orders[wrong[0]]
            raise AuditError(
                f"money: {row['extra_fen']} fen were asked for on the spot where {may[wrong[0]]:.0f} may be: order "
                f"{row['key']}"
            )
