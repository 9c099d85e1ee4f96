"""Workers enter, go home for Spring Festival and come back, and leave; each once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.agents.worker import Worker
from sim.clock import MINUTES_PER_DAY, Kind
from sim.model import MarketModel
from sim.sink import NullSink
from sim.state import Rows, World
from sim.vocabulary import OrderState, PlacementState, WorkerStatus
from tests.core.small import LIVELY, Town, run

NOON = MINUTES_PER_DAY / 2.0


class Stocks(NullSink):
    def __init__(self) -> None:
        self.rows: list[Rows] = []

    def stocks(self, rows: Rows, world: World) -> None:
        self.rows.append(rows.copy())

    def total(self, column: str) -> int:
        return int(sum(rows[column].sum() for rows in self.rows))


def test_who_leaves_twice_has_left_once(town: Town) -> None:
    sink = Stocks()
    model = run(town("parameters.labour.exit_rate_per_year=0"), 3, sink)
    agents = len(model.agents_by_type[Worker])
    for hours in (1.0, 2.0, 50.0):
        model.market.clock.at(model.now_min + hours * 60.0, Kind.LEAVE, 4)
    model.run_days(5)
    assert sink.total("workers_left") == 1
    assert model.tables["workers"].used["left_min"][4] == 3 * MINUTES_PER_DAY + 60.0
    assert len(model.agents_by_type[Worker]) <= agents - 1 + sink.total("workers_entered")
    model.close()


def test_comings_and_goings_add_up(town: Town) -> None:
    sink = Stocks()
    model = MarketModel(town("period.days=40", "scale=0.2", *LIVELY), sink)
    before = model.tables["workers"].size
    model.run_days(40)
    model.close()
    status = model.tables["workers"].used["status"]
    assert sink.total("workers_entered") == model.tables["workers"].size - before > 0
    assert sink.total("workers_left") == np.count_nonzero(status == WorkerStatus.LEFT) > 0
    assert sink.rows[-1]["workers"].sum() == np.count_nonzero(status != WorkerStatus.LEFT)


def test_who_has_left_holds_nothing(town: Town) -> None:
    model = MarketModel(town("period.days=40", "scale=0.2", *LIVELY))
    seen = 0
    for _ in range(40):
        model.run_days(1)
        workers = model.tables["workers"].used
        gone = np.flatnonzero(workers["status"] == WorkerStatus.LEFT)
        seen += len(gone)
        assert (workers["plan_length"][gone] == 0).all()
        assert (workers["contracts"][gone] == 0).all()
        orders, placements = model.tables["orders"].used, model.tables["placements"].used
        bound = orders["worker_row"][(orders["state"] >= OrderState.ASSIGNED) & (orders["state"] <= 5)]
        active = placements["worker_row"][np.isin(placements["state"], (2, PlacementState.ACTIVE))]
        assert not np.isin(np.concatenate([bound, active]), gone).any()
    assert seen > 0


@pytest.fixture(scope="module")
def festival(town: Town) -> MarketModel:
    """A town over Spring Festival (17 February 2026), stopped in its midst."""
    model = MarketModel(town("period.start=2026-01-10", "period.days=90", "scale=0.3"))
    model.advance_to(38 * MINUTES_PER_DAY + NOON)
    return model


def test_most_are_away_at_the_festival_and_back_later(festival: MarketModel) -> None:
    workers = festival.tables["workers"].used
    local = festival.world.origin_ids.index("local")
    goes = (workers["absent_from_min"] <= festival.now_min) & (festival.now_min < workers["absent_until_min"])
    assert not goes[workers["origin"] == local].any()
    assert goes[workers["origin"] != local].mean() > 0.3


def test_nobody_sets_out_during_his_leave(town: Town) -> None:
    model = MarketModel(town("period.start=2026-01-10", "period.days=80", "scale=0.3"))
    seen = 0
    while model.now_min < model.end_min:
        model.advance_to(model.now_min + 47.0)
        workers = model.tables["workers"].used
        away = (workers["absent_from_min"] <= model.now_min) & (model.now_min < workers["absent_until_min"])
        seen += np.count_nonzero(away)
        orders = model.tables["orders"].used
        on_the_way = orders[orders["state"] == OrderState.TRAVELLING]
        whose = workers[on_the_way["worker_row"]]
        begun_before = on_the_way["depart_min"] < whose["absent_from_min"]
        assert (begun_before | (on_the_way["depart_min"] >= whose["absent_until_min"])).all()
    assert seen > 1000


def test_no_occurrence_is_entered_that_never_comes(festival: MarketModel) -> None:
    minutes = festival.market.clock.calendar()["minute"]
    assert minutes.max() < festival.end_min + 100 * 365 * MINUTES_PER_DAY


def newcomers(town: Town, a_day: float, days: int) -> set[tuple[int, int]]:
    """Return day and key of those who enter by their own network when so many are expected a day."""
    model = MarketModel(town(f"period.days={days}"))
    region = model.desks.region
    assert region is not None
    pools = model.tables["pools"].used
    pools["entries_per_year"] = a_day * 365.0 / len(pools)
    seen: set[tuple[int, int]] = set()

    def note(key: np.uint64, *_: object, **__: object) -> int:
        seen.add((day, int(key)))
        return 0

    region.labour.enter = note  # type: ignore[method-assign]
    for day in range(days):
        region.labour._enter_newcomers(day)
    return seen


def test_a_higher_rate_adds_newcomers_and_takes_none_away(town: Town) -> None:
    rates = [0.0, 0.2, 0.49, 0.51, 0.99, 1.01, 2.7]
    entered = [newcomers(town, rate, 300) for rate in rates]
    for fewer, more in itertools.pairwise(entered):
        assert fewer <= more
    for rate, seen in zip(rates, entered, strict=True):
        # A sum of 300 days' Bernoulli draws; five standard deviations of a Poisson number.
        assert abs(len(seen) - 300 * rate) <= 5 * np.sqrt(300 * rate)
