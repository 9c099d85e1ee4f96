"""A year around Spring Festival, day by day: orders, prices, workers present and waits, as numbers and as a figure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY, MINUTES_PER_HOUR
from sim.names import label
from sim.records.flows import CITY

if TYPE_CHECKING:
    from sim.records.recorder import Recorded

Numbers = NDArray[np.float64]
WEEK = 7
CHINESE_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei", "PingFang SC")
PANELS = ("orders", "price", "present", "wait")
_FEN_PER_YUAN = 100.0


@dataclass(frozen=True)
class FestivalYear:
    """Daily series of a run.

    Attributes:
        dates: The days, datetime64[D].
        new_year: Lunar New Year's Days among them.
        orders: Visit orders requested, per day in the whole region.
        price: Price of an hour of service of the orders requested that day, yuan; NaN on a day without any.
        present: Workers who are not on leave, share of all.
        wait: Days from order to service of the single orders requested that day; NaN on a day without any.
    """

    dates: NDArray[np.datetime64]
    new_year: NDArray[np.datetime64]
    orders: Numbers
    price: Numbers
    present: Numbers
    wait: Numbers

    @property
    def trough(self) -> np.datetime64:
        """The middle of the days on which fewest workers are present: those within a tenth of the deepest point."""
        deepest, usual = np.nanmin(self.present), np.nanmax(self.present)
        days = np.flatnonzero(self.present <= deepest + 0.1 * (usual - deepest))
        middle: np.datetime64 = self.dates[int(np.median(days))]
        return middle


def festival_year(recorded: Recorded, days_to_festival: NDArray[np.int16]) -> FestivalYear:
    """Return the daily series of what a run has recorded.

    Args:
        recorded: What the run has left behind.
        days_to_festival: Days to the nearest lunar New Year's Day, by day of the run and beyond.
    """
    period = recorded.frame.period
    dates = np.datetime64(period.start) + np.arange(period.days)
    stocks = recorded.stocks

    def stock(name: str) -> Numbers:
        daily = np.bincount(stocks["day"], weights=stocks[name].astype(np.float64), minlength=period.days)
        return daily.astype(np.float64)

    def orders(measure: str) -> Numbers:
        daily: Numbers = recorded.orders.of(CITY, measure)[:, 0]
        return daily

    with np.errstate(invalid="ignore", divide="ignore"):
        price = orders("price_fen") / _FEN_PER_YUAN / (orders("service_min") / MINUTES_PER_HOUR)
        wait = orders("wait_min") / orders("single") / MINUTES_PER_DAY
        present = 1.0 - stock("workers_on_leave") / stock("workers")
    return FestivalYear(
        dates,
        dates[days_to_festival[: period.days] == 0],
        orders("requested") / recorded.scale,
        price,
        present,
        wait,
    )


def draw(year: FestivalYear, path: Path, lang: str = "en") -> None:
    """Draw the four series, a week's moving mean over each, with New Year's Day marked; write the picture to a file.

    Where this machine has no font for Chinese the words are English.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    font = _chinese_font() if lang == "zh" else None
    if font is None:
        lang = "en"
    with rc_context({"font.family": [font] if font else ["DejaVu Sans"]}):
        _draw(year, path, lang, Figure, FigureCanvasAgg)


def _chinese_font() -> str | None:
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in there), None)


def _draw(year: FestivalYear, path: Path, lang: str, figure_of: Any, canvas_of: Any) -> None:
    figure = figure_of(figsize=(10, 9), layout="constrained")
    canvas_of(figure)
    axes = figure.subplots(len(PANELS), 1, sharex=True)
    for axis, name in zip(axes, PANELS, strict=True):
        values = getattr(year, name)
        axis.plot(year.dates, values, color="0.75", linewidth=0.8)
        axis.plot(year.dates, moving_mean(values), color="tab:blue")
        for day in year.new_year:
            axis.axvline(day, color="tab:red", linestyle="--", linewidth=1.0)
        axis.set_ylabel(label(f"festival.{name}", lang))
        axis.set_ylim(bottom=0.0)
    axes[0].set_title(label("festival.title", lang))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def moving_mean(values: Numbers, days: int = WEEK) -> Numbers:
    """Return the centred moving mean over so many days, of the days that are known."""
    known = ~np.isnan(values)
    window = np.ones(days)
    total = np.convolve(np.where(known, values, 0.0), window, "same")
    count = np.convolve(known.astype(np.float64), window, "same")
    means: Numbers = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return means
