"""Money: double entry in whole fen between the accounts of all actors.

Each actor's row carries a balance per kind of money; ``flows`` adds up what went from which sector to which since the
month began. There is no other way to move money than :func:`transfer` and the compiled pairs below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.compiled import kernel
from sim.state import KINDS_OF_MONEY, Columns, Rows, Table
from sim.vocabulary import MoneyKind, Sector

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOUSEHOLD = int(Sector.HOUSEHOLD)
_COMPANY = int(Sector.COMPANY)
_WORKER = int(Sector.WORKER)
_GOVERNMENT = int(Sector.GOVERNMENT)
_SUBSIDY = int(MoneyKind.SUBSIDY)

FLOW = np.dtype(
    [("month", "i4"), ("kind", "i1"), ("payer", "i1"), ("payee", "i1"), ("amount_fen", "i8")], align=True
)
TABLE_OF_SECTOR = {
    Sector.HOUSEHOLD: "households",
    Sector.WORKER: "workers",
    Sector.COMPANY: "companies",
    Sector.BASE: "bases",
    Sector.INSTITUTION: "institutions",
}


@kernel
def pay_company(c: Columns, household: int, company: int, kind: int, amount_fen: int) -> None:
    """Pay from a household to a company."""
    c.households[household].money_fen[kind] -= amount_fen
    c.companies[company].money_fen[kind] += amount_fen
    c.flows[kind, _HOUSEHOLD, _COMPANY] += amount_fen


@kernel
def pay_worker(c: Columns, company: int, worker: int, kind: int, amount_fen: int) -> None:
    """Pay from a company to a worker."""
    c.companies[company].money_fen[kind] -= amount_fen
    c.workers[worker].money_fen[kind] += amount_fen
    c.workers[worker].income_fen += amount_fen
    c.flows[kind, _COMPANY, _WORKER] += amount_fen


@kernel
def pay_support(c: Columns, company: int, amount_fen: int) -> None:
    """Pay the public part of a price from the government to a company."""
    c.singles[_GOVERNMENT, _SUBSIDY] -= amount_fen
    c.companies[company].money_fen[_SUBSIDY] += amount_fen
    c.flows[_SUBSIDY, _GOVERNMENT, _COMPANY] += amount_fen


@dataclass
class Ledger:
    """The accounts of those who have no table, and the months that are closed.

    Attributes:
        flows: Fen of the running month by (kind, payer's sector, payee's sector).
        singles: Balances of government and rest of the world by (sector, kind).
        months: Closed months, rows of dtype ``FLOW``.
    """

    flows: Rows = field(
        default_factory=lambda: np.zeros((KINDS_OF_MONEY, len(Sector), len(Sector)), np.int64)
    )
    singles: Rows = field(default_factory=lambda: np.zeros((len(Sector), KINDS_OF_MONEY), np.int64))
    months: Rows = field(default_factory=lambda: np.zeros(0, FLOW))

    def transfer(
        self,
        tables: Mapping[str, Table],
        payer: tuple[Sector, int],
        payee: tuple[Sector, int],
        kind: MoneyKind,
        amount_fen: int,
    ) -> None:
        """Move ``amount_fen`` between two accounts, each a (sector, row)."""
        for (sector, row), sign in ((payer, -1), (payee, 1)):
            account = self._account(tables, sector, row)
            account[kind] += sign * amount_fen
            if sector is Sector.WORKER:
                tables["workers"].rows["income_fen"][row] += sign * amount_fen
        self.flows[kind, payer[0], payee[0]] += amount_fen

    def close_month(self, month: int) -> None:
        """File the running month's flows."""
        kinds, payers, payees = np.nonzero(self.flows)
        rows = np.zeros(len(kinds), FLOW)
        rows["month"], rows["kind"], rows["payer"], rows["payee"] = month, kinds, payers, payees
        rows["amount_fen"] = self.flows[kinds, payers, payees]
        self.months = np.concatenate([self.months, rows])
        self.flows[:] = 0

    def _account(self, tables: Mapping[str, Table], sector: Sector, row: int) -> Rows:
        if sector in TABLE_OF_SECTOR:
            account: Rows = tables[TABLE_OF_SECTOR[sector]].rows["money_fen"][row]
            return account
        single: Rows = self.singles[sector]
        return single
