"""An actor in two worlds: the same until something reaches it, and then the first difference."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import UserError
from sim.experiments.trace import trace
from sim.model import MarketModel
from sim.scenario import Scenario
from tests.core.small import LIVELY, Town

SETTINGS = ("period.days=45", "period.start=2026-03-01", "scale=0.06", *LIVELY)
VOUCHER = (
    "policies.elder_voucher.announced=2026-03-11",
    "policies.elder_voucher.begins=2026-03-13",
    "policies.elder_voucher.take_up_probability=1",
    "policies.elder_voucher.least_disability=mild",
    "policies.elder_voucher.approval_mean_days=0",
    "policies.elder_voucher.home_share=1",
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Scenario]:
    town = Town(tmp_path_factory.mktemp("town"))
    return town(*SETTINGS), town(*SETTINGS, *VOUCHER)


@pytest.fixture(scope="module")
def households(worlds: tuple[Scenario, Scenario]) -> np.ndarray:
    """The households at the start."""
    rows: np.ndarray = MarketModel(worlds[0]).tables["households"].used.copy()
    return rows


def test_one_whom_the_policy_reaches_feels_it_on_its_first_day(
    worlds: tuple[Scenario, Scenario], households: np.ndarray
) -> None:
    # The claim itself is a row number and not felt; a supported visit is.
    for key in households["key"][households["disability"] > 0].tolist():
        found = trace(*worlds, "household", key, days=45, after_days=1)
        if found.parted_min is not None:
            assert found.parted_min > 12 * 1440.0
            assert found.differences
            before = [
                [event for event in events if event.minute < found.parted_min] for events in found.events
            ]
            assert before[0] == before[1]
            return
    pytest.fail("nobody was reached")


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
