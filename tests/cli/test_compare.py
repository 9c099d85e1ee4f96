"""``jiazheng compare`` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

from rich.cells import cell_len

from sim.cli.face import WIDTH
from sim.errors import EXIT_USER_ERROR
from sim.experiments.replication import SCOPES
from sim.records.flows import CITY

from .conftest import BASELINE, ROOT, Call

VOUCHER = str(ROOT / "scenarios" / "elder_voucher.yaml")
ZHONGSHAN = str(ROOT / "scenarios" / "zhongshan.yaml")


def test_one_scenario_is_no_comparison(call: Call) -> None:
    result = call("compare", BASELINE)
    assert result.status == EXIT_USER_ERROR
    assert "a comparison needs a baseline and at least one other scenario" in result.err


def test_a_missing_file_is_named(call: Call, tmp_path: Path) -> None:
    result = call("compare", BASELINE, str(tmp_path / "nowhere.yaml"))
    assert result.status == EXIT_USER_ERROR
    assert "nowhere.yaml" in result.err and "there is no file" in result.err


def test_worlds_of_another_scale_are_refused(call: Call) -> None:
    result = call("compare", BASELINE, ZHONGSHAN)
    assert result.status == EXIT_USER_ERROR
    assert "region, period and scale must be those of the baseline" in result.err


def test_a_division_that_there_is_not_is_refused_with_those_that_there_are(call: Call) -> None:
    for lang, words in (("en", "Allowed: "), ("zh", "允许：")):
        result = call("compare", BASELINE, VOUCHER, "--by", "districts", "--lang", lang)
        assert result.status == EXIT_USER_ERROR
        assert f"{words}district, service, income_fifth, firm_form, trade, origin" in result.err
    assert call("compare", BASELINE, VOUCHER, "--by", CITY).status == EXIT_USER_ERROR


def test_help_names_all_divisions(call: Call) -> None:
    words = " ".join(call("compare", "--help").out.replace("│", " ").split())
    *most, last = (scope for scope in SCOPES if scope != CITY)
    assert f"{', '.join(most)} or {last}" in words


def test_a_comparison_shows_who_is_reached_and_what_differs(call: Call, tmp_path: Path) -> None:
    small = ("--scale", "0.0005", "--days", "100", "--replications", "2", "--workers", "1")
    command = ("compare", BASELINE, VOUCHER, *small, "--out", str(tmp_path))
    result = call(*command)
    assert result.status == 0, result.err
    assert "A voucher for disabled elders compared with: Beijing as it is" in result.out
    assert "Households that the policy reaches" in result.out
    assert "2 of 2 replications" in result.err
    # The last lines name a folder, which may be long.
    assert max(cell_len(line) for line in result.out.splitlines()[:-1]) <= WIDTH
    divided = call(
        *command, "--by", "district", "--by", "service", "--by", "district", "--details", "--quiet"
    )
    assert divided.out.count("By district (means of 2 replications)") == 1
    assert divided.out.index("By district") < divided.out.index("By service")
    assert divided.out.count("In detail") >= 2
    again = call(*command, "--json", "--quiet")
    assert again.status == 0
    found = json.loads(again.out)
    assert {row["replications"] for row in found["rows"]} == {2}
    assert again.err == ""
    chinese = call(*command, "--lang", "zh", "--quiet", "--by", "firm_form")
    assert max(cell_len(line) for line in chinese.out.splitlines()[:-1]) <= WIDTH
    assert "按企业形态（2 次重复的均值）" in chinese.out
    assert "政策覆盖的家庭" in chinese.out
    assert "失能老人消费补贴（与“北京现状”相比）" in chinese.out
