"""Scenario files written on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

BASE = """\
schema_version: 1
name: {en: A test, zh: 测试}
region: beijing
period: {start: 2026-01-01, days: 60, warm_up_days: 7}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario file: the base's lines, unless told otherwise, and more."""

    def write_file(more: str = "", name: str = "scenario.yaml", base: str = BASE) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(base + more, encoding="utf-8")
        return file

    return write_file
