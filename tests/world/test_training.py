from __future__ import annotations

import numpy as np
import pytest

from sim.data import FactTree
from sim.world.frame import Frame
from sim.world.training import base_rows, cohorts_per_year

from .conftest import REGION, facts_of, world_of


@pytest.mark.parametrize("region", ["beijing", "zhongshan"])
@pytest.mark.parametrize("scale", [0.01, 0.05, 1.0])
def test_bases_train_the_scaled_trainees_of_a_year(region: str, scale: float) -> None:
    facts = facts_of(region)
    frame = Frame.of(region, facts, scale, 1)
    rows = base_rows(frame)
    for place, here in (("in_region", 1), ("at_origin", 0)):
        path = f"region.training_bases.{place}"
        those = rows[rows["in_region"] == here]
        real = facts.integer(f"{path}.count")
        assert those["weight"].sum() == pytest.approx(real)
        trainees = real * facts.number(f"{path}.trainees_per_year") * scale
        # Seats are whole: off by half a seat for each cohort of a year.
        assert those["seats"].sum() * cohorts_per_year(frame) == pytest.approx(
            trainees, abs=0.5 * cohorts_per_year(frame) + 1e-6
        )
        assert those["seats"].min() >= 1


def test_bases_teach_trades_and_stand_at_origins(facts: FactTree) -> None:
    world = world_of(REGION, 1.0 / 33.0, 1)
    rows = world.tables["bases"].used
    local = world.origin_ids.index("local")
    assert (rows["origin"][rows["in_region"] == 1] == local).all()
    assert (rows["origin"][rows["in_region"] == 0] != local).all()
    assert set(rows["trade"]) <= set(range(len(world.trade_ids)))
    assert (rows["travel_lag_days"][rows["in_region"] == 1] == 0).all()
    assert (rows["travel_lag_days"][rows["in_region"] == 0] == facts.number("training.travel_lag_days")).all()


def test_all_bases_teach_in_proportion_to_the_workers(facts: FactTree) -> None:
    frame = Frame.of(REGION, facts, 1.0, 1)
    rows = base_rows(frame)
    trades = facts.children("region.workers_by_trade")
    shares = np.array([facts.number(f"region.workers_by_trade.{trade}") for trade in trades])
    taught = np.bincount(rows["trade"], minlength=len(trades))
    assert (abs(taught - shares * len(rows)) < 2.0).all()
