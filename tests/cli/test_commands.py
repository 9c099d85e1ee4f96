"""What the commands about scenarios print."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.cli.face import WIDTH
from sim.data import list_regions
from sim.errors import EXIT_USER_ERROR
from sim.policies import PARAMETERS
from sim.scenario import load_scenario

from .conftest import BASELINE, ROOT, Call

SPEED = "travel.ebike.speed_km_per_h"
VOUCHER = str(ROOT / "scenarios" / "elder_voucher.yaml")
ZHONGSHAN = str(ROOT / "scenarios" / "zhongshan.yaml")


def columns(text: str) -> int:
    """The widest line, Chinese characters counted twice."""
    from rich.cells import cell_len

    return max(map(cell_len, text.splitlines()))


def test_a_valid_file_is_said_to_be_valid_with_what_a_run_needs(call: Call) -> None:
    result = call("validate", BASELINE)
    assert result.status == 0
    assert "valid" in result.out and "MB of memory" in result.out and "MB of disk" in result.out


def test_warnings_go_to_stderr_and_leave_the_file_valid(call: Call, scenario: str) -> None:
    result = call("validate", scenario, "-o", f"{SPEED}=40")
    assert result.status == 0
    assert f"warning: command line -o: {SPEED}: 40 lies outside the documented range" in result.err
    assert "warnings: 2" in result.out


def test_quiet_leaves_warnings_out_and_faults_in(call: Call, scenario: str) -> None:
    assert call("validate", scenario, "-o", f"{SPEED}=40", "--quiet").err == ""
    assert "scale" in call("--quiet", "validate", scenario, "-o", "scale=7").err


def test_one_warning_sums_up_all_radii_that_are_too_wide(call: Call, scenario: str) -> None:
    (warning,) = call("validate", scenario).err.splitlines()
    assert "max_km = 15 km (platform, agency, employee_based, outlet, institution, acquaintance)" in warning
    assert warning.startswith("warning: mine.yaml:5: scale: ")


def test_a_radius_within_a_third_of_the_patch_is_no_warning(call: Call, scenario: str) -> None:
    small = [
        f"dispatch.{form}.max_km=0.05"
        for form in ("platform", "agency", "employee_based", "outlet", "institution", "acquaintance")
    ]
    assert call("validate", scenario, *(word for one in small for word in ("-o", one))).err == ""


def test_a_run_that_this_machine_cannot_bear_is_a_warning(
    call: Call, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.scenario.estimate.available_memory_bytes", lambda: 10_000_000)
    result = call("validate", scenario)
    assert result.status == 0
    assert "free some memory" in result.err


def test_validation_as_json(call: Call, scenario: str) -> None:
    broken = str(ROOT / "tests" / "scenario" / "broken" / "scale_zero.yaml")
    result = call("validate", scenario, broken, "--json")
    assert result.status == EXIT_USER_ERROR
    good, bad = json.loads(result.out)
    assert good["valid"] and good["identity"] == load_scenario(scenario).identity
    assert good["estimate"]["memory_bytes"] > 0
    (fault,) = bad["faults"]
    assert (fault["line"], fault["column"], fault["key"], fault["code"]) == (5, 1, "scale", "wrong_value")
    assert fault["message"] == "found 0; needed: a number, above 0, at most 1"
    assert not bad["valid"] and bad["identity"] is None


def test_a_fact_is_explained_in_full(call: Call, scenario: str) -> None:
    result = call("explain", scenario, SPEED, "-o", f"{SPEED}=17")
    assert result.out.splitlines()[0] == SPEED
    assert "17 km/h" in result.out and "12 to 19 km/h" in result.out
    assert "command line -o" in result.out
    assert "16  (" in result.out and "mine.yaml:7" in result.out
    assert "15  (sim/data/parameters/travel.yaml:" in result.out
    assert "C: assumption" in result.out


def test_validation_takes_the_options_of_a_run_and_names_them(call: Call, scenario: str) -> None:
    fitting = call("validate", scenario, "--scale", "0.01", "--days", "50", "--seed", "3", "--json")
    (record,) = json.loads(fitting.out)
    other = json.loads(call("validate", scenario, "-o", "scale=0.01", "--json").out)[0]
    assert record["valid"]
    assert record["estimate"]["households"] == other["estimate"]["households"]
    assert record["estimate"]["orders"] < other["estimate"]["orders"]
    wrong = call("validate", scenario, "--scale", "2", "--seed", "-1")
    assert wrong.status == 2
    assert "command line --scale: scale: found 2" in wrong.err
    assert "command line --seed: seed: found -1" in wrong.err
    assert "-o" not in wrong.err


def test_the_observations_behind_a_source_are_printed_beside_its_marks(call: Call) -> None:
    key = "services.hourly_cleaning.price_yuan"
    said = call("explain", BASELINE, key)
    text = " ".join(said.out.split())
    assert "[P006, P002, P005]" in text
    assert "[P006] Hourly cleaning customer price, Beijing, 2024: 50 (40 to 65) yuan/h. Assumption" in text
    assert max(map(len, said.out.splitlines())) <= 80
    (entry,) = json.loads(call("explain", BASELINE, key, "--json").out)
    assert [one["mark"] for one in entry["behind"]][:2] == ["P006", "P002"]


def test_the_calendar_is_explained_as_the_run_has_it(call: Call) -> None:
    said = call("explain", BASELINE, "calendar")
    assert said.status == 0
    assert "calendar.*" in said.out and "lunar_new_years" in said.out
    one = call("explain", BASELINE, "calendar.lunar_new_years")
    assert "2026-02-17" in one.out


def test_a_setting_that_the_scenario_leaves_out_is_explained_without_a_value(call: Call) -> None:
    said = call("explain", BASELINE, "laboratory.servers")
    assert said.status == 0
    assert "value   not set" in said.out
    assert "default" in said.out


def test_explaining_without_a_key_shows_the_changes_and_how_to_go_on(call: Call, scenario: str) -> None:
    result = call("explain", scenario)
    assert result.out.startswith("Mine\n")
    assert "mine.yaml:5" in result.out and SPEED in result.out
    assert "seed" not in result.out
    assert f"jiazheng explain {scenario} KEY" in result.err


def test_a_prefix_gives_a_table(call: Call, scenario: str) -> None:
    result = call("explain", scenario, "travel.ebike")
    assert result.out.startswith("travel.ebike.*\n")
    assert "overhead_min" in result.out


def test_an_explanation_as_json_has_the_chain(call: Call, scenario: str) -> None:
    (entry,) = json.loads(call("explain", scenario, SPEED, "--json").out)
    assert [one["value"] for one in entry["set_by"]] == [15, 16]
    assert entry["set_by"][-1]["line"] == 7
    assert entry["meaning"]["zh"]


def test_an_unknown_key_is_refused_with_a_suggestion(call: Call, scenario: str) -> None:
    result = call("explain", scenario, "scael")
    assert (result.status, result.out) == (EXIT_USER_ERROR, "")
    assert "did you mean scale" in result.err


def test_a_difference_shows_both_values_and_both_places(call: Call, scenario: str) -> None:
    other = Path(scenario).with_name("other.yaml")
    other.write_text(Path(scenario).read_text(encoding="utf-8").replace("0.02", "0.03"), encoding="utf-8")
    result = call("diff", scenario, str(other))
    assert result.status == 0
    assert [line.split() for line in result.out.splitlines()[2:]] == [
        ["scale"],
        ["A", "0.02", "mine.yaml:5"],
        ["B", "0.03", "other.yaml:5"],
    ]
    assert "1 keys differ" in result.err


def test_equal_scenarios_are_the_same_run(call: Call, scenario: str) -> None:
    assert "same run" in call("diff", scenario, scenario).err


def test_the_regions_own_facts_are_counted_unless_all_are_asked_for(call: Call) -> None:
    result = call("diff", BASELINE, ZHONGSHAN)
    assert "--all lists them" in result.err and "region.workers" not in result.out
    assert "region.workers" in call("diff", BASELINE, ZHONGSHAN, "--all").out


def test_a_difference_as_json(call: Call) -> None:
    found = {one["key"]: one for one in json.loads(call("diff", BASELINE, ZHONGSHAN, "--json").out)}
    assert (found["scale"]["first"], found["scale"]["second"]) == (0.01, 0.05)
    assert found["region.workers"]["regional"]


def test_the_list_has_scenarios_regions_policies_and_dispatchers(call: Call) -> None:
    result = call("list", "--folder", str(ROOT / "scenarios"), "--json")
    content = json.loads(result.out)
    names = {Path(row["file"]).name: row["name"] for row in content["scenarios"]}
    assert names["baseline.yaml"] == load_scenario(BASELINE).name
    assert [row["region"] for row in content["regions"]] == list_regions()
    assert {"nearest", "radius", "batch"} <= {row["dispatcher"] for row in content["dispatchers"]}
    assert "elder_voucher" in {row["policy"] for row in content["policies"]}


@pytest.mark.parametrize(("lang", "words"), [("en", "voucher for disabled elders"), ("zh", "失能老人")])
def test_a_policy_is_listed_in_a_line_of_either_language(lang: str, words: str, call: Call) -> None:
    assert words in call("list", "--lang", lang).out


def test_a_policy_parameter_is_explained_with_range_source_grade_and_place(call: Call) -> None:
    option = "policies.elder_voucher.home_share=0.6"
    result = call("explain", VOUCHER, "policies.elder_voucher.home_share", "-o", option)
    for words in ("0.6 share", "0 to 1 share", "0.3 to 0.6 share", "command line -o", "X-01", "A: read in"):
        assert words in result.out
    assert re.search(r"instead of +0\.5 +\(.*elder_voucher\.yaml:\d+\)", result.out)


@pytest.mark.parametrize(
    ("lang", "not_set", "unset", "default", "required"),
    [
        (
            "en",
            "not set",
            "Public money of the whole region (default: no limit)",
            "default: 0.5 share",
            "required",
        ),
        ("zh", "未设置", "全地区的公共资金（默认：不设上限）", "默认：0.5 share", "必填"),
    ],
)
def test_a_policy_is_explained_with_every_parameter_its_meaning_and_its_default(
    lang: str, not_set: str, unset: str, default: str, required: str, call: Call
) -> None:
    said = call("--lang", lang, "explain", VOUCHER, "policies.elder_voucher").out
    text = " ".join(said.split())
    assert re.search(rf"^budget_yuan +{not_set} +yuan ", said, re.MULTILINE)
    for words in (unset, default, required):
        assert words in text
    for parameter in PARAMETERS["elder_voucher"].model_fields:
        assert len(re.findall(rf"^ *{parameter} ", said, re.MULTILINE)) == 2, parameter


@pytest.mark.parametrize(("lang", "words"), [("en", "not set: no limit"), ("zh", "未设置：不设上限")])
def test_what_nobody_has_set_is_said_with_what_holds_instead(lang: str, words: str, call: Call) -> None:
    assert words in call("--lang", lang, "explain", VOUCHER, "policies.elder_voucher.budget_yuan").out
    (entry,) = json.loads(call("explain", VOUCHER, "policies.elder_voucher.budget_yuan", "--json").out)
    assert (entry["value"], entry["unset"]["en"], entry["required"]) == (None, "no limit", False)


def test_a_default_is_shown_beside_the_value_that_took_its_place(call: Call) -> None:
    option = "policies.elder_voucher.home_share=0.6"
    said = call("explain", VOUCHER, "policies.elder_voucher.home_share", "-o", option).out
    assert re.search(r"^  default +0\.5 share$", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("lang", "none", "meaning"),
    [("en", "No policy is in force", "voucher for disabled elders"), ("zh", "没有生效的政策", "失能老人")],
)
def test_without_policies_those_that_exist_are_named_with_a_way_to_add_one(
    lang: str, none: str, meaning: str, call: Call
) -> None:
    result = call("--lang", lang, "explain", BASELINE, "policies")
    assert none in result.out and meaning in result.out
    assert "policies.elder_voucher" in result.err
    lines = [line[2:] for line in result.out.splitlines()]
    start = lines.index("policies:")
    text = Path(BASELINE).read_text(encoding="utf-8") + "\n".join(lines[start : start + 4]) + "\n"
    Path("with_policy.yaml").write_text(text, encoding="utf-8")
    assert set(load_scenario("with_policy.yaml").policies) == {"elder_voucher"}


def test_a_textbook_queue_is_told_that_it_has_no_policies(call: Call) -> None:
    said = call("explain", str(ROOT / "scenarios" / "queue_mm1.yaml"), "policies").out
    assert "textbook queue" in said and "elder_voucher" not in said


def test_a_policy_that_is_not_in_force_is_explained_too(call: Call) -> None:
    said = call("explain", BASELINE, "policies.elder_voucher").out
    assert "not in force" in said and "(default: no limit)" in said
    one = call("explain", BASELINE, "policies.elder_voucher.home_share").out
    assert "not in force" in one and "0.3 to 0.6 share" in one
    assert call("explain", BASELINE, "policies.elder_vouchr").status == EXIT_USER_ERROR


def test_a_policy_is_checked_by_validate_and_told_apart_by_diff(call: Call) -> None:
    assert call("validate", VOUCHER).status == 0
    assert call("validate", VOUCHER, "-o", "policies.elder_voucher.home_share=2").status == EXIT_USER_ERROR
    assert "policies.elder_voucher.begins" in call("diff", BASELINE, VOUCHER).out


def test_a_broken_file_in_the_list_shows_its_fault(call: Call, scenario: str) -> None:
    Path(scenario).with_name("broken.yaml").write_text("seed: 1\n", encoding="utf-8")
    text = call("list", "--folder", str(Path(scenario).parent)).out
    assert "Mine" in text and "schema_version" in text


def test_an_empty_folder_says_how_to_name_another(call: Call) -> None:
    assert "--folder" in call("list").err


def test_the_schema_is_json_and_knows_the_region(call: Call) -> None:
    shared = json.loads(call("schema").out)["properties"]["parameters"]["properties"]
    own = json.loads(call("schema", "--region", "beijing").out)["properties"]["parameters"]["properties"]
    assert "region.workers" not in shared
    assert "region.workers" in own
    assert call("schema", "--region", "nowhere").status == EXIT_USER_ERROR


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", BASELINE),
        ("explain", BASELINE, "services.hourly_cleaning"),
        ("explain", BASELINE, "services.hourly_cleaning.start_hour_weights"),
        ("diff", BASELINE, ZHONGSHAN),
        ("explain", VOUCHER),
        ("explain", VOUCHER, "policies.elder_voucher"),
        ("explain", VOUCHER, "policies"),
        ("explain", BASELINE, "policies"),
        ("explain", BASELINE, "policies.elder_voucher"),
        ("explain", VOUCHER, "policies.elder_voucher.cap_yuan_per_month"),
        ("diff", BASELINE, VOUCHER),
        ("list", "--folder", str(ROOT / "scenarios")),
    ],
    ids=lambda arguments: " ".join(Path(word).name for word in arguments),
)
def test_tables_fit_80_columns_and_are_plain_text(arguments: tuple[str, ...], lang: str, call: Call) -> None:
    result = call("--lang", lang, *arguments)
    assert result.status == 0
    assert columns(result.out) <= WIDTH
    assert "\x1b" not in result.out
    assert not any(line.endswith(" ") for line in result.out.splitlines())


def test_options_may_stand_before_or_after_the_command(call: Call, scenario: str) -> None:
    before, after = (
        call("--json", "--lang", "zh", "explain", scenario),
        call("explain", scenario, "--json", "--lang", "zh"),
    )
    assert before.out == after.out
    assert json.loads(after.out)


def test_the_language_may_come_from_the_environment(
    call: Call, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIAZHENG_LANG", "zh")
    assert call("explain", scenario).out.startswith("我的\n")
    # What is typed has the last word, before the command or after it.
    assert call("--lang", "en", "explain", scenario).out.startswith("Mine\n")
    assert call("explain", scenario, "--lang", "en").out.startswith("Mine\n")


def test_no_command_about_scenarios_writes_a_file(call: Call, scenario: str) -> None:
    before = sorted(Path.cwd().rglob("*"))
    for arguments in (
        ("validate", scenario),
        ("explain", scenario),
        ("diff", scenario, scenario),
        ("list",),
        ("schema",),
    ):
        call(*arguments)
    assert sorted(Path.cwd().rglob("*")) == before
