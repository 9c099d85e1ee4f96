"""Policies in scenario files: how they are written, layered, checked and explained, and what they do to identity."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from sim.data import Meaning
from sim.errors import ScenarioError
from sim.names import catalogue
from sim.scenario import IsoDate, Scenario, load_scenario, register_policy, registered_policies, registry
from sim.scenario.difference import differences
from sim.scenario.explain import explain_changes, explain_key, setting_values
from sim.scenario.keys import POLICIES, parameter_keys
from sim.scenario.policies_doc import PAGE, main, page
from sim.scenario.policy_names import parameter_meaning, policy_meaning, unset_meaning

Write = Callable[..., Path]

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "scenarios" / "baseline.yaml"
VOUCHER = ROOT / "scenarios" / "elder_voucher.yaml"
SHARE = "policies.elder_voucher.home_share"


class GrantParameters(BaseModel):
    """A grant that no program has.

    More words, which no list shows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    announced: IsoDate | None = None
    begins: IsoDate = Field(default=date(2026, 1, 20), description="First day")
    ends: IsoDate | None = None
    share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Part that it pays",
        json_schema_extra={"unit": "share", "low": 0.3, "high": 0.6, "source": "Rules [P006]", "grade": "A"},
    )
    kind: Literal["open", "by_order"] = "open"
    places: int = Field(default=10, ge=1, json_schema_extra={"unit": "persons"})


