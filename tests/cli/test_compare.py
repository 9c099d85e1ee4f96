"""``jiazheng compare`` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from sim.cli.face import WIDTH
from sim.cli.precision import target_of
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


REFUSED = {
    "form": (("--precision", "fill_rate"), "an outcome, =, and how far its interval may reach is needed"),
    "no number": (("--precision", "fill_rate=few"), "such as fill_rate=0.5%"),
    "outcome": (("--precision", "fil_rate=0.1"), "did you mean fill_rate"),
    "negative": (("--precision", "fill_rate=-1%"), "a number above 0 is needed"),
    "number too": (("--precision", "wait=1", "-n", "30"), "leave --replications out"),
    "budget alone": (("--budget", "30"), "--budget limits what --precision asks for"),
    "twice": (("--precision", "wait=1", "--precision", "wait=2"), "wait is named twice"),
    "per cent of yuan": (
        ("--precision", "government_outlay=5%"),
        "is no share; give the distance in its unit",
    ),
    "small budget": (("--precision", "wait=1", "--budget", "10"), "a precision target needs 20 or more"),
}


@pytest.mark.parametrize(("options", "words"), REFUSED.values(), ids=REFUSED)
def test_a_precision_that_makes_no_sense_is_refused(call: Call, options: tuple[str, ...], words: str) -> None:
    result = call("compare", BASELINE, VOUCHER, *options)
    assert result.status == EXIT_USER_ERROR
    assert words in result.err
    assert not Path("results").exists()


def test_a_per_cent_sign_divides_by_a_hundred() -> None:
    target = target_of(["fill_rate=0.5%", " wait = 2e-1"], 30)
    assert target.reach == {"fill_rate": pytest.approx(0.005), "wait": 0.2}
    assert target.budget == 30


@pytest.mark.slow
def test_a_precision_is_made_within_its_budget_and_more_are_not_looked_at(call: Call) -> None:
    small = ("--scale", "0.0003", "--days", "115", "--workers", "2")
    precise = call("compare", BASELINE, VOUCHER, *small, "--precision", "fill_rate=60%")
    assert precise.status == 0, precise.err
    assert "20 of 20 replications" in precise.err
    assert "Precision reached with 20 replications; most were needed by: Fill rate" in " ".join(
        precise.out.split()
    )
    short = call(
        "compare", BASELINE, VOUCHER, *small, "--precision", "government_outlay=0.01", "--budget", "22"
    )
    assert (
        "The budget of 22 replications is used up before the precision was reached: Outlay of the"
        in " ".join(short.out.split())
    )
    first = call("compare", BASELINE, VOUCHER, *small, "-n", "3", "--json", "--quiet")
    assert json.loads(first.out)["replications"] == 3
    again = call("compare", BASELINE, VOUCHER, *small, "--precision", "fill_rate=60%", "--quiet", "--json")
    found = json.loads(again.out)
    assert found["look"]["counted"] == found["replications"] == 20
    assert found["look"]["decision"] == "enough"
