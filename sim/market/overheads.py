"""What a firm pays beside wages and insurance: rent, office staff, advertising; and its monthly profit and loss.

What is owed is a function of the time and of the revenue so far alone (as with insurance, see
:mod:`sim.market.payroll`): each month moves the difference to what has been paid, so that a month that the run meets
only in part is paid in part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.market.payroll import MINUTES_PER_MONTH
from sim.state import MONTHS_KEPT
from sim.vocabulary import FirmForm, MoneyKind, Sector

if TYPE_CHECKING:
    from sim.data.facts import FactTree
    from sim.market.market import Market
    from sim.state import Record, Rows

_FEN_PER_YUAN = 100
REVENUE = (int(MoneyKind.SERVICE), int(MoneyKind.SUBSIDY))
"""Kinds of money that are a firm's revenue: what households pay, and the public part of prices."""


@dataclass(frozen=True)
class OverheadRules:
    """Costs of running a firm.

    Attributes:
        office_wage_fen_per_month: Wage of one of a firm's office staff.
        advertising_share: Advertising as a share of revenue, by form.
        workers_per_office_staff: Workers whom one of the office staff looks after, by form.
    """

    office_wage_fen_per_month: int
    advertising_share: tuple[float, ...]
    workers_per_office_staff: tuple[float, ...]

    @classmethod
    def of(cls, facts: FactTree) -> OverheadRules:
        """Return the rules that stand in the facts ``companies.*``."""
        return cls(
            round(_FEN_PER_YUAN * facts.number("companies.office_wage_yuan_per_month")),
            _by_form(facts, "advertising_share_of_revenue", without_firm=0.0),
            _by_form(facts, "workers_per_office_staff", without_firm=math.inf),
        )

    def rent_fen(self, rent_fen_per_month: int, minutes: float) -> int:
        """Return the rent owed for so many minutes."""
        return math.floor(rent_fen_per_month * (minutes / MINUTES_PER_MONTH))

    def office_wage_fen(self, office_min: float) -> int:
        """Return the wages owed for so many minutes of office staff."""
        return math.floor(self.office_wage_fen_per_month * (office_min / MINUTES_PER_MONTH))

    def advertising_fen(self, form: int, revenue_fen: int) -> int:
        """Return what a firm of this form has spent on advertising by the time it has had this revenue."""
        return math.floor(self.advertising_share[form] * max(0, revenue_fen))

    def staff(self, form: int, target_workers: float) -> float:
        """Return the office staff of a firm that wants so many workers."""
        return target_workers / self.workers_per_office_staff[form]


def _by_form(facts: FactTree, name: str, without_firm: float) -> tuple[float, ...]:
    """Return a fact by form; acquaintances are no firm, and state none."""
    return tuple(
        without_firm
        if form == FirmForm.ACQUAINTANCE
        else facts.number(f"companies.{form.name.lower()}.{name}")
        for form in FirmForm
    )


def revenue_fen(company: Record) -> int:
    """Return what a firm has earned since it began, in fen."""
    money = company["money_fen"]
    return sum(int(money[kind]) for kind in REVENUE)


def balance_fen(companies: Rows) -> Rows:
    """Return what each firm has received less what it has paid, without the debts that were written off, in fen."""
    balance: Rows = companies["money_fen"].sum(axis=1) - companies["money_fen"][:, MoneyKind.WRITE_OFF]
    return balance


def cash_fen(companies: Rows) -> Rows:
    """Return what each firm has: its capital and all that it has received less all that it has paid, in fen."""
    cash: Rows = companies["capital_fen"] + companies["money_fen"].sum(axis=1)
    return cash


def pay_overheads(market: Market, rules: OverheadRules) -> None:
    """Let every firm pay rent, office staff and advertising until now, and bring its office to its size."""
    companies = market.table("companies").used
    for row in range(len(companies)):
        company = companies[row]
        form = int(company["form"])
        company["office_min"] += company["office_staff"] * (market.now_min - company["office_until_min"])
        company["office_until_min"] = market.now_min
        company["office_staff"] = rules.staff(form, float(company["target_workers"]))
        since = market.now_min - float(company["founded_min"])
        owed = (
            (MoneyKind.RENT, rules.rent_fen(int(company["rent_fen_per_month"]), since)),
            (MoneyKind.OFFICE_WAGE, rules.office_wage_fen(float(company["office_min"]))),
            (MoneyKind.ADVERTISING, rules.advertising_fen(form, revenue_fen(company))),
        )
        for kind, amount in owed:
            paid = -int(company["money_fen"][kind])
            market.ledger.transfer(
                market.world.tables, (Sector.COMPANY, row), (Sector.REST_OF_WORLD, 0), kind, amount - paid
            )


def close_books(market: Market) -> None:
    """File each firm's revenue and profit since the last closing among those of its last twelve months."""
    companies = market.table("companies").used
    for company, balance in zip(companies, balance_fen(companies).tolist(), strict=True):
        revenue = revenue_fen(company)
        place = int(company["months_closed"]) % MONTHS_KEPT
        company["revenue_by_month_fen"][place] = revenue - company["closed_revenue_fen"]
        company["profit_by_month_fen"][place] = balance - company["closed_balance_fen"]
        company["closed_revenue_fen"], company["closed_balance_fen"] = revenue, balance
        company["months_closed"] += 1


def trailing(companies: Rows, column: str) -> Rows:
    """Return the sum of revenue or profit over each firm's last twelve months, or all of them where it has fewer."""
    total: Rows = companies[column].sum(axis=1)
    return total
