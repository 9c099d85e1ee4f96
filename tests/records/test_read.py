from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import OutputError
from sim.records.read import Results
from sim.records.run import Run, Watcher, execute
from tests.records.history import FakeModel


@pytest.fixture
def results(planned: Callable[..., Run]) -> Results:
    return execute(planned(), Watcher(), market=FakeModel)


def test_indicators_carry_their_names_in_both_languages(results: Results) -> None:
    table = results.indicators
    row = table[(table["indicator"] == "fill_rate") & (table["scope"] == "firm_form")].iloc[0]
    assert (row["en"], row["zh"]) == ("Fill rate of orders that ended", "已结束订单的满足率")
    assert (row["group"], row["group_en"], row["group_zh"]) == ("platform", "Platform", "平台企业")
    city = table[table["scope"] == "city"].iloc[0]
    assert (city["group_en"], city["group_zh"]) == ("Whole region", "全地区")
    month = table[table["scope"] == "month"].iloc[0]
    assert month["group_en"] == month["group"] == "2026-01"


def test_the_tables_are_there_by_name(results: Results) -> None:
    for name in ("orders", "placements", "stocks", "households", "workers", "companies", "ledger"):
        assert len(getattr(results, name)) > 0
        assert getattr(results, name) is getattr(results, name), "each is read once"
    assert repr(results) == f"Results({str(results.folder)!r})"


def test_an_unknown_table_is_refused(results: Results) -> None:
    with pytest.raises(OutputError, match="recorded no tourists"):
        results.table("tourists")


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no results folder"):
        Results(tmp_path / "nothing")
