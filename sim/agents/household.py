"""Households: who lives there, what they can pay, and how they choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.row import Column, RowAgent

if TYPE_CHECKING:
    import numpy as np


class Household(RowAgent):
    """A household of the region.

    Its frequent decisions (a need arises, a choice among firms) are taken for all households together in
    :mod:`sim.market.needs` and :mod:`sim.agents.choice`.
    """

    table_name: ClassVar[str] = "households"

    district = Column[int]()
    members = Column[int]()
    elders = Column[int]()
    disability = Column[int]()
    infants = Column[int]()
    pets = Column[int]()
    home_m2 = Column[float]()
    income_fifth = Column[int]()
    income_fen_per_month = Column[int]()
    propensity = Column[float]()
    last_company_row = Column[int]()
    active_placements = Column[int]()

    @property
    def spent_fen(self) -> int:
        """Money spent on services so far, less what has been refunded, in fen."""
        balance: np.int64 = -self.record["money_fen"].sum()
        return int(balance)
