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
# # What does a voucher change?
#
# The national voucher for disabled elders against the market as it is: two worlds with the same chance, so that what
# differs is the policy. A thousandth of the city and ten replications take a minute or two; a study that is to be
# defended takes more of both.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import sim

HERE = Path(__file__).parent if "__file__" in globals() else Path.cwd()
SCENARIOS = HERE.parent / "scenarios"
study = sim.compare(
    SCENARIOS / "baseline.yaml",
    SCENARIOS / "elder_voucher.yaml",
    replications=10,
    overrides=["scale=0.001", "period.days=150"],
    out=HERE.parent / "results",
)
study.names, study.from_date, study.failed

# %% [markdown]
# The names of the worlds, the first measured day (that of the announcement) and the number of replications that failed.
# The voucher pays from 1 April, so the measured time holds a month without it.

# %% [markdown]
# ## Those whom it reaches
#
# Households that hold a claim under the policy, and the same households without it: means a household and month, the
# difference, and a 95% interval of each difference. The intervals of a table hold all at once, so that the striking
# row may be picked.

# %%
pd.options.display.float_format = lambda value: f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
DIFFERENCE = ["difference", "low_together", "high_together"]
table = study.table()
treated = table[table["scope"] == "treated"].set_index("outcome")
treated[["unit", "baseline", "value", *DIFFERENCE, "verdict"]]

# %% [markdown]
# ## The whole region
#
# The same policy among all visits and households of the city. Few of them are touched, so differences are small beside
# the means, and the intervals of so many outcomes, holding at once, are wide.

# %%
city = table[table["scope"] == "city"].set_index("outcome")
some = ["orders_requested", "fill_rate", "wait", "price_per_hour", "monthly_earnings", "household_spending"]
city.loc[[*some, "government_outlay"], ["unit", "baseline", *DIFFERENCE, "verdict"]]

# %%
city["verdict"].value_counts()

# %% [markdown]
# ## A picture
#
# The differences relative to the baseline: those whom the voucher reaches, and everybody. The two scales differ.

# %%
LABELS = {
    "treated_requests": "visits requested",
    "treated_visits": "visits served",
    "treated_own_spending": "own spending",
    "orders_requested": "visits requested",
    "orders_completed": "visits served",
    "household_spending": "household spending",
}


def draw(axes: plt.Axes, rows: pd.DataFrame, title: str) -> None:
    """Draw differences with their intervals, in percent of the baseline."""
    percent = 100 * rows[DIFFERENCE].div(rows["baseline"], axis=0)
    places = range(len(percent))
    axes.axvline(0.0, color="grey", linewidth=1)
    axes.hlines(places, percent["low_together"], percent["high_together"], color="tab:blue")
    axes.plot(percent["difference"], places, "o", color="tab:blue")
    axes.set_yticks(places, [LABELS[outcome] for outcome in percent.index])
    axes.set_ylim(len(percent) - 0.5, -0.5)
    axes.set_xlabel("difference in % of the baseline")
    axes.set_title(title)


figure, panels = plt.subplots(1, 2, figsize=(10, 3.2))
draw(panels[0], treated.loc[list(LABELS)[:3]], "Households with the voucher")
draw(panels[1], city.loc[list(LABELS)[3:]], "The whole region")
figure.suptitle("Voucher minus baseline: means and 95% intervals that hold at once in each group")
figure.tight_layout()

# %% [markdown]
# ## The finding
#
# Only an interval on one side of zero is called a difference; of any other it is said that it is not decided.


# %%
def says(what: str, row: pd.Series, unit: str, digits: int) -> str:
    """Say in a sentence what the interval of a difference shows."""
    low, high = row["low_together"], row["high_together"]
    if low == high == 0.0:
        sentence = f"{what} is the same in every replication."
    elif low <= 0.0 <= high:
        difference, low, high = (f"{value:+,.{digits}f}" for value in (row["difference"], low, high))
        sentence = f"whether {what} changes is not decided ({difference} {unit}, interval {low} to {high})."
    else:
        least, size, most = (f"{value:,.{digits}f}" for value in sorted(map(abs, (low, row["difference"], high))))
        sentence = f"{what} is {size} {unit} {'higher' if low > 0.0 else 'lower'} (interval {least} to {most})."
    return sentence[0].upper() + sentence[1:]


# %%
households, replications = treated.loc["treated_households", "value"], treated["replications"].min()
finding = [
    f"Households that hold the voucher, compared with themselves without it, on average from {study.from_date} on",
    f"({households:.0f} simulated ones a replication, {replications} replications, 95% intervals that hold at once):",
    "- " + says("public money for visits and fees", treated.loc["treated_support"], "yuan a month", 1),
    "- " + says("their own spending", treated.loc["treated_own_spending"], "yuan a month", 1),
    "- " + says("the number of visits they are served", treated.loc["treated_visits"], "visits a month", 4),
    "The whole region:",
    "- " + says("the number of visits served", city.loc["orders_completed"], "visits a month", 0),
]
print("\n".join(finding))
