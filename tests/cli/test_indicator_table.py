"""The table at the end of a market's run: what was run, and how much stands behind each number, in 80 columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.cli.face import Face
from sim.cli.indicator_table import heading, show_results
from sim.names import LANGUAGES
from sim.records.indicators import INDICATORS
from sim.records.manifest import Manifest

SETTINGS = {
    "region": "zhongshan",
    "scale": 0.05,
    "laboratory": None,
    "period": {"start": "2026-01-01", "days": 40, "warm_up_days": 28},
}
MANY = 123_456_789.0


@pytest.fixture
def manifest() -> Manifest:
    """A market in which every number is large."""
    empty: dict[str, Any] = {}
    return Manifest(
        name={"en": "As it is", "zh": "现状"},
        scenario={"settings": SETTINGS},
        identity="",
        seed=7,
        detail="tables",
        version="",
        platform=empty,
        digests=empty,
        monthly_digests=empty,
        indicators=dict.fromkeys(INDICATORS, 12_345_678.0),
        counts=empty,
        audits=empty,
        warnings=(),
        timings=empty,
        memory=empty,
        files=(),
        observations=dict.fromkeys(INDICATORS, MANY),
    )


def test_the_heading_says_what_was_run_and_how_little_of_it_is_measured(manifest: Manifest) -> None:
    assert heading(manifest, "en") == [
        "As it is",
        "Zhongshan, scale 0.05, seed 7",
        "2026-01-01 to 2026-02-09: 40 days, of which 12 are measured (1 by month)",
    ]
    assert heading(manifest, "zh")[1:] == [
        "中山，规模 0.05，种子 7",
        "2026-01-01 至 2026-02-09：共 40 天，其中计入指标 12 天（按月计 1 个月）",
    ]


def test_a_region_of_ones_own_goes_by_its_folder(manifest: Manifest) -> None:
    own = replace(manifest, scenario={"settings": {**SETTINGS, "region": str(Path("far", "my_city"))}})
    assert heading(own, "en")[1] == "my_city, scale 0.05, seed 7"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_widest_table_fits_and_has_the_observations(
    manifest: Manifest, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_results(Face(lang=lang), manifest)
    lines = capsys.readouterr().out.splitlines()
    main = [one for one in INDICATORS.values() if one.main]
    assert max(map(len, lines)) <= 80
    assert sum(line.endswith(f"{MANY:,.0f}") for line in lines) == len(main)


def test_where_nothing_was_observed_the_table_says_so(
    manifest: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    short = replace(
        manifest, indicators={**manifest.indicators, "income_gini": None}, observations={"income_gini": 0.0}
    )
    show_results(Face(), short)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "Gini" in line)
    assert line.split()[-3:] == ["-", "index", "0"]
