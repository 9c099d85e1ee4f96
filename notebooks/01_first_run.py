# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # A first run
#
# Half a thousandth of Beijing for two months: what a run is, where its numbers lie, and how to read them.
# Open this file as a notebook with Jupytext, or run it as a script.

# %%
from pathlib import Path

import matplotlib.pyplot as plt

import sim

HERE = Path(__file__).parent if "__file__" in globals() else Path.cwd()
scenario = sim.load(HERE.parent / "scenarios" / "baseline.yaml", ["scale=0.0005", "period.days=60"])
scenario.name, scenario.identity[:12]

# %% [markdown]
# A scenario knows every number that it uses: value, unit, range, source and grade.

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
# Each has a unit, a better direction and the number of simulated observations behind it. Read `n` before the value: on
# so small a part of the city many are thin.

# %%
kpis = results.indicators
city = kpis[kpis["scope"] == "city"].set_index("indicator")
city.loc[["fill_rate", "wait", "travel_per_order", "utilisation", "price_per_hour"], ["value", "unit", "n"]]

# %% [markdown]
# ## Orders by day
#
# The tables are Parquet files; pandas, DuckDB and Polars read them.

# %%
day = (results.orders["placed_min"] // 1440).astype(int)
requested = day.value_counts().sort_index()

figure, axes = plt.subplots(figsize=(8, 3))
axes.plot(requested.index, requested.to_numpy())
axes.set_xlabel("day since the start of the period")
axes.set_ylabel("visits requested a day (simulated)")
axes.set_title("The weeks before and after Spring Festival")
figure.tight_layout()

# %% [markdown]
# ## The finding
#
# How much of what was asked for was served, in one sentence.

# %%
fill = city.loc["fill_rate"]
finding = f"Of {fill['n']:.0f} visits whose end is known, {100 * fill['value']:.0f}% were served."
finding
