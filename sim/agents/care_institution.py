"""Care institutions, regional centres and stations: beds, residents, staff, and a home service."""

from __future__ import annotations

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
    staff_min = Column[float]()
    staff_until_min = Column[float]()
    fee_fen_per_month = Column[int]()

    @property
    def occupancy(self) -> float:
        """Share of beds in use; nan for a station without beds."""
        return self.residents / self.beds if self.beds else float("nan")

    def adjust_staff(self, needed: int) -> int:
        """Hire or let go until the staff is as needed; return the change."""
        change = needed - self.staff
        self.staff = needed
        return change
