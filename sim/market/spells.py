"""Care and placements by the month: days served, what is owed for them, and how they end.

What a household owes for a spell is a function of the days served alone: the price of a month times days over the mean
length of a month, rounded down. Each settlement moves the difference to what has been billed, so that the total does
not depend on when accounts are settled.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY
from sim.market.ledger import pay_company, pay_worker
from sim.market.support import pay_fee
from sim.rng import decision, exponential
from sim.vocabulary import NO_ROW, MoneyKind, ServiceForm

if TYPE_CHECKING:
    from sim.market.market import Market

_SPELL = decision("spell.length")
_TERMS = decision("spell.terms")


def owed_fen(fen_per_month: int, days: float) -> int:
    """Return what is owed for ``days`` at a monthly price."""
    return math.floor(fen_per_month * days / DAYS_PER_MONTH)


def draw_spell_min(market: Market, service: int, key: np.uint64, occasion: int) -> float:
    """Return the length of a spell: exponential with the service's mean.

    With an exponential law the remaining length of a spell that is met at a random moment has the same law, so that the
    initial stock needs no correction for length bias.
    """
    days = float(market.rows("services")["spell_mean_days"][service])
    return exponential(days * MINUTES_PER_DAY, market.seed, _SPELL, key, np.uint64(occasion))


def stay_days(market: Market, placement: int, term_days: float) -> float:
    """Return how long a matron stays: a term, and as many again as the household renews.

    The number of terms is geometric with the mean that the service's mean spell leaves: whether a term is followed by
    another one does not depend on how many there were.
    """
    row = market.rows("placements")[placement]
    renewals = float(market.rows("services")["spell_mean_days"][row["service"]]) / term_days - 1.0
    if renewals <= 0.0:
        return term_days
    # The floor of an exponential with this scale is geometric with exactly the mean.
    scale = 1.0 / math.log1p(1.0 / renewals)
    return term_days * (1.0 + math.floor(exponential(scale, market.seed, _TERMS, row["key"], np.uint64(0))))


def count_days(market: Market, placement: int) -> None:
    """Add the days since the last count to a placement's days served."""
    row = market.rows("placements")[placement]
    row["present_days"] += (market.now_min - row["counted_until_min"]) / MINUTES_PER_DAY
    row["counted_until_min"] = market.now_min


def settle_placement(market: Market, placement: int) -> None:
    """Let the household pay the firm, and the firm the worker, for the days served so far."""
    row = market.rows("placements")[placement]
    company, worker = int(row["company_row"]), int(row["worker_row"])
    price = owed_fen(int(row["price_fen_per_month"]), float(row["present_days"])) - int(row["billed_fen"])
    wage = owed_fen(int(row["wage_fen_per_month"]), float(row["present_days"])) - int(row["paid_fen"])
    row["billed_fen"] += price
    row["paid_fen"] += wage
    pay_company(market.columns, int(row["household_row"]), company, int(MoneyKind.SERVICE), price)
    if worker != NO_ROW:
        pay_worker(market.columns, company, worker, int(MoneyKind.WAGE), wage)


def settle_resident(market: Market, resident: int) -> None:
    """Let the household, and the government for it, pay the institution for the days until now.

    The days are counted from the admission (or the period's start), not added up, so that it makes no difference how
    often accounts are settled.
    """
    row = market.rows("residents")[resident]
    row["present_days"] = (market.now_min - max(float(row["admitted_min"]), 0.0)) / MINUTES_PER_DAY
    row["counted_until_min"] = market.now_min
    fee = owed_fen(int(row["fee_fen_per_month"]), float(row["present_days"])) - int(row["billed_fen"])
    row["billed_fen"] += fee
    row["support_fen"] += pay_fee(
        market, int(row["household_row"]), int(row["institution_row"]), int(row["service"]), fee
    )


def residence_service(market: Market) -> int:
    """Return the row of the service of living in an institution, or -1 where there is none."""
    forms = market.table("services").used["form"]
    found = np.flatnonzero(forms == ServiceForm.RESIDENCE)
    return int(found[0]) if len(found) else NO_ROW
