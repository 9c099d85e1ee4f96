"""The year around Spring Festival moves with the calendar."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.model import MarketModel
from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.report.festival import FestivalYear, draw, festival_year, moving_mean
from tests.core.small import Town

FESTIVALS = {"2026-01-01": "2026-02-17", "2027-01-01": "2027-02-06"}


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FestivalYear]:
    """The first months of two years in which the festival falls on other days."""
    town = Town(tmp_path_factory.mktemp("festival"))
    found = {}
    for start in FESTIVALS:
        scenario = town("scale=0.3", f"period.start={start}", "period.days=90")
        recorder = Recorder(Period(scenario.settings.period.start, 90, 0), 0.3, "none")
        model = MarketModel(scenario, recorder)
        recorder.begin(model.world)
        model.run_days(90)
        model.close()
        recorder.finish(model.ledger_totals())
        found[start] = festival_year(recorder.recorded(), model.market.calendar.days_to_spring_festival)
    return found


def test_the_trough_lies_at_the_festival_and_moves_with_it(years: dict[str, FestivalYear]) -> None:
    for start, festival in FESTIVALS.items():
        year = years[start]
        assert year.new_year.tolist() == [np.datetime64(festival).astype(object)]
        # Departures end on the eve, returns begin on day 6: the middle of the trough lies between.
        assert -2 <= (year.trough - np.datetime64(festival)).astype(int) <= 8
    first, second = (year.trough - np.datetime64(start) for start, year in years.items())
    assert (first - second).astype(int) == pytest.approx(11, abs=4), (
        "as far apart as the festivals in their years"
    )


def test_the_series_are_those_of_the_run(years: dict[str, FestivalYear]) -> None:
    for year in years.values():
        assert len(year.dates) == len(year.orders) == 90
        assert year.orders.sum() > 0
        assert np.nanmin(year.present) < 0.75
        assert np.nanmax(year.present) > 0.95


def test_the_picture_is_drawn_in_both_languages(years: dict[str, FestivalYear], tmp_path: Path) -> None:
    for lang in ("en", "zh"):
        file = tmp_path / f"{lang}.png"
        draw(years["2026-01-01"], file, lang)
        assert file.read_bytes().startswith(b"\x89PNG")


def test_a_moving_mean_leaves_out_what_is_not_known() -> None:
    values = np.array([1.0, np.nan, 3.0, 5.0])
    assert moving_mean(values, 3).tolist() == [1.0, 2.0, 4.0, 4.0]
