"""Insolvency: a firm that owes more than its credit at a month's end fails, and somebody else takes its business over.

The creditors bear the debt, the owner loses the capital, and an entrant buys the business as it stands: premises,
workers, contracts and open orders (the sale of a going concern; that every failure ends so is an assumption). He
brings new capital, and his own prices and quality, drawn by the law that all firms of the form began by. So those who
charge too little or serve too few are replaced, entry balances exit, and nobody is lost on the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.market.overheads import cash_fen
from sim.rng import decision, lognormal, normal
from sim.vocabulary import FirmForm, MoneyKind, Sector

if TYPE_CHECKING:
    from sim.data.facts import FactTree
    from sim.market.market import Market
    from sim.state import Rows

_PRICE = decision("entrant.price")
_QUALITY = decision("entrant.quality")
_FEN_PER_YUAN = 100
_FORGOTTEN = 1e3
"""Logarithmic weight that old reviews lose when a firm's rating begins anew: all of it."""
_CANNOT_FAIL = (FirmForm.INSTITUTION, FirmForm.ACQUAINTANCE)


@dataclass(frozen=True)
class EntrantRules:
    """What an entrant brings, by form where it is a tuple (facts ``companies.*``).

    Attributes:
        capital_fen_per_worker: New capital per worker whom the firm wants.
        price_level, quality_mean: Means over entrants.
        price_cv, quality_sd: Spread between entrants.
    """

    capital_fen_per_worker: float
    price_level: tuple[float, ...]
    price_cv: float
    quality_mean: tuple[float, ...]
    quality_sd: float

    @classmethod
    def of(cls, facts: FactTree) -> EntrantRules:
        """Return the rules that stand in the facts."""
        forms = [f"companies.{form.name.lower()}" for form in FirmForm]
        return cls(
            _FEN_PER_YUAN * facts.number("companies.capital_yuan_per_worker"),
            tuple(facts.number(f"{form}.price_level") for form in forms),
            facts.number("companies.price_cv"),
            tuple(facts.number(f"{form}.quality_mean") for form in forms),
            facts.number("companies.quality_sd"),
        )


def insolvent(companies: Rows) -> Rows:
    """Return which firms owe more than their credit.

    An institution answers for its home service itself, and a circle of acquaintances is no debtor.
    """
    failed: Rows = cash_fen(companies) < -companies["credit_limit_fen"]
    return failed & ~np.isin(companies["form"], _CANNOT_FAIL)


def replace_insolvent(market: Market, rules: EntrantRules) -> None:
    """Let every insolvent firm fail and be taken over."""
    for row in np.flatnonzero(insolvent(market.table("companies").used)).tolist():
        _write_off(market, row)
        _take_over(market, row, rules)


def _write_off(market: Market, row: int) -> None:
    """Let the creditors, who are outside of the region's market, bear what the firm owes."""
    debt = -int(cash_fen(market.table("companies").used[row : row + 1])[0])
    market.ledger.transfer(
        market.world.tables, (Sector.REST_OF_WORLD, 0), (Sector.COMPANY, row), MoneyKind.WRITE_OFF, debt
    )


def _take_over(market: Market, row: int, rules: EntrantRules) -> None:
    company = market.table("companies").used[row]
    company["failures"] += 1
    form, occasion = int(company["form"]), np.uint64(company["failures"])
    price = lognormal(rules.price_level[form], rules.price_cv, market.seed, _PRICE, company["key"], occasion)
    taste = normal(market.seed, _QUALITY, company["key"], occasion)
    company["price_multiplier"] = company["price_anchor"] = price
    company["quality"] = rules.quality_mean[form] + rules.quality_sd * taste
    company["rating_sum"] = company["rating_count"] = 0.0
    company["rating_discount"] -= _FORGOTTEN
    company["share_level"] = company["share_anchor"]
    company["size_anchor"] = company["target_workers"]
    company["capital_fen"] += math.floor(rules.capital_fen_per_worker * company["target_workers"] + 0.5)
