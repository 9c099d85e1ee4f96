"""What a household does when a firm cannot meet its need: it takes the need to the firm that it likes next best.

The firm's order ends unserved with the reason ``ASKED_ELSEWHERE``; the next firm gets a new one for the same need, with
the same wanted start, tastes and chance of being cancelled. When no firm that the household has not asked is better
than doing it itself, the last firm's order takes its course.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents import choice
from sim.clock import MINUTES_PER_DAY
from sim.compiled import entry, kernel
from sim.market.booking import Asked, Booking
from sim.rng import derive
from sim.vocabulary import KIN, NO_ROW, OrderState, Reason

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.market.visits import VisitDesk
    from sim.state import Columns, Reach, Record, Rows


@entry
@kernel
def next_best(c: Columns, weights: Rows, reach: Reach, order: int, seed: np.uint64) -> int:
    """Return whom the household of an order turns to now (as :func:`sim.agents.choice.choose` has it)."""
    row = c.orders[order]
    asked = np.empty(len(row.asked) + 1, np.int32)
    asked[: len(row.asked)] = row.asked
    asked[-1] = row.company_row
    return choice.choose_next(
        c, weights, reach, row.household_row, row.service, row.expected_duration_min, row.need_key,
        seed, asked,
    )  # fmt: skip


@entry
@kernel
def another_firm(
    c: Columns,
    weights: Rows,
    reach: Reach,
    household: int,
    service: int,
    occasion: np.uint64,
    asked: np.ndarray,
    seed: np.uint64,
) -> int:
    """Return whom a household chooses for a monthly need once the firms in ``asked`` have nobody for it."""
    return choice.choose_next(c, weights, reach, household, service, 0.0, occasion, seed, asked)


class EnquiryDesk:
    """Takes needs from firm to firm.

    Args:
        market: The shared working memory.
        visits: The desk that carries the orders.
    """

    def __init__(self, market: Market, visits: VisitDesk) -> None:
        self.market = market
        self.visits = visits

    def ask_elsewhere(self, order: int) -> bool:
        """Take the need of an open order to another firm, if the household asks one; return whether it does.

        A visit under a contract stays with the contract's firm.
        """
        market = self.market
        row = market.rows("orders")[order]
        asked = [*(firm for firm in row["asked"].tolist() if firm != NO_ROW), int(row["company_row"])]
        if row["placement_row"] != NO_ROW or len(asked) >= market.visit_rules.firms_asked_at_most:
            return False
        days = self._days_to_shift(row)
        if row["days_shifted"] + days > row["days_patient"]:
            return False
        company = next_best(market.columns, market.weights, market.reach, order, market.seed)
        if company in {NO_ROW, KIN}:
            return False
        booking = self._booking(row, company, asked, days)
        self.visits.close(order, OrderState.UNSERVED, Reason.ASKED_ELSEWHERE)
        self.visits.place(booking)
        return True

    def _days_to_shift(self, row: Record) -> int:
        """Return by how many days the wanted start must be moved for another firm to have notice of it."""
        return int(row["latest_min"] < self.market.now_min + self.market.visit_rules.notice_min)

    def _booking(self, row: Record, company: int, asked: list[int], days: int) -> Booking:
        shift_min = days * MINUTES_PER_DAY
        remembered: Asked = tuple((asked + [NO_ROW] * len(row["asked"]))[: len(row["asked"])])  # type: ignore[assignment]
        return Booking(
            key=derive(row["need_key"], np.uint64(len(asked))),
            household=int(row["household_row"]),
            company=company,
            service=int(row["service"]),
            placement=NO_ROW,
            wanted_min=float(row["wanted_min"]),
            earliest_min=max(self.market.now_min, float(row["earliest_min"]) + shift_min),
            latest_min=float(row["latest_min"]) + shift_min,
            duration_min=float(row["expected_duration_min"]),
            days_patient=int(row["days_patient"] - row["days_shifted"]) - days,
            need=np.uint64(row["need_key"]),
            since_min=float(row["asked_min"]),
            asked=remembered,
        )
