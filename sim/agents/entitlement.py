"""What a household's claims to public money pay of a price; households know it when they choose."""

from __future__ import annotations

import math

from sim.compiled import kernel
from sim.state import Columns
from sim.vocabulary import NO_ROW

_NO_ROW = NO_ROW


@kernel
def claim_pays_fen(c: Columns, claim: int, service: int, price_fen: int) -> int:
    """Return what one claim pays of a price: the scheme's share, within the month's cap and the budget.

    It rests while the home has nobody for whom the scheme is meant.
    """
    row = c.claims[claim]
    scheme = c.schemes[row.scheme_row]
    if scheme.active == 0 or price_fen <= 0:
        return 0
    if c.households[row.household_row].disability < scheme.least_disability:
        return 0
    left_of_cap = scheme.cap_fen_per_month - row.used_fen - row.reserved_fen
    left_of_budget = scheme.budget_fen - scheme.spent_fen - scheme.reserved_fen
    share = math.floor(scheme.share[service] * price_fen)
    return max(0, min(share, left_of_cap, left_of_budget))


@kernel
def best_claim(c: Columns, household: int, service: int, price_fen: int) -> tuple[int, int]:
    """Return the household's claim that pays most of a price, and what it pays; (-1, 0) when none pays anything."""
    found, most = _NO_ROW, 0
    claim = c.households[household].claim_row
    while claim != _NO_ROW:
        amount = claim_pays_fen(c, claim, service, price_fen)
        if amount > most:
            found, most = claim, amount
        claim = c.claims[claim].next_row
    return found, most
