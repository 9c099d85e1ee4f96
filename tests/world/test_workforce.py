from __future__ import annotations

import math

import numpy as np
import pytest

from sim.data import FactTree
from sim.state import World
from sim.vocabulary import FirmForm, HealthClass
from sim.world.frame import Frame
from sim.world.services import services_of_trade
from sim.world.workforce import home_weights, worker_counts

from .conftest import REGION, assert_mean, assert_share, facts_of, world_of

SCALE = 0.05


@pytest.fixture
def large() -> World:
    return world_of(REGION, SCALE, 1)


@pytest.mark.parametrize("region", ["beijing", "zhongshan"])
@pytest.mark.parametrize("scale", [0.002, 0.01, 0.05])
def test_workers_by_form_and_trade_follow_the_facts(region: str, scale: float) -> None:
    world, facts = world_of(region, scale, 1), facts_of(region)
    workers, companies = world.tables["workers"].used, world.tables["companies"].used
    total = round(facts.number("region.workers") * scale)
    assert len(workers) == total
    forms = np.bincount(companies["form"][workers["company_row"]], minlength=len(FirmForm))
    shares = [facts.number(f"region.workers_by_form.{form.name.lower()}") for form in FirmForm]
    expected = total * np.array(shares) / math.fsum(shares)
    # The floor of one worker a form moves the others by at most that much.
    assert (abs(forms - expected) < 2.0).all()
    assert forms.min() >= 1
    trades = np.bincount(workers["trade"], minlength=len(world.trade_ids))
    wanted = [total * facts.number(f"region.workers_by_trade.{trade}") for trade in world.trade_ids]
    # Each form's row is rounded by itself.
    assert (abs(trades - wanted) < len(FirmForm)).all()


def test_every_worker_serves_something_that_the_firm_offers(large: World) -> None:
    workers, companies = large.tables["workers"].used, large.tables["companies"].used
    assert (workers["skills"] & companies["services"][workers["company_row"]] != 0).all()


def test_no_firm_is_without_workers_and_books_agree(large: World) -> None:
    workers, companies = large.tables["workers"].used, large.tables["companies"].used
    counted = np.bincount(workers["company_row"], minlength=len(companies))
    assert (companies["workers"] == counted).all()
    assert (companies["target_workers"] == counted).all()
    assert counted.min() >= 1
    assert (np.diff(workers["company_row"]) >= 0).all()


def test_traits_follow_the_facts(facts: FactTree, large: World) -> None:
    workers = large.tables["workers"].used
    assert_share(workers["female"] == 1, facts.number("region.worker_female_share"))
    assert_share(workers["has_ebike"] == 1, facts.number("workers.ebike_share"))
    for row, origin in enumerate(large.origin_ids):
        assert_share(workers["origin"] == row, facts.number(f"region.workers_by_origin.{origin}"))
    assert_share(workers["age_years"] >= 50, facts.number("region.worker_age.share_50_plus"))
    assert_share(workers["age_years"] < 30, facts.number("region.worker_age.share_under_30"))
    assert workers["age_years"].mean() == pytest.approx(facts.number("region.worker_age.mean_years"), abs=1.0)
    assert_mean(workers["skill_level"].astype(float), facts.number("workers.skill_level.mean"))


def test_certificates_and_examinations_follow_the_trade(facts: FactTree, large: World) -> None:
    workers = large.tables["workers"].used
    matron = large.trade_ids.index("maternity_matron")
    required = facts.number("workers.certified_share_where_required")
    assert_share(workers["certified"][workers["trade"] == matron] == 1, required)
    assert_share(
        workers["certified"][workers["trade"] != matron] == 1, facts.number("region.certified_share")
    )
    held = workers["health_class"][workers["trade"] == matron]
    assert set(held) == {HealthClass.NONE, HealthClass.INFANT}
    assert_share(held == HealthClass.INFANT, facts.number("workers.health_examined_share"))


def test_skills_are_those_of_one_or_two_trades(facts: FactTree, large: World) -> None:
    workers = large.tables["workers"].used
    frame = Frame.of(REGION, facts, SCALE, 1)
    masks = [sum(1 << row for row in services_of_trade(frame, trade)) for trade in large.trade_ids]
    own = np.array(masks)[workers["trade"]]
    assert (workers["skills"] & own == own).all()
    pairs = {a | b for a in masks for b in masks}
    assert set(workers["skills"].tolist()) <= pairs
    shares = np.array([facts.number(f"region.workers_by_trade.{trade}") for trade in large.trade_ids])
    another = facts.number("workers.secondary_trade_probability") * (1.0 - (shares**2).sum())
    assert (workers["skills"] != own).mean() == pytest.approx(another, abs=0.02)


