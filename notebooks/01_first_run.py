# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A first run
#
# Half a thousandth of Beijing for two months: what a run is, where its numbers lie, and how to read them. So small a
# part is quick and shows how things work; at which scale each indicator holds, `docs/scaling.md` says.
#
# This file is a notebook (Jupytext opens it) and a script. As either it takes some seconds, and more the first time.

# %%
from pathlib import Path

import matplotlib.dates as dates
import matplotlib.pyplot as plt
import pandas as pd

import sim

HERE = Path(__file__).parent if "__file__" in globals() else Path.cwd()
scenario = sim.load(HERE.parent / "scenarios" / "baseline.yaml", ["scale=0.0005", "period.days=60"])
scenario.name, scenario.identity[:12]

# %% [markdown]
# A scenario knows every number that it uses: value, unit, range, grade and source. Grade C is an assumption.

# %%
fact = scenario.facts["visits.cancel_probability"]
fact.value, fact.unit, fact.low, fact.high, fact.grade, fact.source

# %% [markdown]
# A run is a pure function of the scenario, its data and the seed. Where its results lie already it is not made again.

# %%
results = sim.run(scenario, HERE.parent / "results")
results.folder.name

# %% [markdown]
# ## The indicators
#
# Each has a unit, a better direction and the number `n` of simulated observations behind it. Read `n` before the
# value: on so small a part of the city many are thin.

# %%
kpis = results.indicators
city = kpis[kpis["scope"] == "city"].set_index("indicator")
shown = ["fill_rate", "wait", "travel_per_order", "utilisation", "price_per_hour"]
city.loc[shown, ["en", "value", "unit", "better", "n"]].round(3)

# %% [markdown]
# ## Visits by day
#
# The tables are Parquet files; pandas, DuckDB and Polars read them. The manifest says what was run, with the calendar
# of holidays. Indicators count from the end of the warm-up; here that leaves little more than the weeks around
# Spring Festival, when many workers are away.

# %%
period, calendar = results.manifest.settings["period"], results.manifest.settings["calendar"]
start, days = pd.Timestamp(period["start"]), range(period["days"])
orders = results.orders.assign(day=lambda table: (table["placed_min"] // 1440).astype(int))
requested = orders["day"].value_counts().reindex(days, fill_value=0)
served = orders.loc[orders["state"] == "completed", "day"].value_counts().reindex(days, fill_value=0)
dates_shown = start + pd.to_timedelta(days, unit="D")
festival = next(day for day in map(pd.Timestamp, calendar["lunar_new_years"]) if day >= start)

figure, axes = plt.subplots(figsize=(8, 3.5))
axes.plot(dates_shown, requested, label="requested")
axes.plot(dates_shown, served, label="of these served")
axes.axvspan(start, start + pd.Timedelta(days=period["warm_up_days"]), color="0.93", label="warm-up, not counted")
axes.axvline(festival, color="tab:red", linewidth=1, label="Spring Festival")
axes.set_ylim(bottom=0)
axes.set_xlabel(f"day of the request, {start.year}")
axes.set_ylabel("simulated visits a day")
axes.set_title(f"Visits at a scale of 1 to {1 / scenario.settings.scale:,.0f}, seed {scenario.settings.seed}")
axes.xaxis.set_major_locator(dates.WeekdayLocator(dates.MONDAY))
axes.xaxis.set_major_formatter(dates.DateFormatter("%d %b"))
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
figure.tight_layout()

# %% [markdown]
# ## The finding
#
# What became of the visits that were asked for.

# %%
ended = city.loc["fill_rate", "n"]
share = city["value"]
finding = (
    f"Of {ended:,.0f} simulated visits that were requested after the warm-up and whose end is known, "
    f"{share['fill_rate']:.0%} were served, {share['unserved_share']:.0%} stayed unserved and "
    f"{share['cancelled_share']:.0%} were cancelled."
)
print(finding)
