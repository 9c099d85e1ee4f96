"""Care institutions, regional centres and stations: beds, residents, staff, and a home service."""

from __future__ import annotations

import math
from typing import ClassVar

from sim.agents.row import Column, RowAgent


class CareInstitution(RowAgent):
    """An institution that houses elders and may serve others at home through its company."""

    table_name: ClassVar[str] = "institutions"

    district = Column[int]()
    kind = Column[int]()
    weight = Column[float]()
    company_row = Column[int]()
    beds = Column[int]()
    residents = Column[int]()
    staff = Column[int]()
    fee_fen_per_month = Column[int]()

    @property
    def occupancy(self) -> float:
        """Share of beds in use; nan for a station without beds."""
        return self.residents / self.beds if self.beds else float("nan")

    def staff_needed(self, residents_per_staff: float) -> int:
        """Return the staff that the norm asks for with today's residents, at least one where there are beds."""
        return max(1, math.ceil(self.residents / residents_per_staff)) if self.beds else 0

    def adjust_staff(self, residents_per_staff: float) -> int:
        """Hire or let go to the norm; return the change."""
        needed = self.staff_needed(residents_per_staff)
        change = needed - self.staff
        self.staff = needed
        return change
