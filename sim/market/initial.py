"""How a market stands when time starts: placements and contracts under way, residents with their stay to come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.agents import choice
from sim.clock import Kind
from sim.compiled import kernel
from sim.market.commitments import commit
from sim.market.needs import daily_rate
from sim.market.spells import draw_spell_min, residence_service
from sim.rng import combine, decision, derive, uniform
from sim.vocabulary import KIN, NO_ROW, PlacementState, ServiceForm

if TYPE_CHECKING:
    from sim.market.desks import Desks, RegionDesks
    from sim.market.market import Market
    from sim.state import Rows

_STOCK = decision("initial.has_placement")


def begin(market: Market, desks: Desks) -> None:
    """Enter the first occurrences and the initial stock."""
    if desks.stream is not None:
        desks.stream.begin()
    if desks.region is not None:
        _begin_stays(market)
        desks.region.wards.begin()
        _begin_spells(market, desks.region)
        desks.region.training.begin()


def _begin_stays(market: Market) -> None:
    """Enter the discharge of those who live in an institution; the remaining stay is that of a new one."""
    residents = market.table("residents").used
    service = residence_service(market)
    for resident in range(len(residents)):
        row = residents[resident]
        row["committed_fen"] = commit(
            market, int(row["household_row"]), service, int(row["fee_fen_per_month"])
        )
        stay = draw_spell_min(market, service, residents["key"][resident], 0)
        market.clock.at(market.now_min + stay, Kind.DISCHARGE, resident, int(residents["stamp"][resident]))


def _begin_spells(market: Market, desks: RegionDesks) -> None:
    """Let each household be in a spell with the probability that a long past would have left it with.

    Arrivals at rate r with mean spell s leave a share 1 - exp(-r s) of households in a spell (the stationary law of an
    M/G/infinity queue). Whether a household would go to a firm is its own choice; whether a worker can be found
    depends on who is free.
    """
    services = market.table("services").used
    for service in range(len(services)):
        form = services["form"][service]
        if form in {ServiceForm.PLACEMENT, ServiceForm.RECURRING}:
            _begin_service(market, desks, service)


@kernel
def in_a_spell(
    households: Rows, services: Rows, service: int, days: float, seed: np.uint64, out: Rows
) -> int:
    """Write the rows of households that are in a spell of a service when time starts; return how many they are."""
    row = services[service]
    count = 0
    for household in range(len(households)):
        home = households[household]
        probability = 1.0 - math.exp(-daily_rate(home, row) * days)
        key = combine(combine(home.key, _STOCK), row.key)
        if uniform(seed, _STOCK, key, np.uint64(0)) < probability:
            out[count] = household
            count += 1
    return count


def _begin_service(market: Market, desks: RegionDesks, service: int) -> None:
    households = market.table("households").used
    row = market.rows("services")[service]
    days = float(row["spell_mean_days"])
    found = np.empty(len(households), np.int64)
    count = in_a_spell(households, market.table("services").used, service, days, market.seed, found)
    # By key, so that the sequence of rows (district after district) decides nobody's place in the queue for workers.
    for household in found[:count][np.argsort(households["key"][found[:count]], kind="stable")].tolist():
        key = derive(derive(households["key"][household], _STOCK), row["key"])
        _begin_one(market, desks, household, service, key)


def _begin_one(market: Market, desks: RegionDesks, household: int, service: int, key: np.uint64) -> None:
    company = choice.choose(
        market.columns, market.weights, market.reach, household, service,
        0.0, key, market.seed,
    )  # fmt: skip
    if company == KIN:
        desks.demand.kin.begin(household, service, key)
    if company in {NO_ROW, KIN}:
        return
    if market.rows("services")["form"][service] == ServiceForm.RECURRING:
        desks.contracts.request(household, service, company, key)
        return
    placement = desks.placements.request(household, service, company, key, market.now_min)
    worker = desks.placements.candidate(placement)
    if worker != NO_ROW and market.rows("placements")["state"][placement] == PlacementState.SEARCHING:
        desks.placements.begin_active(placement, worker)
