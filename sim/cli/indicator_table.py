"""The main indicators of a run as a table that fits 80 columns, grouped by whom they concern, below what was run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from sim.cli.shown import NOTHING, digits, reading, shown
from sim.names import label
from sim.records.indicators import INDICATORS, SECTIONS, Indicator
from sim.records.period import Period

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.records.manifest import Manifest


def show_results(face: Face, manifest: Manifest) -> None:
    """Show what was run and the main indicators of the whole city: name, value, unit, number of observations.

    Of a textbook queue, in which most of a market is 0 or unknown, only what is neither, with half-widths.
    """
    for line in heading(manifest, face.lang):
        face.write(line)
    if manifest.settings["laboratory"] is None:
        _show_market(face, manifest)
    else:
        _show_queue(face, manifest)
    face.write(label("run.n_counts", face.lang))


def heading(manifest: Manifest, lang: str) -> list[str]:
    """What was run: name; region, scale and seed; period and what of it is measured."""
    settings, period = manifest.settings, _period(manifest)
    words = {
        "region": _region(settings["region"], lang),
        "scale": f"{settings['scale']:g}",
        "seed": manifest.seed,
        "start": period.start,
        "end": period.date_of(period.days - 1),
        "days": period.days,
        "measured": int(period.measured_days.sum()),
        "months": int(period.measured_months.sum()),
    }
    kind = "of_queue" if settings["laboratory"] is not None else "of_region"
    lines = [label(f"run.{name}", lang).format(**words) for name in (kind, "of_period")]
    return [manifest.name[lang], *lines]


def _period(manifest: Manifest) -> Period:
    period = manifest.settings["period"]
    return Period(date.fromisoformat(str(period["start"])), period["days"], period["warm_up_days"])


def _region(region: str | None, lang: str) -> str:
    """A region's name; for a folder of the user's own, the folder's."""
    name = (region or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    return label(f"region.{name}", lang, region) if region == name and name else name


def _show_market(face: Face, manifest: Manifest) -> None:
    rows: list[tuple[str, ...]] = []
    for section in SECTIONS:
        chosen = [one for one in INDICATORS.values() if one.section == section and one.main]
        rows.append((label(f"section.{section}", face.lang), "", "", ""))
        rows += [_row(indicator, manifest, face.lang) for indicator in chosen]
    titles = [label(f"run.{title}", face.lang) for title in ("indicator", "value", "unit", "n")]
    face.table(titles, rows, numbers=[1, 3])


def _show_queue(face: Face, manifest: Manifest) -> None:
    chosen = [one for one in INDICATORS.values() if one.main and manifest.indicators.get(one.id)]
    rows = []
    for indicator in chosen:
        name, value, unit, n = _row(indicator, manifest, face.lang)
        half = _half_width(indicator, manifest.indicators, manifest.half_widths)
        rows.append((name.strip(), value, half, unit, n))
    titles = [label(f"run.{title}", face.lang) for title in ("indicator", "value", "half_width", "unit", "n")]
    face.table(titles, rows, numbers=[1, 2, 4])


def _row(indicator: Indicator, manifest: Manifest, lang: str) -> tuple[str, str, str, str]:
    text, unit = shown(manifest.indicators.get(indicator.id), indicator.unit)
    n = manifest.observations.get(indicator.id)
    count = NOTHING if n is None else f"{n:,.0f}"
    return f"  {label(f'indicator.{indicator.id}', lang)}", text, label(f"unit.{unit}", lang), count


def _half_width(
    indicator: Indicator, values: Mapping[str, float | None], half_widths: Mapping[str, float]
) -> str:
    """The half-width in the unit in which the value is shown; nothing where it is not known."""
    value, half = values.get(indicator.id), half_widths.get(indicator.id)
    if value is None or half is None:
        return ""
    return f"± {digits(half * reading(indicator.unit, value).factor)}"
