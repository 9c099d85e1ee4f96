"""Three years with equal inputs: the second and the third agree in stocks, flows, prices and firms."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.mean import mean_interval
from sim.model import MarketModel
from sim.records.indicators import INDICATORS
from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.records.view import View
from sim.scenario import load_scenario

# From May to April, so that each year holds one whole Spring Festival, early or late.
SCENARIO = "scenarios/baseline.yaml"
OVERRIDES = ("scale=0.003", "period.start=2025-05-01", "period.days=1096", "period.warm_up_days=0")
SEEDS = range(1, 7)
MONTHS = 12
LEVEL = 0.999
"""Of each interval; with fifteen figures a false alarm in one of seventy."""
NEAR = 0.05
"""A change of less than five percent in a year is none that a policy's effect would be confused with."""

FIGURES = (
    "workers", "active_placements", "active_contracts", "residents", "orders_requested", "orders_completed",
    "served_share", "price_per_hour", "utilisation", "monthly_earnings", "mean_age", "firm_revenue",
    "workers_per_firm", "needs_met_outside_share",
)  # fmt: skip

pytestmark = pytest.mark.slow


class Years(NamedTuple):
    """Figures of the second and the third year, by seed; and newcomers and leavers of both."""

    second: dict[str, list[float]]
    third: dict[str, list[float]]
    entered: list[float]
    left: list[float]


@pytest.fixture(scope="module")
def years() -> Years:
    found = Years({name: [] for name in FIGURES}, {name: [] for name in FIGURES}, [], [])
    for seed in SEEDS:
        recorder = recorded(seed)
        view = View(recorder.recorded(), "month")
        for name in FIGURES:
            by_month = INDICATORS[name].estimate(view)[0]
            found.second[name].append(float(np.nanmean(by_month[MONTHS : 2 * MONTHS])))
            found.third[name].append(float(np.nanmean(by_month[2 * MONTHS : 3 * MONTHS])))
        for name, into in (("entries", found.entered), ("exits", found.left)):
            into.append(float(np.nansum(INDICATORS[name].estimate(view)[0][MONTHS : 3 * MONTHS])))
    return found


def recorded(seed: int) -> Recorder:
    scenario = load_scenario(SCENARIO, (*OVERRIDES, f"seed={seed}"))
    settings = scenario.settings
    recorder = Recorder(Period(settings.period.start, settings.period.days, 0), settings.scale, "none")
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    model.advance_to(model.end_min)
    model.close()
    recorder.finish(model.ledger_totals())
    return recorder


def test_two_years_agree_and_entry_balances_exit(years: Years) -> None:
    """No figure is shown to change by more than five percent from the second to the third year.

    Newcomers over leavers of both years are not shown to lie more than a fifth away from one. All in one test, since
    the runs take minutes.
    """
    moved = {name: change(years.second[name], years.third[name]) for name in FIGURES}
    assert {name: it for name, it in moved.items() if it.low > NEAR or it.high < -NEAR} == {}
    assert {name: it for name, it in moved.items() if abs(it.estimate) > 2.0 * NEAR} == {}
    ratio = mean_interval((np.array(years.entered) / np.array(years.left)).tolist(), LEVEL)
    assert ratio.low <= 1.2
    assert ratio.high >= 0.8


def change(second: list[float], third: list[float]) -> Interval:
    """Return the interval of the relative change over the seeds."""
    return mean_interval((np.array(third) / np.array(second) - 1.0).tolist(), LEVEL)