@pytest.fixture(autouse=True)
def grant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a policy known that the program has not, for the time of a test."""
    monkeypatch.setattr(registry, "_policies", {})
    register_policy("grant", GrantParameters)


def warnings(found: Scenario) -> list[str]:
    return [warning.code for warning in found.warnings]


def test_a_policy_goes_by_its_own_name_and_has_all_its_parameters(write: Write) -> None:
    choice = load_scenario(write("policies:\n  grant: {share: 0.4}\n")).policies["grant"]
    assert choice.policy == "grant"
    assert choice.parameters == {
        "announced": None,
        "begins": date(2026, 1, 20),
        "ends": None,
        "share": 0.4,
        "kind": "open",
        "places": 10,
    }


def test_one_policy_may_stand_twice_under_names_of_ones_own(write: Write) -> None:
    text = "policies:\n  later: {policy: grant, begins: 2026-02-10}\n  grant: {}\n"
    found = load_scenario(write(text)).policies
    assert {name: choice.policy for name, choice in found.items()} == {"grant": "grant", "later": "grant"}
    assert found["later"].parameters["begins"] == date(2026, 2, 10)


def test_an_empty_group_is_a_policy_with_its_defaults_and_nothing_is_no_policy(write: Write) -> None:
    assert set(load_scenario(write("policies:\n  grant: {}\n")).policies) == {"grant"}
    assert load_scenario(write("policies:\n")).policies == {}
    assert load_scenario(write("policies: {}\n")).policies == {}


def test_the_resolved_policies_are_json_with_dates_as_text(write: Write) -> None:
    content = json.loads(json.dumps(load_scenario(write("policies: {grant: {}}\n")).to_dict()))
    resolved = content["settings"]["policies"]["grant"]
    assert resolved["parameters"]["begins"] == "2026-01-20"
    again = load_scenario(write("policies: {grant: " + json.dumps(resolved["parameters"]) + "}\n"))
    assert again.identity == content["identity"]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.from_regex(r"\A[a-z][a-z0-9_]{0,39}\Z"), min_size=2, max_size=6, unique=True), st.randoms()
)
def test_the_order_of_the_policies_means_nothing(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], shuffler: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("order")
    loaded = []
    for _ in range(2):
        shuffler.shuffle(names)
        lines = "".join(f"  {name}: {{policy: grant, places: {len(name)}}}\n" for name in names)
        file = folder / "scenario.yaml"
        file.write_text(
            "schema_version: 1\nname: {en: a, zh: b}\nregion: beijing\n"
            f"period: {{start: 2026-01-01, days: 60}}\npolicies:\n{lines}",
            encoding="utf-8",
        )
        loaded.append(load_scenario(file))
    assert list(loaded[0].policies) == list(loaded[1].policies) == sorted(names)
    assert loaded[0].identity == loaded[1].identity


@pytest.mark.parametrize("name", ["Grant", "1st", "a-b", "a.b", "_a", "x" * 41, "补贴", '"a\\n"', "''"])
def test_a_name_of_another_form_is_refused(name: str, write: Write) -> None:
    with pytest.raises(ScenarioError):
        load_scenario(write(f"policies:\n  {name}: {{policy: grant}}\n"))


@pytest.mark.parametrize("group", ["[]", "grant", "3", "[{policy: grant}]", "true"])
def test_policies_are_a_mapping(group: str, write: Write) -> None:
    with pytest.raises(ScenarioError, match="policies by name, each with its parameters"):
        load_scenario(write(f"policies: {group}\n"))


def test_a_file_above_changes_one_parameter_and_keeps_the_others(write: Write) -> None:
    below = write("policies:\n  grant:\n    share: 0.4\n    places: 20\n", name="below.yaml")
    above = write(f"extends: {below.name}\npolicies: {{grant: {{share: 0.6}}}}\n", base="schema_version: 1\n")
    found = load_scenario(above, ["policies.grant.places=30"])
    assert (found.policies["grant"].parameters["share"], found.policies["grant"].parameters["places"]) == (
        0.6,
        30,
    )
    assert [origin.place for origin in found.origins["policies.grant.share"]] == [
        f"{below.as_posix()}:7",
        f"{above.as_posix()}:3",
    ]
    assert found.origins["policies.grant.places"][-1].place == "command line -o"


def test_a_layer_that_says_which_policy_it_is_begins_anew(write: Write) -> None:
    below = write("policies: {mine: {policy: grant, share: 0.4}}\n", name="below.yaml")
    above = write(f"extends: {below.name}\npolicies: {{mine: {{policy: grant, places: 20}}}}\n")
    assert load_scenario(above).policies["mine"].parameters["share"] == 0.5


@pytest.mark.parametrize("option", ["policies.grant=null", "policies=null", "policies={grant: null}"])
def test_null_takes_a_policy_away(option: str, write: Write) -> None:
    with_it, without = write("policies: {grant: {}}\n", name="a.yaml"), write(name="b.yaml")
    found = load_scenario(with_it, [option])
    assert found.policies == {}
    assert found.identity == load_scenario(without).identity
    assert differences(found, load_scenario(without)) == []


def test_a_policy_that_was_taken_away_may_come_back(write: Write) -> None:
    one = write("policies: {grant: {share: 0.4}}\n", name="one.yaml")
    two = write(f"extends: {one.name}\npolicies: {{grant: null}}\n", name="two.yaml")
    three = write(f"extends: {two.name}\npolicies: {{grant: {{places: 3}}}}\n", name="three.yaml")
    parameters = load_scenario(three).policies["grant"].parameters
    assert (parameters["share"], parameters["places"]) == (0.5, 3)


def test_null_for_a_policy_that_was_never_there_suggests_the_one_that_is(write: Write) -> None:
    file = write("policies: {my_grant: {policy: grant}}\n")
    with pytest.raises(ScenarioError, match=r"policies\.my_grnt: null takes away.*did you mean my_grant"):
        load_scenario(file, ["policies.my_grnt=null"])


@pytest.mark.parametrize(("name", "near"), [("grnt", "grant"), ("my_grnat", "my_grant")])
def test_a_misspelt_name_on_the_command_line_is_compared_with_policies_and_own_names(
    name: str, near: str, write: Write
) -> None:
    file = write("policies: {my_grant: {policy: grant}}\n")
    with pytest.raises(ScenarioError, match=f"there is no policy '{name}'.*did you mean .*{near}"):
        load_scenario(file, [f"policies.{name}.share=0.4"])


@pytest.mark.parametrize(
    "option", ["share=0.4", "begins=2026-02-02", "ends=2026-02-20", "kind=by_order", "places=11"]
)
def test_every_parameter_is_part_of_the_identity_and_of_no_past(option: str, write: Write) -> None:
    file = write("policies: {grant: {}}\n")
    one, other = load_scenario(file), load_scenario(file, [f"policies.grant.{option}"])
    assert one.identity != other.identity
    assert one.past_identity == other.past_identity


def test_a_default_that_is_written_out_changes_no_identity(write: Write) -> None:
    bare = load_scenario(write("policies: {grant: {}}\n"))
    text = "policies: {grant: {policy: grant, begins: 2026-01-20, share: 0.5, places: 10}}\n"
    assert load_scenario(write(text)).identity == bare.identity


def test_scenarios_with_the_same_past_share_its_identity_and_no_others(write: Write) -> None:
    plain, treated = load_scenario(write()), load_scenario(write("policies: {grant: {}}\n"))
    assert plain.identity == plain.past_identity == treated.past_identity != treated.identity
    assert load_scenario(write("policies: {grant: {}}\n"), ["seed=9"]).past_identity != plain.past_identity


def test_a_parameter_is_explained_like_a_fact(write: Write) -> None:
    file = write("policies:\n  grant:\n    share: 0.4\n")
    (entry,) = explain_key(load_scenario(file, ["policies.grant.share=0.6"]), "policies.grant.share")
    assert (entry.value, entry.unit, entry.low, entry.high) == (0.6, "share", 0, 1)
    assert (entry.documented_low, entry.documented_high) == (0.3, 0.6)
    assert (entry.source, entry.grade) == ("Rules [P006]", "A")
    assert [source.mark for source in entry.behind] == ["P006"]
    assert [(one.value, one.place) for one in entry.chain] == [
        (0.4, f"{file.as_posix()}:7"),
        (0.6, "command line -o"),
    ]
    assert entry.meaning.en == "Part that it pays"
    assert entry.changed


def test_a_policy_is_a_change_even_with_nothing_but_defaults(write: Write) -> None:
    file = write("policies:\n  mine:\n    policy: grant\n  grant: {}\n")
    changed = {entry.key: entry for entry in explain_changes(load_scenario(file))}
    own = {key for key in changed if key.startswith("policies.")}
    assert own == {"policies.grant.policy", "policies.mine.policy"}
    assert changed["policies.grant.policy"].chain[-1].place == f"{file.as_posix()}:8"
    assert changed["policies.mine.policy"].chain[-1].place == f"{file.as_posix()}:7"
    assert changed["policies.mine.policy"].meaning.en == "A grant that no program has."


def test_what_a_policy_leaves_open_and_having_none_can_be_asked_for(write: Write) -> None:
    (entry,) = explain_key(load_scenario(write("policies: {grant: {}}\n")), "policies.grant.ends")
    assert (entry.value, entry.chain) == (None, ())
    (entry,) = explain_key(load_scenario(write()), "policies")
    assert (entry.value, entry.changed) == (None, False)
    assert {"grant", "elder_voucher"} <= set(entry.allowed)
    with pytest.raises(ScenarioError, match=r"did you mean policies\.grant\.share"):
        explain_key(load_scenario(write("policies: {grant: {}}\n")), "policies.grant.shar")


def test_a_policy_is_explained_with_all_that_it_can_be_told(write: Write) -> None:
    found = explain_key(
        load_scenario(write("policies: {mine: {policy: grant, places: 3}}\n")), "policies.mine"
    )
    assert [entry.key.removeprefix("policies.mine.") for entry in found] == [
        "policy",
        *GrantParameters.model_fields,
    ]
    by_key = {entry.key.rpartition(".")[2]: entry for entry in found}
    assert (by_key["ends"].value, by_key["ends"].unset) == (None, parameter_unset("ends"))
    assert (by_key["places"].value, by_key["places"].default) == (3, 10)
    assert (by_key["share"].value, by_key["share"].unset) == (0.5, None)
    assert not any(entry.changed for entry in found if entry.value is None)


def parameter_unset(parameter: str) -> Meaning:
    return Meaning(*catalogue()[f"unset.{parameter}"])


def test_two_scenarios_differ_by_each_parameter_of_a_policy_with_its_unit(write: Write) -> None:
    with_it, without = write("policies: {grant: {}}\n", name="a.yaml"), write(name="b.yaml")
    found = {one.key: one for one in differences(load_scenario(without), load_scenario(with_it))}
    assert set(found) == {f"policies.grant.{key}" for key in ("policy", "begins", "share", "kind", "places")}
    share = found["policies.grant.share"]
    assert (share.first, share.second, share.unit) == (None, 0.5, "share")


@pytest.mark.parametrize(("share", "codes"), [(0.3, []), (0.6, []), (0.2, ["outside_range"]), (0.5, [])])
def test_a_value_that_no_source_covers_is_a_warning(share: float, codes: list[str], write: Write) -> None:
    file = write(f"policies:\n  grant:\n    share: {share}\n")
    found = load_scenario(file)
    assert warnings(found) == codes
    for warning in found.warnings:
        assert (warning.file, warning.line, warning.path) == (file.as_posix(), 7, "policies.grant.share")
        assert "0.3 to 0.6 share" in warning.message


START, LAST = date(2026, 1, 1), date(2026, 3, 1)


@pytest.mark.parametrize(
    ("dates", "codes"),
    [
        (f"begins: {LAST}", []),
        (f"begins: {LAST + timedelta(days=1)}", ["policy_outside_period"]),
        (f"announced: {LAST}, begins: {LAST + timedelta(days=9)}", ["policy_begins_too_late"]),
        (f"begins: 2025-06-01, ends: {START}", ["policy_outside_period"]),
        (f"begins: 2025-06-01, ends: {START + timedelta(days=1)}", []),
        ("begins: 2025-06-01", []),
    ],
)
def test_a_policy_wholly_outside_the_period_is_a_warning(dates: str, codes: list[str], write: Write) -> None:
    file = write(f"policies:\n  grant: {{{dates}}}\n")
    found = load_scenario(file)
    assert warnings(found) == codes
    assert [(one.file, one.line) for one in found.warnings] == [(file.as_posix(), 6)] * len(codes)


def test_two_policies_of_one_name_are_refused() -> None:
    register_policy("grant", GrantParameters)
    with pytest.raises(ValueError, match="two policies are called grant"):
        register_policy("grant", type("Other", (GrantParameters,), {}))


def test_a_policy_must_say_when_it_is_announced() -> None:
    with pytest.raises(ValueError, match="the policy silent has no parameter announced"):
        register_policy("silent", BaseModel)


def test_a_policy_from_outside_is_called_what_its_model_says() -> None:
    assert set(policy_meaning("grant")) == {"A grant that no program has."}
    assert set(parameter_meaning("grant", "share")) == {"Part that it pays"}
    assert parameter_meaning("grant", "begins").zh == catalogue()["policy_parameter.begins"][1]
    assert set(parameter_meaning("grant", "kind")) == {"kind"}


def own_policies() -> list[str]:
    from sim.policies import PARAMETERS as OWN

    return sorted(OWN)


@pytest.mark.parametrize("policy", own_policies())
def test_every_policy_of_the_program_is_named_in_both_languages(policy: str) -> None:
    names = catalogue()
    assert f"policy.{policy}" in names
    for parameter in registered_policies()[policy].model_fields:
        assert {f"policy.{policy}.{parameter}", f"policy_parameter.{parameter}"} & set(names), parameter


@pytest.mark.parametrize("policy", own_policies())
def test_every_parameter_without_default_says_what_holds_while_it_is_left_out(policy: str) -> None:
    for key in parameter_keys(POLICIES, policy).values():
        open_ended = key.default is None and not key.required and key.kind != "group"
        assert (unset_meaning(policy, key.dotted) is not None) == open_ended, key.dotted


def test_no_name_is_left_of_a_policy_or_parameter_that_is_gone() -> None:
    known = registered_policies()
    for name in catalogue():
        kind, _, rest = name.partition(".")
        policy, _, parameter = rest.partition(".")
        if kind == "policy" or (kind == "unset" and parameter):
            assert not parameter or parameter in known[policy].model_fields, name


@pytest.mark.parametrize("policy", own_policies())
def test_every_number_of_a_policy_has_a_unit_and_every_default_a_source(policy: str) -> None:
    for key in parameter_keys(POLICIES, policy).values():
        if key.kind in {"integer", "number"}:
            assert key.unit, key.dotted
        if key.default is not None:
            assert key.source and key.grade in {"A", "B", "C"}, key.dotted
        if isinstance(key.default, float) and key.documented_low is not None:
            assert key.documented_low <= key.default <= (key.documented_high or key.default), key.dotted


def test_the_page_of_policies_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_policies", {})
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m sim.scenario.policies_doc`"


def test_the_page_has_every_policy_and_parameter_and_is_written_where_asked(tmp_path: Path) -> None:
    main([str(tmp_path / "page.md")])
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    for policy, model in registered_policies().items():
        rows = text.split(f"## `{policy}`\n")[1].split("\n## ")[0].splitlines()
        assert [row.split("`")[1] for row in rows if row.startswith("| `")] == list(model.model_fields)
        assert all(row.replace("\\|", "").count("|") == 9 for row in rows if row.startswith("|"))
    share = next(row for row in text.splitlines() if "Part that it pays" in row)
    assert all(cell in share for cell in ("0.5", "share", "at least 0, at most 1", "0.3 to 0.6", "Rules"))


def test_the_voucher_differs_from_the_baseline_by_its_policy_alone() -> None:
    plain, voucher = load_scenario(BASELINE), load_scenario(VOUCHER)
    assert {one.key.split(".")[0] for one in differences(plain, voucher)} == {"policies"}
    assert voucher.past_identity == plain.identity


def test_the_voucher_has_a_before_and_an_after_that_count() -> None:
    found = load_scenario(VOUCHER)
    period, parameters = found.settings.period, found.policies["elder_voucher"].parameters
    counted = period.start + timedelta(days=period.warm_up_days)
    end = period.start + timedelta(days=period.days)
    assert counted + timedelta(days=28) <= parameters["announced"] < parameters["begins"]
    assert parameters["begins"] + timedelta(days=180) < end
    assert SHARE in setting_values(found)
