"""Values of settings and facts as tables show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.explain import Explanation

NO_UNITS = ("category", "boolean", "1")


def show_value(value: Any, longest: int = 2000) -> str:
    """Return a value as a table shows it."""
    if isinstance(value, (tuple, list)):
        text = ", ".join(map(show_value, value))
    elif isinstance(value, dict):
        text = ", ".join(f"{name}: {show_value(one)}" for name, one in value.items())
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float):
        text = f"{value:.10g}"
    else:
        text = "-" if value is None else str(value)
    return text if len(text) <= longest else text[: longest - 4] + " ..."


def unit_of(entry: Explanation) -> str:
    """Return the unit of a setting or fact as a table shows it; nothing where it says nothing."""
    return "" if entry.unit in NO_UNITS else entry.unit


def with_unit(value: Any, entry: Explanation) -> str:
    """Return a value of a setting or fact with its unit."""
    return f"{show_value(value)} {unit_of(entry)}".rstrip()
