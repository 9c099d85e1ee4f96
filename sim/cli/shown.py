"""Numbers as people read them: shares in per cent, short times in minutes, and only digits that count."""

from __future__ import annotations

import math
from typing import NamedTuple

SHARE = "share"
PERCENT = "%"
DAYS = "days"
MINUTES = "min"
NOTHING = "-"
SHORTEST_IN_DAYS = 0.1
"""A duration of fewer days is shown in minutes."""
MOST_DECIMALS = 6
MOST_DIGITS = 6
"""Digits of the largest of a difference and the ends of its interval."""
SMALLEST = 1e-4
"""Smaller numbers are written with a power of ten."""
WIDEST = 1e7
"""Intervals from this half-width on are written with powers of ten."""


class Reading(NamedTuple):
    """In what people read a quantity.

    Attributes:
        unit: The unit that is shown.
        factor: What turns a value into that unit.
    """

    unit: str
    factor: float


def reading(unit: str, size: float) -> Reading:
    """Return in what people read values of a unit.

    Args:
        unit: The unit that the values have.
        size: The largest of the values that are to be read together.
    """
    if unit == SHARE:
        return Reading(PERCENT, 100.0)
    if unit == DAYS and 0.0 < abs(size) < SHORTEST_IN_DAYS:
        # Imported here: the clock brings NumPy and SimPy, which questions about scenarios do not need.
        from sim.clock import MINUTES_PER_DAY

        return Reading(MINUTES, MINUTES_PER_DAY)
    return Reading(unit, 1.0)


def shown(value: float | None, unit: str) -> tuple[str, str]:
    """Return a value as people read it, and its unit: shares with one decimal, others with three digits or more."""
    seen = reading(unit, value or 0.0)
    if value is None:
        return NOTHING, seen.unit
    text = f"{value * seen.factor:.1f}" if unit == SHARE else digits(value * seen.factor)
    return text, seen.unit


def digits(value: float) -> str:
    """Return a number with at least three digits that count."""
    size = abs(value)
    if size == 0.0:
        return "0"
    if size < SMALLEST:
        return f"{value:.2e}"
    return f"{value:,.{max(0, 2 - _power(size))}f}"


def together(estimate: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a difference and the ends of its interval, with signs and equally many decimals.

    Two digits of the half-width count. More are shown where an end so near to 0 would read as 0, although the interval
    does not hold 0.
    """
    values = (estimate, low, high)
    reach = (high - low) / 2.0 or abs(estimate)
    largest = max(map(abs, values))
    places = _places(reach, low, high)
    if math.isfinite(largest) and largest > 0.0:
        # An interval without width to speak of does not ask for digits without end.
        places = max(min(places, MOST_DIGITS - 1 - _power(largest)), 0)
    in_powers = places > MOST_DECIMALS or not reach < WIDEST
    form = "+.1e" if in_powers else f"+,.{places}f"
    one, two, three = (format(value, form) if value else format(0.0, form)[1:] for value in values)
    return one, two, three


def _places(reach: float, low: float, high: float) -> int:
    if reach == 0.0 or not math.isfinite(reach):
        return 0
    places = 1 - _power(reach)
    if low > 0.0 or high < 0.0:
        nearest = min(abs(low), abs(high))
        places = max(places, min(-_power(nearest), places + 2))
    return max(places, 0)


def _power(size: float) -> int:
    """The power of ten of a number's first digit."""
    return math.floor(math.log10(size))
