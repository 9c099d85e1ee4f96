"""Futures branch off from a common past, and are the same as runs of their own from the start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.errors import SavedStateError
from sim.model import MarketModel
from sim.scenario import Scenario, past_ends_min
from tests.core.small import LIVELY, Town, differences

DAYS = 50
OVERRIDES = (f"period.days={DAYS}", "scale=0.1", "period.start=2026-03-01", *LIVELY)
VOUCHER = "policies.elder_voucher"
ANNOUNCED_DAY = 17
POLICY = (
    f"{VOUCHER}.announced=2026-03-18",
    f"{VOUCHER}.begins=2026-03-25",
    f"{VOUCHER}.take_up_probability=1",
    f"{VOUCHER}.least_disability=mild",
    f"{VOUCHER}.approval_mean_days=2",
)


def closed(model: MarketModel) -> MarketModel:
    model.advance_to(model.end_min)
    model.close()
    return model


@pytest.fixture(scope="module")
def baseline(town: Town) -> Scenario:
    return town(*OVERRIDES)


@pytest.fixture(scope="module")
def voucher(town: Town) -> Scenario:
    return town(*OVERRIDES, *POLICY)


@pytest.fixture(scope="module")
def past(baseline: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The baseline's run, saved at the moment of the announcement."""
    model = MarketModel(baseline)
    model.advance_to(ANNOUNCED_DAY * 1440.0)
    path = tmp_path_factory.mktemp("branch") / "past"
    model.save(path)
    return path


def test_the_past_ends_with_the_first_announcement(baseline: Scenario, voucher: Scenario) -> None:
    assert past_ends_min(baseline) == float("inf")
    assert past_ends_min(voucher) == ANNOUNCED_DAY * 1440.0
    assert baseline.past_identity == voucher.past_identity


def test_both_futures_equal_runs_from_the_start(baseline: Scenario, voucher: Scenario, past: Path) -> None:
    runs = {}
    for scenario in (baseline, voucher):
        whole = closed(MarketModel(scenario))
        branch = closed(MarketModel.resume(past, scenario))
        assert differences(whole, branch) == []
        runs[scenario.identity] = whole
    first, second = runs.values()
    assert differences(first, second), "the voucher changes something, or this test could not fail"


def test_a_policys_run_is_the_baselines_until_it_is_announced(baseline: Scenario, voucher: Scenario) -> None:
    models = [MarketModel(scenario) for scenario in (baseline, voucher)]
    for model in models:
        model.advance_to(ANNOUNCED_DAY * 1440.0)
    assert differences(*models) == []


def test_a_run_with_a_policy_does_not_branch_after_its_announcement(
    baseline: Scenario, voucher: Scenario, tmp_path: Path
) -> None:
    model = MarketModel(voucher)
    model.advance_to(ANNOUNCED_DAY * 1440.0 + 1.0)
    model.save(tmp_path / "late")
    with pytest.raises(SavedStateError):
        MarketModel.resume(tmp_path / "late", baseline)


def test_another_seed_has_another_past(voucher: Scenario, past: Path) -> None:
    other: Any = voucher.settings.model_copy(update={"seed": voucher.settings.seed + 1})
    with pytest.raises(SavedStateError):
        MarketModel.resume(past, replace(voucher, settings=other))
