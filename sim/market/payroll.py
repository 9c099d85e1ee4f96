"""Social insurance and the wages of institutions' staff: owed for the time worked, to the minute.

What is owed is a function of the time worked so far alone (as with placements, see :mod:`sim.market.spells`): each
month moves the difference to what has been paid, so that a month that the run meets only in part is paid in part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY
from sim.compiled import kernel
from sim.state import Rows
from sim.vocabulary import NO_ROW, FirmForm, MoneyKind, Sector, WorkerStatus

if TYPE_CHECKING:
    from sim.market.market import Market

_LEFT = int(WorkerStatus.LEFT)
_NO_ROW = NO_ROW
MINUTES_PER_MONTH = DAYS_PER_MONTH * MINUTES_PER_DAY


@dataclass(frozen=True)
class PayrollRules:
    """Monthly costs beside the wages of orders and placements.

    Attributes:
        insurance_fen_per_month: Employer's social insurance of one insured employee.
        insured_share: Share of an employee-based firm's workers who can be insured.
        staff_wage_fen_per_month: Wage of one of an institution's staff.
    """

    insurance_fen_per_month: int
    insured_share: float
    staff_wage_fen_per_month: int

    def insurance_fen(self, payroll_min: float) -> int:
        """Return the social insurance owed for so many minutes on a firm's payroll."""
        insured_months = self.insured_share * payroll_min / MINUTES_PER_MONTH
        return math.floor(self.insurance_fen_per_month * insured_months)

    def staff_wage_fen(self, staff_min: float) -> int:
        """Return the wage owed to a carer for so many minutes in an institution's house."""
        return math.floor(self.staff_wage_fen_per_month * staff_min / MINUTES_PER_MONTH)


@kernel
def count_one(workers: Rows, companies: Rows, worker: int, now_min: float) -> None:
    """Add the time since the last count to the payroll of a worker's firm."""
    who = workers[worker]
    if who.company_row == _NO_ROW:
        return
    companies[who.company_row].payroll_min += now_min - max(who.payroll_until_min, who.entered_min, 0.0)
    who.payroll_until_min = now_min


@kernel
def _count_all(workers: Rows, companies: Rows, now_min: float) -> None:
    for worker in range(len(workers)):
        if workers[worker].status != _LEFT:
            count_one(workers, companies, worker, now_min)


def pay_insurance(market: Market, rules: PayrollRules) -> None:
    """Let employee-based firms pay the social insurance of the time since the last payment to the government."""
    companies = market.table("companies").used
    _count_all(market.table("workers").used, companies, market.now_min)
    for company in np.flatnonzero(companies["form"] == FirmForm.EMPLOYEE_BASED).tolist():
        owed = rules.insurance_fen(float(companies["payroll_min"][company]))
        paid = -int(companies["money_fen"][company][MoneyKind.SOCIAL_INSURANCE])
        market.ledger.transfer(
            market.world.tables, (Sector.COMPANY, company), (Sector.GOVERNMENT, 0),
            MoneyKind.SOCIAL_INSURANCE, owed - paid,
        )  # fmt: skip
