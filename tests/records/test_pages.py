from __future__ import annotations

import pytest

from tools.result_pages import DOCS, pages


@pytest.mark.parametrize("name", ["indicators.md", "results.md"])
def test_the_page_is_that_of_the_definitions(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == pages()[name], f"docs/{name} is stale: run python -m tools.result_pages"


def test_every_file_and_indicator_is_on_its_page() -> None:
    text = pages()
    assert "| `late_share` | Late orders · 迟到率 | share | down |" in text["indicators.md"]
    assert "## orders.parquet" in text["results.md"]
    assert "| `travel_km` | km | Distance of travel | 路程 |" in text["results.md"]
