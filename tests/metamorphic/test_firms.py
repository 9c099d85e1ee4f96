"""Exchangeable firms earn alike across replications: neither a firm's row nor its key is worth money.

All agencies of the town are made twins of one: same place, price, quality and books, each with an equal part of the
same workforce. Only chance can then tell them apart, so that within a replication every ranking of their revenue is
equally likely: Friedman's test (1937, "The use of ranks to avoid the assumption of normality", JASA 32).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.model import MarketModel
from sim.state import World
from sim.vocabulary import NO_ROW, FirmForm, MoneyKind
from tests.core.small import Town
from tests.metamorphic.replicate import replications

OVERRIDES = ("scale=0.06", "period.days=20")
FALSE_ALARM = 1e-4
"""Of each test, over seeds; the seeds are fixed. Friedman's statistic is nearly chi-square from 20 replications on."""
ITS_OWN = {"key", "surroundings"}
HIS_OWN = {"key", "company_row"}


def agencies(world: World) -> NDArray[np.int64]:
    return np.flatnonzero(world.tables["companies"].used["form"] == FirmForm.AGENCY)


def make_twins(world: World) -> None:
    """Make all agencies alike, with workers alike; who is left over has no firm."""
    firms, workers = agencies(world), world.tables["workers"].used
    companies = world.tables["companies"].used
    staffs = [np.flatnonzero(workers["company_row"] == firm) for firm in firms]
    like, size = max(staffs, key=len), sum(map(len, staffs)) // len(firms)
    pool = np.concatenate(staffs)
    for number, firm in enumerate(firms):
        for name in set(companies.dtype.names or ()) - ITS_OWN:
            companies[name][firm] = companies[name][firms[0]]
        his = pool[number * size : (number + 1) * size]
        for name in set(workers.dtype.names or ()) - HIS_OWN:
            workers[name][his] = workers[name][np.resize(like, size)]
        workers["company_row"][his] = firm
        companies["workers"][firm] = size
    workers["company_row"][pool[len(firms) * size :]] = NO_ROW
    world.tables["households"].used["last_company_row"] = NO_ROW


def earned(model: MarketModel) -> NDArray[np.int64]:
    """Return the revenue of each agency, fen."""
    money = model.tables["companies"].used["money_fen"]
    return np.asarray(money[agencies(model.world), MoneyKind.SERVICE])


def alike(town: Town, count: int, change: Callable[[World], None] = make_twins) -> float:
    """Return the p-value of Friedman's test that all rankings of the agencies are equally likely."""
    revenue = np.array(replications(town(*OVERRIDES), range(1, count + 1), change, earned))
    assert revenue.shape[1] >= 3 and (revenue.mean(axis=0) > 0).all()
    return float(stats.friedmanchisquare(*revenue.T).pvalue)


def test_exchangeable_firms_earn_alike(town: Town) -> None:
    assert alike(town, 20) > FALSE_ALARM


@pytest.mark.slow
def test_exchangeable_firms_earn_alike_in_many_replications(town: Town) -> None:
    assert alike(town, 150) > FALSE_ALARM


@pytest.mark.slow
def test_a_firm_that_is_better_known_would_be_found(town: Town) -> None:
    def one_ahead(world: World) -> None:
        make_twins(world)
        world.tables["companies"].used["rating_sum"][agencies(world)[1]] += 20.0

    assert alike(town, 24, one_ahead) < FALSE_ALARM
