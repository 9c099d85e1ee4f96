from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.records import kpis
from sim.records.recorder import ALL_TABLES, Recorder
from tests.records.history import MONTH_ENDS, History, recorder, tell, tell_month
from tests.records.synthetic import END_MIN, PERIOD, make_world

HISTORY = History(7)


def outcome(sink: Recorder, history: History = HISTORY, **how: object) -> tuple[object, ...]:
    recorded = tell(sink, history, **how)  # type: ignore[arg-type]
    return sink.digests(), sink.monthly_digests(), repr(kpis.kpis(recorded))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_chunks_and_order_change_no_digest_and_no_indicator(seed: int, chunks: int) -> None:
    history = History(seed)
    assert outcome(recorder(), history) == outcome(recorder(), history, chunks=chunks, shuffled=True)


def test_another_history_has_other_digests() -> None:
    first, second = outcome(recorder(), History(1))[0], outcome(recorder(), History(2))[0]
    assert first["orders"] != second["orders"]  # type: ignore[index]


def test_detail_changes_no_digest_and_no_indicator(tmp_path: Path) -> None:
    found = []
    for detail in ("none", "indicators", "tables"):
        folder = tmp_path / detail
        folder.mkdir()
        found.append(outcome(recorder(folder, detail)))  # type: ignore[arg-type]
    assert found[0] == found[1] == found[2] == outcome(recorder())
    files = {
        detail: {path.name for path in (tmp_path / detail).iterdir()}
        for detail in ("none", "indicators", "tables")
    }
    assert files["none"] == set()
    assert files["indicators"] < files["tables"]
    assert files["tables"] == {f"{table.name}.parquet" for table in ALL_TABLES}


def test_a_difference_shows_in_its_month_only() -> None:
    changed = History(7)
    march = changed.orders["ended_min"] >= MONTH_ENDS[1]
    changed.orders["price_fen"][march.argmax()] += 1
    first, second = outcome(recorder())[1]["orders"], outcome(recorder(), changed)[1]["orders"]  # type: ignore[index]
    assert [first[month] == second[month] for month in PERIOD.months] == [True, True, False]


def told_with_a_stop(folders: list[Path], state: Path, stop: int) -> Recorder:
    """Tell the history, with something in the middle of a month; two folders mean a save and a resumption there."""
    world = make_world()
    world.tables["workers"].used["entered_min"][-1] = 15 * 1440.0
    sink = recorder(folders[0])
    sink.begin(world)
    for month in range(len(MONTH_ENDS)):
        if month == stop:
            HISTORY.earn(world, month)
            if len(folders) == 2:
                sink.save(state)
                sink = recorder(folders[1])
                sink.resume(state, world)
        tell_month(sink, HISTORY, world, month, MONTH_ENDS[month])
    HISTORY.leave_open(world)
    sink.run_closed(END_MIN, world)
    return sink


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_a_saved_recorder_goes_on_as_if_it_had_not_stopped(tmp_path: Path, stop: int) -> None:
    straight, first, second, state = (tmp_path / name for name in ("straight", "first", "second", "state"))
    for path in (straight, first, second, state):
        path.mkdir()
    found = []
    for folders in ([straight], [first, second]):
        sink = told_with_a_stop(folders, state, stop)
        recorded = sink.finish(HISTORY.ledger())
        found.append((sink.digests(), sink.monthly_digests(), repr(kpis.kpis(recorded))))
    assert found[0] == found[1]
    for table in ALL_TABLES:
        name = f"{table.name}.parquet"
        pd.testing.assert_frame_equal(pd.read_parquet(straight / name), pd.read_parquet(second / name))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables")
    tell(recorder(path), HISTORY)
    return path


def test_orders_are_written_with_names_units_and_gaps(folder: Path) -> None:
    orders = pd.read_parquet(folder / "orders.parquet")
    assert len(orders) == len(HISTORY.orders) + 28, (
        "what is open at the end is there, what was given back is not"
    )
    assert set(orders["service"]) == {"cleaning", "weekly"}
    completed = orders["state"] == "completed"
    assert orders.loc[completed, "start_min"].notna().all()
    assert orders.loc[~completed, ["start_min", "quality", "travel_min"]].isna().all(axis=None)
    assert orders.loc[orders["state"] == "open", "ended_min"].isna().all()
    assert set(orders["income_fifth"]) == {1, 2, 3, 4, 5}
    assert (orders["worker"] == 0).equals(orders["worker"] < 1_000_003)


def test_columns_carry_their_units(folder: Path) -> None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(folder / "orders.parquet")
    assert schema.field("travel_km").metadata == {b"unit": b"km"}
    assert all(field.metadata and field.metadata[b"unit"] for field in schema)


def test_series_name_their_months_and_groups(folder: Path) -> None:
    workers = pd.read_parquet(folder / "workers_monthly.parquet")
    assert tuple(workers["month"].unique()) == PERIOD.months
    assert set(workers.loc[workers["dimension"] == "origin", "group"]) == {"here", "away", "none"}
    stocks = pd.read_parquet(folder / "stocks.parquet")
    assert str(stocks["date"].iloc[0]) == "2026-01-20"
    assert len(stocks) == 2 * PERIOD.days
    firms = pd.read_parquet(folder / "firms_monthly.parquet")
    city = firms[(firms["dimension"] == "city")]
    assert city["completed"].tolist() == [15, 15, 15], "a month's orders are the difference of two closings"


def test_the_daily_sums_are_those_of_the_rows(folder: Path) -> None:
    orders = pd.read_parquet(folder / "orders.parquet")
    daily = pd.read_parquet(folder / "orders_daily.parquet")
    south = daily[(daily["dimension"] == "district") & (daily["group"] == "south")]
    chosen = orders[orders["district"] == "south"]
    assert south["requested"].sum() == len(chosen)
    assert south["price_fen"].sum() == chosen.loc[chosen["state"] == "completed", "price_fen"].sum()
    assert south["travel_min"].sum() == pytest.approx(chosen["travel_min"].sum(), abs=1e-2)


def test_memory_does_not_grow_with_the_number_of_orders() -> None:
    sink = recorder()
    world = make_world()
    sink.begin(world)
    before = sum(array.nbytes for array in sink.recorded().orders.sums.values())
    for _ in range(5):
        sink.orders_ended(HISTORY.orders, world)
    after = sum(array.nbytes for array in sink.recorded().orders.sums.values())
    assert before == after
    assert sink.recorded().orders.of("city", "requested").sum() == 5 * np.sum(
        HISTORY.orders["placed_min"] >= 0
    )
