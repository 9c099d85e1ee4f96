"""Workers: where they are, what they can do, what they earn."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.row import Column, RowAgent
from sim.vocabulary import WorkerStatus


class Worker(RowAgent):
    """A worker of the trade.

    Accepting an offer, travelling and serving happen for each order in :mod:`sim.market.visit_steps`.
    """

    table_name: ClassVar[str] = "workers"

    company_row = Column[int]()
    trade = Column[int]()
    origin = Column[int]()
    age_years = Column[float]()
    home_district = Column[int]()
    skills = Column[int]()
    skill_level = Column[float]()
    rating = Column[float]()
    placement_row = Column[int]()
    completed = Column[int]()
    income_fen = Column[int]()
    travel_min = Column[float]()
    service_min = Column[float]()

    @property
    def status(self) -> WorkerStatus:
        """What the worker is doing now."""
        return WorkerStatus(int(self.record["status"]))

    @property
    def plan(self) -> list[int]:
        """Rows of the orders that the worker is going to serve, in sequence."""
        row = self.record
        planned: list[int] = row["plan"][: row["plan_length"]].tolist()
        return planned

    def is_away(self, minute: float) -> bool:
        """Return whether the worker is at home for the festival at that minute."""
        return bool(self.record["absent_from_min"] <= minute < self.record["absent_until_min"])
