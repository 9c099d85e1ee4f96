"""An actor in two worlds: the same until something reaches it, and then the first difference."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import UserError
from sim.experiments.trace import trace
from sim.model import MarketModel
from sim.scenario import Scenario
from sim.sink import NullSink
from sim.state import Rows, World
from sim.vocabulary import ORDER_ENDS, OrderState
from tests.core.small import LIVELY, Town

DAYS = 45
SETTINGS = (f"period.days={DAYS}", "period.start=2026-03-01", "scale=0.06", *LIVELY)
VOUCHER = (
    "policies.elder_voucher.announced=2026-03-11",
    "policies.elder_voucher.begins=2026-03-13",
    "policies.elder_voucher.take_up_probability=1",
    "policies.elder_voucher.least_disability=mild",
    "policies.elder_voucher.approval_mean_days=0",
    "policies.elder_voucher.home_share=1",
)
ORDER = ("key", "service", "state", "planned_start_min", "price_fen", "support_fen")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Scenario]:
    town = Town(tmp_path_factory.mktemp("town"))
    return town(*SETTINGS), town(*SETTINGS, *VOUCHER)


@pytest.fixture(scope="module")
def households(worlds: tuple[Scenario, Scenario]) -> np.ndarray:
    """The households at the start."""
    rows: np.ndarray = MarketModel(worlds[0]).tables["households"].used.copy()
    return rows


class Kept(NullSink):
    """Keeps all orders that have ended."""

    def __init__(self) -> None:
        self.ended: list[Rows] = []

    def orders_ended(self, rows: Rows, world: World) -> None:
        self.ended.append(rows.copy())


def whole_run(scenario: Scenario) -> Rows:
    """All orders of a run that is made in one go, and not hour by hour."""
    kept = Kept()
    model = MarketModel(scenario, kept)
    model.advance_to(model.end_min)
    model.close()
    return np.concatenate(kept.ended)


def by_hour(scenario: Scenario, row: int) -> list[tuple[object, ...]]:
    """A household's purse, usual firm and live orders at the end of each hour, taken from the tables by hand."""
    model = MarketModel(scenario)
    log: list[tuple[object, ...]] = []
    for hour in range(1, DAYS * 24 + 1):
        model.advance_to(hour * 60.0)
        home, orders = model.tables["households"].used[row], model.tables["orders"].used
        own = orders[
            (orders["household_row"] == row) & ~np.isin(orders["state"], (OrderState.NONE, *ORDER_ENDS))
        ]
        live = sorted(zip(*(own[name].tolist() for name in ORDER), strict=True))
        log.append((home["money_fen"].tolist(), int(home["last_company_row"]), int(home["engaged"]), live))
    return log


def test_one_whom_the_policy_reaches_feels_it_in_the_hour_in_which_the_recordings_part(
    worlds: tuple[Scenario, Scenario], households: np.ndarray
) -> None:
    # The claim itself is a row number and not felt; a supported visit is.
    orders = [whole_run(world) for world in worlds]
    supported = orders[1][orders[1]["support_fen"] > 0]
    # Not the first of all: this one has lived through days of both worlds before it is reached.
    row = int(supported["household_row"][np.argsort(supported["placed_min"])[len(supported) // 2]])
    placed_min = supported["placed_min"][supported["household_row"] == row].min()
    logs = [by_hour(world, row) for world in worlds]
    parted = [number for number, pair in enumerate(zip(*logs, strict=True), 1) if pair[0] != pair[1]]

    found = trace(*worlds, "household", int(households["key"][row]), days=DAYS, after_days=1)
    assert found.parted_min == 60.0 * parted[0]
    # In this town nothing reaches a household before its own first supported visit.
    assert found.parted_min == 60.0 * (placed_min // 60.0 + 1.0)
    assert found.parted_min > 12 * 1440.0
    assert [what for what, *_ in found.differences if what.startswith("order ")]
    last_min = found.parted_min + 1440.0
    assert max(event.minute for events in found.events for event in events) <= last_min


def test_the_same_world_never_parts(worlds: tuple[Scenario, Scenario], households: np.ndarray) -> None:
    found = trace(worlds[0], worlds[0], "household", int(households["key"][0]), days=20)
    assert found.parted_min is None
    assert found.events[0] == found.events[1]


def test_a_busy_firms_days_are_told_hour_by_hour(worlds: tuple[Scenario, Scenario]) -> None:
    companies = MarketModel(worlds[0]).tables["companies"].used
    key = int(companies["key"][int(np.argmax(companies["workers"]))])
    found = trace(worlds[0], worlds[0], "company", key, days=3)
    requested = [event for event in found.events[0] if event.what == "requested"]
    assert requested
    assert all(event.minute % 60.0 == 0.0 for event in requested)
    counts = [int(str(event.after)) for event in requested]
    assert counts == sorted(set(counts))


def test_an_unknown_key_is_refused(worlds: tuple[Scenario, Scenario]) -> None:
    with pytest.raises(UserError, match="there is nobody with the key 5"):
        trace(*worlds, "worker", 5)
