"""The main indicators of a run as a table that fits 80 columns, grouped by whom they concern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.names import label
from sim.records.indicators import INDICATORS, SECTIONS

if TYPE_CHECKING:
    from sim.cli.face import Face

SHARE = "share"
PERCENT = "%"
NOTHING = "-"


def show_indicators(face: Face, values: Mapping[str, float | None]) -> None:
    """Show the main indicators of the whole city: name, value, unit."""
    lang = face.lang
    rows: list[tuple[str, str, str]] = []
    for section in SECTIONS:
        rows.append((label(f"section.{section}", lang), "", ""))
        for indicator in INDICATORS.values():
            if indicator.section == section and indicator.main:
                value, unit = shown(values.get(indicator.id), indicator.unit)
                name = label(f"indicator.{indicator.id}", lang)
                rows.append((f"  {name}", value, label(f"unit.{unit}", lang)))
    titles = [label(f"run.{title}", lang) for title in ("indicator", "value", "unit")]
    face.table(titles, rows, numbers=[1])


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
