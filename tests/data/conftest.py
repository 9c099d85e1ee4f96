"""A region built from the page that tells how to, in a folder of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "add_a_region.md"


def file_on_page(name: str) -> str:
    """The block below the heading `name` of the page."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(name)}\n.*?^```(?:yaml|csv)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"the page has no block under the heading {name}"
    return found.group(1)


@pytest.fixture
def on_page() -> Callable[[str], str]:
    """Gives the block below a heading of the page."""
    return file_on_page


@pytest.fixture
def my_city(tmp_path: Path) -> Path:
    """The folder of the third region, made by following the page."""
    folder = tmp_path / "my_city"
    folder.mkdir()
    for name in ("region.yaml", "districts.csv", "names.csv"):
        (folder / name).write_text(file_on_page(name), encoding="utf-8")
    return folder
