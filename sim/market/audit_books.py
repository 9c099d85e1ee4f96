"""The audit of firms' books: overheads are what time and revenue make them, and profits add up to what firms hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import AuditError
from sim.market.audit_sums import agree
from sim.state import MONTHS_KEPT, Rows
from sim.vocabulary import FirmForm, MoneyKind

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.market.overheads import OverheadRules

_ROUNDING_FEN = 1
"""Two ways of adding up the same minutes may round the last fen apart."""


class BookAudit:
    """Follows firms' offices from closing to closing and holds their accounts against it.

    Attributes:
        staff: Office staff by firm since the last audit.
        office_min: Minutes of office staff by firm until then.
        profit_fen: Profit by firm and month of the books, as the accounts moved.
        balance_fen: Balance by firm at the last audit.
        months: Months audited by firm.
        written_off_fen: Debts that should have been written off by the next audit, by firm.
    """

    def __init__(self, market: Market, rules: OverheadRules) -> None:
        self.market = market
        self.rules = rules
        companies = market.table("companies").used
        self.staff = self._staff(companies)
        self.office_min = np.zeros(len(companies))
        self.profit_fen = np.zeros((len(companies), MONTHS_KEPT), np.int64)
        self.balance_fen = np.zeros(len(companies), np.int64)
        self.months = np.zeros(len(companies), np.int64)
        self.written_off_fen = np.zeros(len(companies), np.int64)

    def check(self, company_fen: Rows, since_min: float) -> None:
        """Compare overheads and profits with what they must be.

        Args:
            company_fen: What firms have earned by kind, added up from visits and placements.
            since_min: Time of the last audit.

        Raises:
            AuditError: Something does not agree.
        """
        self._check_overheads(company_fen, since_min)
        self._check_profits()
        self._check_debts()

    def _check_debts(self) -> None:
        """What was written off is what insolvent firms owed when the last month was closed, no more and no less."""
        companies = self.market.table("companies").used
        agree(
            "debts written off by firm", self.written_off_fen, companies["money_fen"][:, MoneyKind.WRITE_OFF]
        )
        owed = -(companies["capital_fen"] + companies["money_fen"].sum(axis=1))
        may_fail = (companies["form"] != FirmForm.INSTITUTION) & (companies["form"] != FirmForm.ACQUAINTANCE)
        failing = (owed > companies["credit_limit_fen"]) & may_fail
        self.written_off_fen = self.written_off_fen + np.where(failing, owed, 0)

    def _check_overheads(self, company_fen: Rows, since_min: float) -> None:
        companies, rules, now_min = self.market.table("companies").used, self.rules, self.market.now_min
        self.office_min += self.staff * (now_min - since_min)
        self.staff = self._staff(companies)
        earned = company_fen[:, MoneyKind.SERVICE] + company_fen[:, MoneyKind.SUBSIDY]
        for row in range(len(companies)):
            company = companies[row]
            lease_min = now_min - float(company["founded_min"])
            for kind, owed in (
                (MoneyKind.RENT, rules.rent_fen(int(company["rent_fen_per_month"]), lease_min)),
                (MoneyKind.OFFICE_WAGE, rules.office_wage_fen(float(self.office_min[row]))),
                (MoneyKind.ADVERTISING, rules.advertising_fen(int(company["form"]), int(earned[row]))),
            ):
                self._check_one(row, kind, owed)

    def _check_one(self, row: int, kind: MoneyKind, owed: int) -> None:
        paid = -int(self.market.rows("companies")["money_fen"][row, kind])
        if abs(owed - paid) > _ROUNDING_FEN:
            raise AuditError(
                f"money: company {row} has paid {paid} fen of {kind.name.lower()} and owes {owed}"
            )

    def _check_profits(self) -> None:
        """The profits filed are the changes of the firms' balances, month by month."""
        companies = self.market.table("companies").used
        balance = companies["money_fen"].sum(axis=1) - companies["money_fen"][:, MoneyKind.WRITE_OFF]
        self.profit_fen[np.arange(len(companies)), self.months % MONTHS_KEPT] = balance - self.balance_fen
        self.months += 1
        self.balance_fen = balance
        agree("profit by firm and month", self.profit_fen, companies["profit_by_month_fen"])

    def _staff(self, companies: Rows) -> Rows:
        rules = self.rules
        pairs = zip(companies["form"].tolist(), companies["target_workers"].tolist(), strict=True)
        return np.array([rules.staff(form, target) for form, target in pairs], np.float64)
