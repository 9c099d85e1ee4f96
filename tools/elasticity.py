"""How households' choice of a visit answers its price: ``python -m tools.elasticity [SCENARIO]``.

All needs of a spring day are put to the choice again and again, at today's prices and at prices a tenth higher; nothing
else moves. The elasticity is the change of the log of the share that goes to a firm over the change of the log price.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from sim.agents.choice import choose
from sim.market.market import Market
from sim.model import MarketModel
from sim.rng import derive
from sim.scenario import load_scenario
from sim.state import Rows
from sim.vocabulary import NO_ROW, ServiceForm

SCENARIO = "scenarios/baseline.yaml"
SPRING = ("period.start=2026-03-02", "period.days=10", "period.warm_up_days=0", "scale=0.01")
WARM_UP_DAYS = 7
OCCASIONS = 5
MULTIPLIER = 1.1
FIFTHS = 5


def chosen(market: Market, needs: Rows, occasion: int) -> Rows:
    """Return for each need whether the household goes to a firm."""
    duration = market.rows("services")["duration_mean_min"]
    firms = [
        choose(
            market.columns, market.weights, market.reach, int(need["household_row"]),
            int(need["service"]), float(duration[need["service"]]), derive(need["key"], occasion), market.seed,
        )
        for need in needs
    ]  # fmt: skip
    return np.array(firms) != NO_ROW


def shares(market: Market, needs: Rows, multiplier: float) -> Rows:
    """Return the share of needs that go to a firm at multiplied prices, by income fifth."""
    prices = market.table("companies").used["price_multiplier"]
    before = prices.copy()
    prices *= multiplier
    went = np.mean([chosen(market, needs, occasion) for occasion in range(OCCASIONS)], axis=0)
    prices[:] = before
    fifth = market.rows("households")["income_fifth"][needs["household_row"]]
    return np.array([went[fifth == k].mean() for k in range(FIFTHS)] + [went.mean()])


def main(arguments: list[str]) -> None:
    """Print the shares and elasticities, by income fifth and in all."""
    model = MarketModel(load_scenario(arguments[0] if arguments else SCENARIO, SPRING))
    model.run_days(WARM_UP_DAYS)
    market = model.market
    visits = market.rows("services")["form"][market.needs["service"]] == ServiceForm.VISIT
    needs = market.needs[visits]
    today, dearer = shares(market, needs, 1.0), shares(market, needs, MULTIPLIER)
    lines = [
        f"{len(needs)} needs of a visit, {OCCASIONS} occasions each",
        "income fifth  to a firm  elasticity",
    ]
    for name, share, other in zip([*map(str, range(1, FIFTHS + 1)), "all"], today, dearer, strict=True):
        lines.append(f"{name:>12}  {share:9.3f}  {math.log(other / share) / math.log(MULTIPLIER):10.3f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
