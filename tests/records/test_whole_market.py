"""The records of a small whole market: the model's counts, the tables and the indicators agree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.model import MarketModel
from sim.records.read import Results
from sim.records.run import with_calendar

ROOT = Path(__file__).parents[2]
SMALL = ("scale=0.001", "period.days=45", "period.warm_up_days=10")


def small(*overrides: str) -> sim.Scenario:
    return sim.load(ROOT / "scenarios" / "baseline.yaml", (*SMALL, *overrides))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sim.run(small(), tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def orders(results: Results) -> pd.DataFrame:
    return results.orders


def city(results: Results, indicator: str) -> float:
    value = results.manifest.indicators[indicator]
    assert value is not None
    return value


def test_the_tables_hold_what_the_model_counts(results: Results, orders: pd.DataFrame) -> None:
    counts = results.manifest.counts
    assert len(orders) == counts["requested_orders"]
    states = orders["state"].value_counts()
    for state in ("completed", "cancelled", "unserved"):
        assert states[state] == counts[f"{state}_orders"]
    assert len(results.households) == counts["households"]
    assert (results.workers["status"] != "left").sum() == counts["workers"]
    assert not orders["key"].duplicated().any()


def test_indicators_agree_with_the_rows(results: Results, orders: pd.DataFrame) -> None:
    measured = orders[orders["placed_min"] >= 10 * 1440]
    done = measured[measured["state"] == "completed"]
    single = done[done["recurring"] == 0]
    ended = measured["state"].isin(["completed", "cancelled", "unserved"]).sum()
    assert city(results, "fill_rate") == pytest.approx(len(done) / ended)
    wait = (single["start_min"] - single["asked_min"]).mean() / 1440
    assert city(results, "wait") == pytest.approx(wait, rel=1e-6)
    assert city(results, "travel_per_order") == pytest.approx(done["travel_min"].mean(), rel=1e-5)
    late = (done["start_min"] - done["latest_min"] > 15).mean()
    assert city(results, "late_share") == pytest.approx(late)


def test_stocks_and_orders_tell_of_the_same_minutes(results: Results, orders: pd.DataFrame) -> None:
    days = results.stocks.groupby("date")[["service_min", "travel_min"]].sum().sum()
    done = orders[orders["state"] == "completed"]
    assert days["service_min"] == pytest.approx(done["duration_min"].sum(), rel=1e-6)
    assert days["travel_min"] == pytest.approx(done["travel_min"].sum(), rel=1e-6)


def test_the_ledger_and_the_accounts_tell_of_the_same_money(results: Results) -> None:
    ledger = results.ledger
    paid = ledger[(ledger["payer"] == "household") & (ledger["kind"] == "service")]["amount_fen"].sum()
    assert paid == -results.households["service_fen"].sum()
    wages = ledger[(ledger["payee"] == "worker") & (ledger["kind"] == "wage")]["amount_fen"].sum()
    refunds = ledger[(ledger["payer"] == "worker") & (ledger["kind"] == "refund")]["amount_fen"].sum()
    assert wages - refunds <= results.workers["income_fen"].sum()
    months = results.table("companies_monthly")
    assert months["service_fen"].sum() == results.companies["service_fen"].sum()
    assert months["completed"].sum() == results.companies["completed"].sum()


def test_workers_earn_in_the_series_what_they_hold_at_the_end(results: Results) -> None:
    series = results.table("workers_monthly")
    everyone = series[series["dimension"] == "city"]
    stayed = everyone["income_fen"].sum()
    assert 0 < stayed <= results.workers["income_fen"].sum()


@pytest.mark.parametrize("detail", ["none", "indicators"])
def test_detail_changes_no_digest(results: Results, tmp_path: Path, detail: str) -> None:
    less = sim.run(small(f"recording.detail={detail}"), tmp_path)
    assert less.manifest.digests == results.manifest.digests
    assert less.manifest.indicators == results.manifest.indicators
    assert less.manifest.counts == results.manifest.counts


def test_a_run_that_nobody_records_counts_the_same(results: Results) -> None:
    model = MarketModel(with_calendar(small()))
    model.advance_to(model.end_min)
    model.close()
    assert model.counts() == results.manifest.counts
    model.release()


def test_a_run_that_is_there_is_read_and_not_made(results: Results) -> None:
    before = (results.folder / "manifest.json").stat().st_mtime_ns
    again = sim.run(small(), results.folder.parent)
    assert again.folder == results.folder
    assert (again.folder / "manifest.json").stat().st_mtime_ns == before


def test_districts_and_origins_have_their_names(results: Results) -> None:
    table = results.indicators
    for scope in ("district", "origin", "service", "trade"):
        chosen = table[(table["scope"] == scope) & (table["group"] != "none")]
        assert (chosen["group_en"] != chosen["group"]).all(), scope
        assert (chosen["group_zh"] != chosen["group_en"]).all(), scope
