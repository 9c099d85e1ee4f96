"""The main indicators of a run as a table that fits 80 columns, grouped by whom they concern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.names import label
from sim.records.indicators import INDICATORS, SECTIONS, Indicator

if TYPE_CHECKING:
    from sim.cli.face import Face

SHARE = "share"
PERCENT = "%"
NOTHING = "-"


def show_indicators(face: Face, values: Mapping[str, float | None], *, brief: bool = False) -> None:
    """Show the main indicators of the whole city: name, value, unit.

    Args:
        face: Where to.
        values: Value by indicator.
        brief: Leave out what is 0 or unknown; most of a market is so in a textbook queue.
    """
    rows: list[tuple[str, str, str]] = []
    for section in SECTIONS:
        chosen = [
            _row(indicator, values.get(indicator.id), face.lang)
            for indicator in INDICATORS.values()
            if indicator.section == section and indicator.main
            if values.get(indicator.id) or not brief
        ]
        rows += [(label(f"section.{section}", face.lang), "", ""), *chosen] if chosen else []
    titles = [label(f"run.{title}", face.lang) for title in ("indicator", "value", "unit")]
    face.table(titles, rows, numbers=[1])


def _row(indicator: Indicator, value: float | None, lang: str) -> tuple[str, str, str]:
    text, unit = shown(value, indicator.unit)
    return f"  {label(f'indicator.{indicator.id}', lang)}", text, label(f"unit.{unit}", lang)


def shown(value: float | None, unit: str) -> tuple[str, str]:
    """A value as people read it, and its unit: shares in per cent, at least three digits."""
    if unit == SHARE:
        return (NOTHING if value is None else f"{100.0 * value:.1f}"), PERCENT
    if value is None:
        return NOTHING, unit
    size = abs(value)
    if size == 0.0:
        return "0", unit
    if size >= 100.0:
        return f"{value:,.0f}", unit
    return (f"{value:.1f}" if size >= 10.0 else f"{value:.2f}" if size >= 1.0 else f"{value:.3f}"), unit