def test_working_days_and_hours_follow_the_facts(facts: FactTree, large: World) -> None:
    workers = large.tables["workers"].used
    days = (workers["weekdays"][:, None] >> np.arange(7)) & 1
    assert set(days.sum(axis=1)) == {5, 6}
    assert_share(days.sum(axis=1) == 6, facts.number("workers.days_per_week") - 5)
    weights = np.array(facts.vector("workers.rest_day_weights"))
    one = days[days.sum(axis=1) == 6]
    for weekday, share in enumerate(weights / weights.sum()):
        assert_share(one[:, weekday] == 0, share)
    cleaner = workers["trade"] == large.trade_ids.index("hourly_cleaning")
    start = 60 * facts.number("workers.trades.hourly_cleaning.shift_start_h")
    end = 60 * facts.number("workers.trades.hourly_cleaning.shift_end_h")
    assert_mean(workers["shift_start_min"][cleaner].astype(float), start)
    assert_mean(workers["shift_end_min"][cleaner].astype(float), end)
    assert (workers["shift_start_min"] < workers["shift_end_min"]).all()


def test_days_a_week_may_have_a_fraction(facts: FactTree) -> None:
    half = facts.with_value("workers.days_per_week", 5.5, "a test")
    from sim.world.build import build_region

    workers = build_region(Frame.of(REGION, half, 0.01, 1)).tables["workers"].used
    days = ((workers["weekdays"][:, None] >> np.arange(7)) & 1).sum(axis=1)
    assert set(days) == {5, 6}
    assert_share(days == 6, 0.5)


def test_reservation_wages_are_hourly_or_a_month_by_its_hours(facts: FactTree, large: World) -> None:
    workers = large.tables["workers"].used
    by_trade = {
        trade: workers["reservation_fen_per_h"][workers["trade"] == row].astype(float)
        for row, trade in enumerate(large.trade_ids)
    }
    assert_mean(by_trade["hourly_cleaning"], 100 * facts.number("workers.reservation_hourly_yuan_per_h"))
    month = facts.number("workers.reservation_placed_yuan_per_month")
    hours = facts.number("services.live_in_nanny.hours_per_week") * (365 / 12) / 7
    assert_mean(by_trade["housekeeping_nanny"], 100 * month / hours)


def test_homes_lie_near_local_firms_and_else_where_living_is_cheap(facts: FactTree, large: World) -> None:
    workers, companies = large.tables["workers"].used, large.tables["companies"].used
    firm = companies[workers["company_row"]]
    weights = np.array(home_weights(Frame.of(REGION, facts, SCALE, 1)))
    weights /= weights.sum()
    citywide = firm["citywide"] == 1
    for district in range(len(weights)):
        assert_share(workers["home_district"][citywide] == district, weights[district])
    near = (workers["home_district"] == firm["district"])[~citywide]
    local = facts.number("workers.local_home_share")
    by_chance = weights[firm["district"][~citywide]].mean()
    assert near.mean() == pytest.approx(local + (1 - local) * by_chance, abs=0.02)
    assert (workers["home_x_km"] == workers["x_km"]).all()
    assert (workers["district"] == workers["home_district"]).all()


def test_a_worker_is_the_same_at_a_larger_scale(world: World, large: World) -> None:
    small, more = world.tables["workers"].used, large.tables["workers"].used
    rows = {int(key): row for row, key in enumerate(more["key"])}
    shared = [row for row, key in enumerate(small["key"]) if int(key) in rows]
    assert len(shared) > 0.99 * len(small)
    same = more[[rows[int(key)] for key in small["key"][shared]]]
    for trait in ("trade", "origin", "age_years", "female", "skills", "skill_level", "weekdays", "has_ebike"):
        assert (small[trait][shared] == same[trait]).all(), trait


def test_a_single_service_has_only_the_workers_of_its_trade(facts: FactTree) -> None:
    frame = Frame.of(REGION, facts, 0.01, 1, ("hourly_cleaning",))
    share = facts.number("region.workers_by_trade.hourly_cleaning")
    counts = worker_counts(frame)
    assert sum(map(sum, counts)) == round(0.01 * facts.number("region.workers") * share)
    assert sum(counts[FirmForm.INSTITUTION]) == 0
