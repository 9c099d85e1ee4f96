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
    fee_fen_per_month = Column[int]()

    @property
    def occupancy(self) -> float:
        """Share of beds in use; nan for a station without beds."""
        return self.residents / self.beds if self.beds else float("nan")
