"""Newcomers come from finite pools, by kin and by what is earned."""

from __future__ import annotations

import numpy as np
import pytest

from sim.market.pools import EntryRules, PoolDesk
from sim.model import MarketModel
from sim.state import Rows
from sim.vocabulary import NO_ROW, Destination, WorkerStatus
from tests.core.small import LIVELY, Town, run

RATE = 0.05


@pytest.fixture
def model(town: Town) -> MarketModel:
    return run(town("scale=0.2", "period.days=3"), 1)


def desk(model: MarketModel, **changes: float) -> PoolDesk:
    rules = {"network_strength": 0.0, "entry_pay_elasticity": 0.0} | changes
    return PoolDesk(model.market, EntryRules(RATE, **rules))


def pools(model: MarketModel) -> Rows:
    return model.tables["pools"].used


def expected(model: MarketModel, **changes: float) -> np.ndarray:
    desk(model, **changes).open_month()
    return np.array(pools(model)["entries_per_year"])


def test_full_pools_send_the_rate_of_the_facts(model: MarketModel) -> None:
    pools(model)["available"] = pools(model)["persons"]
    assert expected(model) == pytest.approx(RATE * pools(model)["workers_began"])


def test_half_a_pool_sends_half_and_an_empty_one_nobody(model: MarketModel) -> None:
    pools(model)["available"] = 0.5 * pools(model)["persons"]
    pools(model)["available"][0] = 0.0
    found = expected(model)
    assert found[0] == 0.0
    assert found[1:] == pytest.approx(0.5 * RATE * pools(model)["workers_began"][1:])


def test_twice_the_pay_brings_as_many_more_as_the_elasticity_says(model: MarketModel) -> None:
    workers = model.tables["workers"].used
    workers["months_seen"], workers["income_memory_fen"] = 1, 400_000
    before = expected(model, entry_pay_elasticity=1.5)
    pools(model)["months_usual"] = 12  # what is usual is known by now
    workers["income_memory_fen"] = 800_000
    assert expected(model, entry_pay_elasticity=1.5) == pytest.approx(2.0**1.5 * before)
    assert expected(model, entry_pay_elasticity=0.0) == pytest.approx(before)


def test_what_is_usual_is_the_mean_of_a_year(model: MarketModel) -> None:
    workers, it = model.tables["workers"].used, desk(model, entry_pay_elasticity=1.0)
    workers["months_seen"] = 1
    for month in range(15):
        workers["income_memory_fen"] = 100_000 * (month + 1)
        it.open_month()
    seen = pools(model)["months_usual"] > 0
    assert (pools(model)["months_usual"][seen] == 12).all()
    mean = 650_000 / pools(model)["home_fen_per_month"][seen]
    assert pools(model)["usual_gap"][seen] == pytest.approx(mean)


def test_people_come_to_where_their_kin_are(model: MarketModel) -> None:
    workers = model.tables["workers"].used
    pools(model)["workers_began"] = np.bincount(workers["origin"], minlength=len(pools(model)))
    there = pools(model)["workers_began"] > 0
    before = expected(model, network_strength=1.0)
    workers["status"][::2] = WorkerStatus.LEFT
    left = np.bincount(workers["origin"][1::2], minlength=len(pools(model)))
    after = expected(model, network_strength=1.0)
    assert after[there] == pytest.approx(
        before[there] * (left / np.maximum(pools(model)["workers_began"], 1))[there]
    )


def test_persons_are_conserved_between_pools_and_the_trade(town: Town) -> None:
    model = MarketModel(town("period.days=60", "scale=0.2", *LIVELY))
    before = model.tables["workers"].size
    model.run_days(60)
    found, workers = pools(model), model.tables["workers"].used
    assert found["persons"] - found["available"] == pytest.approx(
        found["entered"] + found["trained"] - found["came_back"]
    )
    new = np.arange(len(workers)) >= before
    assert found["entered"].sum() == np.count_nonzero(new & (workers["base_row"] == NO_ROW)) > 0
    assert found["trained"].sum() == np.count_nonzero(new & (workers["base_row"] != NO_ROW))
    home = (workers["status"] == WorkerStatus.LEFT) & (workers["destination"] == Destination.HOME)
    assert found["came_back"].sum() == np.count_nonzero(home) > 0


def test_a_pool_that_is_used_up_sends_only_those_who_went_back(town: Town) -> None:
    model = MarketModel(town("period.days=60", "scale=0.2", *LIVELY))
    pools(model)["available"] = pools(model)["persons"] = 2.0
    model.run_days(60)
    found = pools(model)
    assert (found["entered"] <= 2 + found["came_back"]).all()
    assert found["entered"].sum() > 0
    usual = run(town("period.days=60", "scale=0.2", *LIVELY))
    assert found["entered"].sum() < pools(usual)["entered"].sum()
