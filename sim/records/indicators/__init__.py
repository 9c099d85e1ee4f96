"""The indicators: each defined once, with its unit, its formula in words and in code, and its better direction."""

from sim.records.indicators import care, firms, households, placements, satisfaction, workers
from sim.records.indicators.definition import DEFINED, SCOPES, SECTIONS, Indicator

__all__ = [
    "INDICATORS",
    "SCOPES",
    "SECTIONS",
    "Indicator",
    "care",
    "firms",
    "households",
    "placements",
    "satisfaction",
    "workers",
]

INDICATORS: dict[str, Indicator] = {
    indicator.id: indicator
    for indicator in sorted(DEFINED, key=lambda indicator: SECTIONS.index(indicator.section))
}
"""All indicators by id, section by section."""
