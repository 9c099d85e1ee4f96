from __future__ import annotations

import numpy as np
import pytest

from sim.data import FactTree
from sim.vocabulary import DurationLaw, HealthClass, NeedsBy, ServiceForm
from sim.world.frame import Frame
from sim.world.services import mask, need_rate_per_year, service_rows, services_of_trade, trades

from .conftest import REGION, facts_of, world_of


@pytest.fixture
def frame(facts: FactTree) -> Frame:
    return Frame.of(REGION, facts, 0.01, 1)


def test_the_table_holds_the_catalogue(facts: FactTree, frame: Frame) -> None:
    rows = service_rows(frame)
    assert len(rows) == len(frame.services) == 16
    cleaning = rows[frame.services.index("hourly_cleaning")]
    assert (cleaning["form"], cleaning["needs_by"]) == (ServiceForm.VISIT, NeedsBy.ANY)
    assert cleaning["duration_law"] == DurationLaw.LOGNORMAL
    assert cleaning["price_per_min"] == 1
    assert cleaning["price_fen"] == 100 * facts.number("services.hourly_cleaning.price_yuan")
    assert cleaning["duration_mean_min"] == pytest.approx(2.3 * 60)
    assert cleaning["start_hour_weights"].sum() == pytest.approx(1.0, abs=0.01)
    matron = rows[frame.services.index("maternity_matron")]
    assert (matron["form"], matron["health_class"]) == (ServiceForm.PLACEMENT, HealthClass.INFANT)
    assert (matron["certificate_required"], matron["price_per_min"]) == (1, 0)
    assert matron["spell_mean_days"] == pytest.approx(4.3 * 365 / 12)


def test_a_birth_causes_its_needs_while_it_is_expected(facts: FactTree, frame: Frame) -> None:
    per_birth = facts.number("households.needs.maternity_matron.rate_per_year")
    days = facts.number("lives.expecting_days") + 365 / 12
    assert need_rate_per_year(frame, "maternity_matron") * days / 365 == pytest.approx(per_birth)
    assert need_rate_per_year(frame, "cooking") == facts.number("households.needs.cooking.rate_per_year")


@pytest.mark.parametrize(("region", "orders"), [("beijing", (4.0e6, 5.0e6)), ("zhongshan", (0.35e6, 0.5e6))])
def test_half_of_the_needs_are_the_citys_orders_a_month(region: str, orders: tuple[float, float]) -> None:
    """4.4 M (0.37-0.43 M) orders a month stand behind the shares by kind; visits to elders come on top."""
    scale = 0.05
    world = world_of(region, scale, 1)
    needs = sum(_needs_per_month(world, row) for row in range(16) if _form(world, row) == ServiceForm.VISIT)
    assert orders[0] < 0.5 * needs / scale < orders[1]


def test_needs_for_placements_renew_the_stock_of_the_facts() -> None:
    """Half of the needs, times the mean spell, is the stock: 176,000 long contracts and 105,000 recurring ones."""
    scale = 0.05
    world = world_of(REGION, scale, 1)
    services = world.tables["services"].used
    stock = {
        service: 0.5 * _needs_per_month(world, row) / scale * services["spell_mean_days"][row] / (365 / 12)
        for row, service in enumerate(world.service_ids)
    }
    long = ("live_in_nanny", "day_nanny", "live_in_elder_care", "infant_nurse", "maternity_matron")
    assert sum(stock[service] for service in long) == pytest.approx(160_000, rel=0.15)
    assert stock["recurring_housekeeping"] == pytest.approx(105_000, rel=0.1)
    # Some four in ten of the needs of disabled elders end with a carer, not half.
    assert 0.8 * stock["live_in_elder_care"] == pytest.approx(35_000, rel=0.2)
    assert stock["institution_care"] == pytest.approx(54_000, rel=0.15)


def _form(world: object, row: int) -> int:
    return int(world.tables["services"].used["form"][row])  # type: ignore[attr-defined]


def _needs_per_month(world: object, row: int) -> float:
    households, service = world.tables["households"].used, world.tables["services"].used[row]  # type: ignore[attr-defined]
    everybody = np.ones(len(households), bool)
    eligible = {
        NeedsBy.ELDER: households["elders"] > 0,
        NeedsBy.DISABLED_ELDER: households["disability"] >= 2,
        NeedsBy.INFANT: households["infants"] > 0,
        NeedsBy.PET: households["pets"] > 0,
        NeedsBy.BIRTH: households["due_min"] > 0,
    }.get(NeedsBy(int(service["needs_by"])), everybody)
    by_purse = 1.0 if service["needs_by"] == NeedsBy.BIRTH else households["propensity"]
    return float((eligible * by_purse).sum() * service["need_rate_per_year"] / 12)


def test_trades_and_masks(facts: FactTree, frame: Frame) -> None:
    assert trades(frame) == tuple(sorted(facts.children("region.workers_by_trade")))
    cleaners = services_of_trade(frame, "hourly_cleaning")
    assert {frame.services[row] for row in cleaners} == {"hourly_cleaning", "recurring_housekeeping"}
    assert mask([0, 3]) == 0b1001
    few = Frame.of(REGION, facts_of(REGION), 0.01, 1, ("cooking", "elder_visit"))
    assert trades(few) == ("cooking", "elder_care")
