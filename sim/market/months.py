"""The month's end: accounts are settled, insurance and staff paid, books audited, records handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.vocabulary import FirmForm, MoneyKind, PlacementState, Sector, ServiceForm

if TYPE_CHECKING:
    from sim.agents.care_institution import CareInstitution
    from sim.agents.company import Company
    from sim.market.market import Market
    from sim.market.placements import PlacementDesk
    from sim.market.residence import ResidenceDesk


@dataclass(frozen=True)
class PayrollRules:
    """Monthly costs beside the wages of orders and placements.

    Attributes:
        insurance_fen_per_month: Employer's social insurance of one insured employee.
        insured_share: Share of an employee-based firm's workers who can be insured.
        staff_wage_fen_per_month: Wage of one of an institution's staff.
        residents_per_staff: Staff norm of an institution.
    """

    insurance_fen_per_month: int
    insured_share: float
    staff_wage_fen_per_month: int
    residents_per_staff: float


def settle_month(market: Market, placements: PlacementDesk, residences: ResidenceDesk) -> None:
    """Bill every placement and resident until now."""
    rows = market.table("placements").used
    recurring = market.rows("services")["form"][rows["service"]] == ServiceForm.RECURRING
    for placement in np.flatnonzero((rows["state"] == PlacementState.ACTIVE) & ~recurring).tolist():
        placements.settle(placement)
    residences.settle_all()


def pay_insurance(market: Market, companies: list[Company], rules: PayrollRules) -> None:
    """Let employee-based firms pay the month's social insurance to the government."""
    for company in companies:
        if company.form is not FirmForm.EMPLOYEE_BASED:
            continue
        insured = round(rules.insured_share * company.workers)
        market.ledger.transfer(
            market.world.tables,
            (Sector.COMPANY, company.row),
            (Sector.GOVERNMENT, 0),
            MoneyKind.SOCIAL_INSURANCE,
            company.social_insurance_fen(insured, rules.insurance_fen_per_month),
        )


def pay_staff(market: Market, institutions: list[CareInstitution], rules: PayrollRules) -> None:
    """Let institutions bring their staff to the norm and pay the month's wages."""
    for institution in institutions:
        institution.adjust_staff(rules.residents_per_staff)
        market.ledger.transfer(
            market.world.tables,
            (Sector.INSTITUTION, institution.row),
            (Sector.REST_OF_WORLD, 0),
            MoneyKind.STAFF_WAGE,
            institution.staff * rules.staff_wage_fen_per_month,
        )
