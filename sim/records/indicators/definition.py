"""What an indicator is, and how one is defined: a decorated function whose docstring is its formula in words.

Names in English and Chinese are in the catalogue under ``indicator.<id>``. Flows and stocks of the region are those of
the whole region (simulated number / scale); `n`, the number of observations behind a value, is the simulated number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sim.records.view import FEN_PER_YUAN, Numbers, View, ratio

Better = Literal["up", "down", "none"]
Section = Literal["households", "workers", "firms", "care"]
Estimate = tuple[Numbers, Numbers]
Formula = Callable[[View], Estimate]

CITY_SCOPES = ("city", "month")
ORDER_SCOPES = ("city", "month", "district", "service", "income_fifth", "firm_form")
REASON_SCOPES = (*ORDER_SCOPES, "reason")
STOCK_SCOPES = ("city", "month", "district")
WORKER_SCOPES = ("city", "month", "district", "firm_form", "trade", "origin")
FIRM_SCOPES = ("city", "month", "firm_form")
USER_SCOPES = ("city", "month", "service")
SCOPES = ("city", "month", "district", "service", "income_fifth", "firm_form", "reason", "trade", "origin")
SECTIONS: tuple[Section, ...] = ("households", "workers", "firms", "care")
YUAN_PER_MILLION = 1e6


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Attributes:
        id: Its name in files and in the catalogue (`indicator.<id>`).
        section: Whose it is.
        unit: Unit of its value.
        better: Which direction is better for people; "none" where that depends.
        counts: What `n` counts.
        scopes: The scopes for which it is known.
        main: Whether it stands in the short table at the end of a run.
        formula: Its definition in words.
        estimate: Its values and numbers of observations by group.
    """

    id: str
    section: Section
    unit: str
    better: Better
    counts: str
    scopes: tuple[str, ...]
    main: bool
    formula: str
    estimate: Formula


DEFINED: list[Indicator] = []
"""All indicators that have been defined."""


def indicator(
    section: Section,
    unit: str,
    better: Better,
    counts: str,
    scopes: tuple[str, ...] = ORDER_SCOPES,
    *,
    main: bool = False,
) -> Callable[[Formula], Formula]:
    """Make the decorated function an indicator of the same name; its docstring is the formula in words."""

    def define(estimate: Formula) -> Formula:
        name = estimate.__name__
        formula = " ".join((estimate.__doc__ or "").split())
        DEFINED.append(Indicator(name, section, unit, better, counts, scopes, main, formula, estimate))
        return estimate

    return define


def per(numerator: Numbers, count: Numbers) -> Estimate:
    """A mean or a share, with what it is divided by as its number of observations."""
    return ratio(numerator, count), count


def yuan(fen: Numbers) -> Numbers:
    """Fen as yuan."""
    return fen / FEN_PER_YUAN


def million_yuan_per_month(v: View, amount_yuan: Numbers) -> Numbers:
    """Yuan of the measured months as millions a month in the whole region."""
    return ratio(amount_yuan, v.closed_months) / v.recorded.scale / YUAN_PER_MILLION
