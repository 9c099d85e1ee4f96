"""The small town."""

from __future__ import annotations

import pytest

from tests.core.small import Town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))
