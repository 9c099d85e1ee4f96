"""The model as Mesa's users know it: agent sets that follow the population, columns as attributes, a step a day."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from sim.agents.care_institution import CareInstitution
from sim.agents.company import Company
from sim.agents.household import Household
from sim.agents.row import Column, RowAgent
from sim.agents.training_base import TrainingBase
from sim.agents.worker import Worker
from sim.model import MarketModel
from sim.state import Table
from sim.vocabulary import FirmForm, MoneyKind, WorkerStatus
from tests.core.small import LIVELY, Town, differences, run

pytestmark = pytest.mark.smoke

TABLE_OF = {
    Household: "households",
    Worker: "workers",
    Company: "companies",
    TrainingBase: "bases",
    CareInstitution: "institutions",
}


@pytest.fixture
def model(town: Town) -> MarketModel:
    return MarketModel(town())


def test_every_row_is_an_agent(town: Town) -> None:
    model = MarketModel(town("scale=0.2"))
    sizes = {kind: len(model.agents_by_type[kind]) for kind in TABLE_OF}
    assert sizes == {kind: model.tables[name].size for kind, name in TABLE_OF.items()}
    assert all(sizes.values())
    assert len(model.agents) == sum(sizes.values())


def test_the_agents_follow_those_who_enter_and_leave(town: Town) -> None:
    model = MarketModel(town("scale=0.2", *LIVELY))
    start = {agent.row for agent in model.agents_by_type[Worker]}
    for _ in range(20):
        model.step()
        status = model.tables["workers"].used["status"]
        there = np.flatnonzero(status != WorkerStatus.LEFT)
        assert sorted(agent.row for agent in model.agents_by_type[Worker]) == there.tolist()
    end = {agent.row for agent in model.agents_by_type[Worker]}
    assert start - end, "nobody left"
    assert end - start, "nobody entered"


def test_columns_read_and_write_the_row(model: MarketModel) -> None:
    home = model.agents_by_type[Household][5]
    row = model.tables["households"].rows[home.row]
    assert home.income_fen_per_month == row["income_fen_per_month"]
    assert isinstance(home.income_fen_per_month, int)
    assert isinstance(home.home_m2, float)
    home.income_fen_per_month = 123_456
    assert model.tables["households"].rows["income_fen_per_month"][home.row] == 123_456


def columns_of(kind: type[RowAgent]) -> list[str]:
    return [name for name in vars(kind) if isinstance(vars(kind)[name], Column)]


@pytest.mark.parametrize("kind", TABLE_OF, ids=lambda kind: kind.__name__)
def test_every_column_of_an_agent_is_one_of_its_table(kind: type[RowAgent], town: Town) -> None:
    model = MarketModel(town("scale=0.2"))
    agent = model.agents_by_type[kind][0]
    assert kind.table_name == TABLE_OF[kind]
    assert columns_of(kind)
    for name in columns_of(kind):
        assert getattr(agent, name) == agent.record[name]


def test_mesas_tools_work_on_the_agents(model: MarketModel) -> None:
    workers = model.agents_by_type[Worker]
    rated = workers.select(lambda worker: worker.skill_level > 0.0)
    assert 0 < len(rated) <= len(workers)
    used = model.tables["workers"].used
    assert workers.agg("skill_level", np.mean) == pytest.approx(used["skill_level"].mean(dtype=float))
    workers.set("rating", 4.5)
    assert (used["rating"] == 4.5).all()


def test_a_step_is_a_day(town: Town) -> None:
    stepping, running = MarketModel(town()), run(town(), 3)
    for day in range(3):
        assert stepping.steps == day
        stepping.step()
    assert stepping.now_min == 3 * 1440.0
    assert stepping.time == 3.0
    assert differences(stepping, running) == []


def test_a_step_from_within_a_day_ends_at_midnight(model: MarketModel) -> None:
    model.advance_to(1440.0 * 2 + 0.5)
    model.step()
    assert model.now_min == 3 * 1440.0


def test_no_step_passes_the_periods_end(town: Town) -> None:
    model = run(town("period.days=2"))
    before = model.counts()
    model.step()
    assert model.now_min == model.end_min == 2 * 1440.0
    assert model.counts() == before


def test_an_agents_own_words_agree_with_its_row(town: Town) -> None:
    model = run(town("scale=0.2"))
    homes = model.agents_by_type[Household]
    firms = model.agents_by_type[Company]
    paid = sum(home.spent_fen for home in homes)
    assert paid > 0
    money = model.tables["households"].used["money_fen"]
    care, refunds = -money[:, MoneyKind.CARE_FEE].sum(), money[:, MoneyKind.REFUND].sum()
    assert paid == sum(firm.revenue_fen() for firm in firms) + care - refunds
    for firm in firms:
        assert firm.form == FirmForm(int(firm.record["form"]))
        ended = firm.completed + firm.unserved
        assert ended == 0 or firm.fill_rate == firm.completed / ended
    for worker in model.agents_by_type[Worker]:
        assert len(worker.plan) == worker.record["plan_length"]
        assert worker.status == worker.record["status"]


def test_a_column_outlives_the_growth_of_its_table() -> None:
    class Thing(RowAgent):
        rating = Column[float]()

    model = MarketModel.__new__(MarketModel)
    super(MarketModel, model).__init__(seed=1)
    table = Table(np.dtype([("rating", "f4")]), 1)
    thing = Thing(model, table, table.add())
    thing.rating = 2.5
    for _ in range(50):
        table.add()
    assert thing.rating == 2.5
    thing.rating = 3.5
    assert table.rows["rating"][0] == 3.5


def test_a_released_model_leaves_the_memory(town: Town) -> None:
    model = run(town(), 1)
    gone = weakref.ref(model)
    model.release()
    del model
    gc.collect()
    assert gone() is None
