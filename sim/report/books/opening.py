"""A region's market as it stands when time starts, built at a small scale to be compared with the books."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.agents import choice
from sim.data.load import region_folder
from sim.market.needs import daily_rate
from sim.model import MarketModel
from sim.rng import decision, derive
from sim.scenario import load_scenario
from sim.vocabulary import NO_ROW, ServiceForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sim.market.market import Market

ASKED_AT_MOST = 4000
"""Households asked for each service; a share of needs then has a standard error of one to two percent."""
_ASKED = decision("books.asks_a_firm")
_SCENARIO = """\
schema_version: 1
name: {{en: Opening, zh: 期初}}
region: {region}
period: {{start: 2026-01-01, days: 1, warm_up_days: 0}}
"""


def open_market(region: str, scale: float, seed: int) -> MarketModel:
    """Return the model of a region at minute 0.

    Raises:
        UserError: No such region, or a scale outside what scenarios allow.
    """
    known = region_folder(region)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "opening.yaml"
        named = region if not Path(region).is_dir() else str(known.resolve())
        file.write_text(_SCENARIO.format(region=_quoted(named)), encoding="utf-8")
        return MarketModel(load_scenario(file, (f"--scale={scale}", f"--seed={seed}")))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def rates_per_day(market: Market, service: int) -> NDArray[np.float64]:
    """Return by household the mean needs a day of a service."""
    row = market.table("services").used[service]
    return np.array([daily_rate(home, row) for home in market.table("households").used])


class Taken(NamedTuple):
    """How much of what households need they would ask a firm for.

    Attributes:
        needs: Share of the needs, each household counting by how often it has them.
        spells: Share of the households in a spell, each counting by its probability to be in one.
        error: Standard error of both.
    """

    needs: float
    spells: float
    error: float


def taken_shares(market: Market, spell_days: Mapping[str, float]) -> dict[str, Taken]:
    """Return by service how much of the needs households would bring to a firm now.

    Asked are households in the order of their keys, each once, with a taste drawn for the occasion.

    Args:
        market: The market when time starts.
        spell_days: Mean length of a spell by service; those without one are left out.
    """
    homes = market.table("households").used
    by_key = np.argsort(homes["key"], kind="stable")
    shares = {}
    for service, name in enumerate(market.world.service_ids):
        rates = rates_per_day(market, service)
        asked = by_key[rates[by_key] > 0.0][:ASKED_AT_MOST]
        yes = np.array([_asks(market, int(home), service) for home in asked], float)
        spells = in_spell_probability(rates[asked], spell_days.get(name, 0.0))
        shares[name] = _weighed(yes, rates[asked], spells)
    return shares


def in_spell_probability(rates: NDArray[np.float64], days: float) -> NDArray[np.float64]:
    """Return the probability that a household is in a spell, by its rate of needs a day (M/G/infinity)."""
    return np.array([-math.expm1(-rate * days) for rate in rates.tolist()])


def _weighed(yes: NDArray[np.float64], rates: NDArray[np.float64], spells: NDArray[np.float64]) -> Taken:
    if len(yes) == 0:
        return Taken(0.0, 0.0, 0.0)
    needs = math.fsum(rates * yes) / math.fsum(rates)
    error = math.sqrt(math.fsum((rates * (yes - needs)) ** 2)) / math.fsum(rates)
    return Taken(needs, math.fsum(spells * yes) / (math.fsum(spells) or 1.0), error)


def _asks(market: Market, household: int, service: int) -> bool:
    row = market.table("services").used[service]
    key = derive(derive(market.rows("households")["key"][household], _ASKED), row["key"])
    duration = float(row["duration_mean_min"]) if row["form"] == ServiceForm.VISIT else 0.0
    company = choice.choose(
        market.columns, market.weights, market.reach, household, service,
        duration, key, market.seed,
    )  # fmt: skip
    return company != NO_ROW
