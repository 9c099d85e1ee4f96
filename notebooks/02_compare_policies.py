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
# # What does a voucher change?
#
# The national voucher for disabled elders against the market as it is: two worlds with the same chance, so that what
# differs is the policy. The scale is small so that this page is quick; a study that is to be defended takes more.

# %%
from pathlib import Path

import matplotlib.pyplot as plt

import sim

HERE = Path(__file__).parent if "__file__" in globals() else Path.cwd()
SCENARIOS = HERE.parent / "scenarios"
study = sim.compare(
    SCENARIOS / "baseline.yaml",
    SCENARIOS / "elder_voucher.yaml",
    replications=4,
    overrides=["scale=0.001", "period.days=150"],
    out=HERE.parent / "results",
)
study

# %% [markdown]
# ## Those whom it reaches
#
# Households that hold a claim under the policy, and the same households without it.

# %%
table = study.table()
treated = table[table["scope"] == "treated"].set_index("outcome")
treated[["unit", "baseline", "value", "difference", "low_together", "high_together", "verdict"]]

# %% [markdown]
# ## The whole region
#
# An honest model shows a small effect on a whole city. The intervals hold all at once in 95 of 100 such comparisons.

# %%
city = table[(table["scope"] == "city") & (table["difference"] != 0.0)].set_index("outcome")
city[["unit", "baseline", "difference", "low_together", "high_together", "verdict", "variance_ratio"]]

# %% [markdown]
# ## A picture
#
# Differences of what is treated, each relative to its baseline, with the intervals that hold at once.

# %%
shown = treated.loc[["treated_requests", "treated_visits", "treated_own_spending"]]
relative = shown[["difference", "low_together", "high_together"]].div(shown["baseline"], axis=0) * 100
figure, axes = plt.subplots(figsize=(8, 2.5))
rows = range(len(relative))
axes.hlines(rows, relative["low_together"], relative["high_together"], color="tab:blue")
axes.plot(relative["difference"], rows, "o", color="tab:blue")
axes.axvline(0.0, color="grey", linewidth=1)
axes.set_yticks(list(rows), ["visits requested", "visits served", "own spending"])
axes.set_xlabel("difference to the baseline in percent, 95% intervals that hold at once")
axes.invert_yaxis()
figure.tight_layout()

# %% [markdown]
# ## The finding

# %%
spending, visits = treated.loc["treated_own_spending"], treated.loc["treated_visits"]
support = treated.loc["treated_support"]
finding = (
    f"A household that holds the voucher gets {support['difference']:.1f} yuan a month of public money for visits and "
    f"fees, pays {-spending['difference']:.1f} yuan less itself, and is served {visits['difference']:+.3f} visits a "
    f"month ({visits['low_together']:+.3f} to {visits['high_together']:+.3f})."
)
finding
