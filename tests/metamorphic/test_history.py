"""No one serves two households at once, before arrival, during leave, or without skill and health class.

Over the recorded history of a lively small town around Spring Festival, in which workers come, go home, come back,
change firms, and leave, spells end and houses of care are staffed anew.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from sim.model import MarketModel
from sim.state import Rows
from sim.vocabulary import OrderState, ServiceForm, WorkerStatus
from tests.core.small import LIVELY, Town
from tests.market.watch import ROUNDING_MIN, Collector
from tests.metamorphic.diary import Diary

SPELLS = ("day_nanny", "infant_nurse", "live_in_elder_care", "live_in_nanny")
OVERRIDES = (
    "period.start=2026-01-20",
    "period.days=60",
    "scale=0.2",
    *LIVELY,
    *(f"parameters.services.{service}.spell_mean_months=0.5" for service in SPELLS),
    "parameters.workers.secondary_trade_probability=1",
    "parameters.placements.search_step_days=1",
    "parameters.choice.placement_constant.agency=3",
    "parameters.choice.monthly_price_per_income_share=1",
    "dispatch.agency.policy=nearest",
)


@pytest.fixture(scope="module")
def diary(town: Town) -> Diary:
    """The diary of a run, in which all that is looked at behind every occurrence has held."""
    sink = Collector()
    model = MarketModel(town(*OVERRIDES), sink)
    kept = Diary(model, sink)
    model.advance_to(model.end_min)
    model.close()
    return kept


def completed(diary: Diary) -> Rows:
    orders = diary.sink.orders()
    return orders[orders["state"] == OrderState.COMPLETED]


def test_no_one_serves_two_households_at_once(diary: Diary) -> None:
    times = diary.times()
    kinds = {time.what for time in times}
    assert kinds == {"visit", "spell"} and len(times) > 1_000
    overlaps = [
        (one, other)
        for one, other in pairwise(times)
        if one.worker == other.worker and other.begin_min < one.end_min - ROUNDING_MIN
    ]
    assert overlaps == []


def test_many_have_done_both_visits_and_spells(diary: Diary) -> None:
    """Otherwise nobody could have done both at once."""
    done = [{time.worker for time in diary.times() if time.what == what} for what in ("visit", "spell")]
    assert len(done[0] & done[1]) > 10


def test_no_one_serves_before_arrival(diary: Diary) -> None:
    done = completed(diary)
    assert (done["start_min"] >= done["arrive_min"]).all()
    assert (done["arrive_min"] > done["depart_min"]).all()
    workers = diary.model.tables["workers"].used
    came = workers["entered_min"][done["worker_row"]]
    assert (done["depart_min"] >= came).all()
    assert np.count_nonzero(came > 0.0) > 10, "newcomers serve too"
    assert all(time.begin_min >= workers["entered_min"][time.worker] for time in diary.times())


def test_no_one_serves_during_leave(diary: Diary) -> None:
    done = completed(diary)
    who = diary.model.tables["workers"].used[done["worker_row"]]
    away = (who["absent_from_min"] <= done["depart_min"]) & (done["depart_min"] < who["absent_until_min"])
    assert not away.any(), "nobody sets out while he is away"
    before = done["finish_min"] <= who["absent_from_min"]
    after = done["depart_min"] >= who["absent_until_min"]
    assert np.count_nonzero(before & (who["absent_from_min"] < diary.model.end_min)) > 100
    assert np.count_nonzero(after) > 10


def test_no_one_serves_after_leaving_the_trade(diary: Diary) -> None:
    workers = diary.model.tables["workers"].used
    gone = workers["status"] == WorkerStatus.LEFT
    assert np.count_nonzero(gone) > 10
    late = [
        time
        for time in diary.times()
        if gone[time.worker] and time.end_min > workers["left_min"][time.worker]
    ]
    assert late == []


def test_the_days_of_a_spell_are_those_on_which_somebody_was_there(diary: Diary) -> None:
    placements = np.concatenate(diary.sink.placements)
    forms = diary.model.tables["services"].used["form"][placements["service"]]
    spells = placements[(forms == ServiceForm.PLACEMENT) & (placements["start_min"] >= 0.0)]
    assert len(spells) > 10
    for row in spells:
        there = diary.served_days(int(row["key"]))
        assert math.isclose(there, float(row["present_days"]), rel_tol=1e-9, abs_tol=1e-6)
    workers = diary.model.tables["workers"].used
    assert any(
        time.begin_min < workers["absent_from_min"][time.worker] < time.end_min
        for time in diary.times()
        if time.what == "spell"
    ), "some spells are interrupted by a leave"
