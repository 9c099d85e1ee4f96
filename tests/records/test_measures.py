"""Measures beside the indicators: what the sink notes agrees with the recorder, as a whole and in windows."""

from __future__ import annotations

import numpy as np
import pytest

from sim.clock import MINUTES_PER_DAY
from sim.model import MarketModel
from sim.records.dealings import Dealings
from sim.records.flows import CITY
from sim.records.measures import Seen, check_value, is_of_a_whole_run, services_in, values
from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.vocabulary import FirmForm
from tests.core.small import Town

NEW_YEAR = 47
DAYS = 90
LIVELY = (
    "parameters.services.live_in_nanny.spell_mean_months=0.4",
    "parameters.households.needs.live_in_nanny.rate_per_year=0.4",
    "parameters.placements.unsuitable_probability=0",
    "parameters.labour.exit_rate_per_year=0",
)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    town = Town(tmp_path_factory.mktemp("measures"))
    scenario = town("scale=0.3", f"period.days={DAYS}", "period.warm_up_days=10", *LIVELY)
    period = Period(scenario.settings.period.start, DAYS, 10)
    recorder = Recorder(period, 0.3, "none")
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    model.sink = dealings = Dealings(recorder, period, len(model.world.service_ids))
    model.run_days(DAYS)
    model.close()
    return Seen(recorder.finish(model.ledger_totals()), dealings)


def value(seen: Seen, name: str) -> float:
    found = values(seen, [name], [NEW_YEAR])[name]
    assert found is not None
    return found


def test_visits_are_those_of_the_recorder_day_by_day(seen: Seen) -> None:
    orders = seen.recorded.orders
    for name in ("completed", "price_fen", "wage_fen"):
        noted = seen.dealings.visits[name].sum(axis=(1, 2))
        assert np.array_equal(noted, orders.of(CITY, name)[:, 0])
    assert np.array_equal(seen.dealings.served.sum(axis=1), orders.of(CITY, "served")[:, 0])
    assert seen.dealings.served.sum() > 500


def test_orders_per_active_day_is_the_indicator_where_all_forms_are_taken(seen: Seen) -> None:
    # A worker who serves two forms on one day, by a private contract beside the firm, is counted twice here.
    ours, indicator = value(seen, "visits_per_active_day/all"), value(seen, "orders_per_worker_day")
    assert ours == pytest.approx(indicator, rel=0.02)
    assert value(seen, "visits_per_active_day/platform@-14..-1") >= 1.0


def test_a_window_is_the_share_of_its_days(seen: Seen) -> None:
    requested = seen.recorded.orders.of(CITY, "requested")[:, 0]
    window = value(seen, "orders_requested@-14..-1")
    by_hand = requested[NEW_YEAR - 14 : NEW_YEAR].sum() / 14 * (365 / 12) / 0.3
    assert window == pytest.approx(by_hand)
    assert value(seen, f"orders_requested@{10 - NEW_YEAR}..{DAYS - 1 - NEW_YEAR}") == pytest.approx(
        value(seen, "orders_requested")
    )
    assert values(seen, ["orders_requested@-40..-1"], [NEW_YEAR]) == {"orders_requested@-40..-1": None}


def test_take_rates_follow_from_the_shares_that_workers_get(seen: Seen) -> None:
    facts = seen.recorded.frame.world.tables["services"].used["worker_share_of_price"]
    nanny = seen.services.index("live_in_nanny")
    expected = 1.0 - float(facts[nanny])
    # Firms' own levels move the share by a few hundredths.
    assert value(seen, "placement_take_rate/live_in_nanny/agency") == pytest.approx(expected, abs=0.06)
    assert value(seen, "visit_take_rate/hourly_cleaning/acquaintance") == 0.0


def test_spells_are_whole(seen: Seen) -> None:
    spells = seen.dealings.spells
    assert (spells["end_min"] >= spells["start_min"]).all()
    assert (spells["end_min"] <= DAYS * MINUTES_PER_DAY).all()
    assert spells["is_new"].any()
    assert not spells["is_new"][spells["start_min"] == 0.0].any()
    assert set(spells["form"]) <= set(FirmForm)


def test_the_length_that_was_put_in_is_found_again(seen: Seen) -> None:
    """Spells have an exponential law with a mean of 0.4 months; the interval is that of an exponential mean.

    With n ends the standard error is about n**-0.5 of the mean; five of them fail by chance 1 in a million times.
    """
    spells = seen.spells("live_in_nanny")
    new = spells[spells["is_new"]]
    assert new["ended"].sum() > 50, new["ended"].sum()
    tolerance = 5.0 * float(new["ended"].sum()) ** -0.5
    assert value(seen, "placement_spell/live_in_nanny") == pytest.approx(0.4, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fill_rat", "no indicator fill_rat"),
        ("fill_rate/nobody/x", "no indicator/scope/group"),
        ("fill_rate@3..1", "ends before it begins"),
        ("placement_spell", "not of the form placement_spell/<services>"),
        ("visits_per_active_day/guild", "guild is no form of firm"),
    ],
)
def test_what_no_run_can_say_is_refused(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_value(name)


def test_names_are_read() -> None:
    assert services_in("placement_pay/live_in_nanny+day_nanny/all@0..3") == ["live_in_nanny", "day_nanny"]
    assert services_in("wait/service/cooking") == ["cooking"]
    assert services_in("take_rate/firm_form/platform") == []
    assert is_of_a_whole_run("take_rate/firm_form/platform")
    assert not is_of_a_whole_run("utilisation@0..3")
    assert not is_of_a_whole_run("placement_spell/cooking")
