"""Care by kin: it costs paid work, ends with its spell, and gives the work back when a firm takes it over."""

from __future__ import annotations

import numpy as np
import pytest

from sim.market.kin_care import KinDesk
from sim.market.stocks import close_day, visit_trades
from sim.model import MarketModel
from sim.state import Record
from sim.vocabulary import NO_ROW, ServiceForm
from tests.core.small import Town

FREE_MIN, PAID_MIN = 300.0, 2_400.0
KEY = np.uint64(77)


@pytest.fixture
def model(town: Town) -> MarketModel:
    """A town in which only one household has kin, and nobody needs anything."""
    made = MarketModel(town("parameters.households.kin.share=0", "scale=0.05"))
    home = home_of(made)
    home["kin_free_min"], home["kin_paid_min"] = FREE_MIN, PAID_MIN
    return made


def home_of(model: MarketModel) -> Record:
    return model.tables["households"].used[0]


def desk_of(model: MarketModel) -> KinDesk:
    region = model.desks.region
    assert region is not None
    return region.demand.kin


def care(model: MarketModel) -> int:
    """Return a service by the month that takes kin more than their free time."""
    services = model.tables["services"].used
    lasting = (services["form"] == ServiceForm.PLACEMENT) & (60.0 * services["hours_per_week"] > FREE_MIN)
    return int(np.flatnonzero(lasting)[0])


def lost_paid_min(model: MarketModel) -> float:
    return float(close_day(model.market, 0, visit_trades(model.market))["kin_lost_paid_min"].sum())


def test_care_displaces_paid_work_until_a_firm_takes_it_over(model: MarketModel) -> None:
    service, desk, home = care(model), desk_of(model), home_of(model)
    minutes = 60.0 * float(model.tables["services"].used["hours_per_week"][service])
    assert lost_paid_min(model) == 0.0
    desk.begin(0, service, KEY)
    assert home["kin_care_min"] == pytest.approx(minutes)
    assert lost_paid_min(model) == pytest.approx(min(minutes - FREE_MIN, PAID_MIN))
    desk.replace(0, service + 1)
    assert home["kin_service"] == service, "another service replaces nothing"
    desk.replace(0, service)
    assert (home["kin_service"], home["kin_care_min"]) == (NO_ROW, 0.0)
    assert lost_paid_min(model) == 0.0


def test_an_end_that_was_entered_for_an_earlier_spell_ends_nothing(model: MarketModel) -> None:
    service, desk, home = care(model), desk_of(model), home_of(model)
    desk.begin(0, service, KEY)
    earlier = int(home["kin_stamp"])
    desk.replace(0, service)
    desk.begin(0, service, KEY)
    desk.on_end(0, earlier)
    assert home["kin_service"] == service
    desk.on_end(0, int(home["kin_stamp"]))
    assert home["kin_service"] == NO_ROW


def test_kin_do_not_take_a_visit_for_a_spell_and_begin_no_spell_twice(model: MarketModel) -> None:
    desk, home = desk_of(model), home_of(model)
    visits = model.tables["services"].used["form"] == ServiceForm.VISIT
    desk.begin(0, int(np.flatnonzero(visits)[0]), KEY)
    assert home["kin_service"] == NO_ROW
    desk.begin(0, care(model), KEY)
    stamp = int(home["kin_stamp"])
    desk.begin(0, care(model), KEY)
    assert home["kin_stamp"] == stamp
