"""Loading: defaults, extends, overrides, regions, and the identity of what results."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.data import Fact, load_facts
from sim.errors import ScenarioError
from sim.scenario import Origin, Scenario, examine, load_scenario
from sim.scenario.keys import setting_keys
from sim.scenario.overrides import COMMAND_LINE
from sim.scenario.regions import shared_facts

Write = Callable[..., Path]

BARE = "schema_version: 1\nname: {en: a, zh: b}\nperiod: {start: 2026-01-01, days: 60}\n"
ROOT = Path(__file__).resolve().parents[2]
SPEED = "travel.ebike.speed_km_per_h"
BASELINE = ROOT / "scenarios" / "baseline.yaml"
BASE = load_scenario(BASELINE)


@pytest.mark.smoke
@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_scenario_of_the_project_is_valid(file: Path) -> None:
    found = examine(file)
    assert found.faults == ()
    assert found.scenario is not None
    assert found.scenario.settings.name.zh


def test_what_is_left_out_has_its_default(write: Write) -> None:
    found = load_scenario(write()).settings
    assert (found.scale, found.seed, found.services, found.policies) == (0.01, 1, "all", {})
    assert found.recording.detail == "tables"
    assert {form: choice.policy for form, choice in found.dispatch.items()} == dict.fromkeys(
        ("platform", "agency", "employee_based", "outlet", "institution", "acquaintance"), "nearest"
    )
    assert found.period.start == date(2026, 1, 1)


def test_a_dispatcher_has_all_its_parameters_in_the_resolved_scenario(write: Write) -> None:
    text = "dispatch:\n  outlet: {policy: radius, first_km: 2}\n"
    choice = load_scenario(write(text)).settings.dispatch["outlet"]
    assert choice.policy == "radius"
    assert choice.parameters == {"first_km": 2.0, "second_km": 6.0}


def test_a_scenario_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        BASE.settings = BASE.settings  # type: ignore[misc]
    with pytest.raises(ValidationError):
        BASE.settings.seed = 3


def test_the_chain_of_files_and_options_is_kept(write: Write) -> None:
    below = write(f"scale: 0.02\nparameters: {{{SPEED}: 16}}\n", name="folder/below.yaml")
    above = write("extends: folder/below.yaml\nscale: 0.03\n", base="schema_version: 1\n")
    found = load_scenario(above, [f"{SPEED}=17", "scale=0.04", "scale=0.05"])
    assert found.settings.scale == 0.05
    assert found.origins["scale"] == (
        Origin(0.02, below.as_posix(), 5),
        Origin(0.03, above.as_posix(), 3),
        Origin(0.04, COMMAND_LINE, 0),
        Origin(0.05, COMMAND_LINE, 0),
    )
    data, *own = found.origins[SPEED]
    assert data.file.startswith("sim/data/")
    assert own == [Origin(16, below.as_posix(), 6), Origin(17, COMMAND_LINE, 0)]
    assert found.facts.number(SPEED) == 17
    assert found.files == (below.as_posix(), above.as_posix())


def test_origins_cover_settings_and_facts(write: Write) -> None:
    found = load_scenario(write("scale: 0.02\n"))
    assert {"scale", "period.days", SPEED} <= set(found.origins)
    assert len(found.origins) == len(list(found.origins))
    assert "seed" not in found.origins


def test_overrides_may_be_scalars_lists_and_groups() -> None:
    options = ["period={start: 2027-02-01, days: 40, warm_up_days: 0}", "services=[cooking, pet_care]"]
    found = load_scenario(BASELINE, [*options, "recording.detail=none"]).settings
    assert found.period.start == date(2027, 2, 1)
    assert found.services == ("cooking", "pet_care")
    assert found.recording.detail == "none"


def test_the_order_of_unrelated_overrides_does_not_matter() -> None:
    options = ["dispatch.platform.every_min=3", "dispatch.platform.policy=batch", "seed=4", f"{SPEED}=16"]
    identities = {load_scenario(BASELINE, order).identity for order in (options, options[::-1])}
    assert len(identities) == 1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("scale", "needed: -o key=value, found 'scale'"),
        ("=3", "needed: -o key=value"),
        ("perod.days=3", "did you mean period.days"),
        (f"{SPEED[:-1]}=3", f"did you mean {SPEED}"),
        ("seed=[1", "seed: the value cannot be read"),
        ("seed=!!python/name:os.system x", "!!python/name:os.system"),
        ("period.days=", "period.days: found null"),
        ("period.days=7", "command line -o: period.days: 28 days of warm-up"),
        ("extends=other.yaml", "no fact has this path"),
        (
            "dispatch={platform: {policy: none}}",
            "command line -o: dispatch.platform.policy: there is no dispatcher",
        ),
    ],
)
def test_a_wrong_override_says_so(option: str, words: str) -> None:
    with pytest.raises(ScenarioError, match="command line -o") as caught:
        load_scenario(BASELINE, [option])
    assert words in str(caught.value)


def test_a_value_outside_its_documented_range_is_a_warning_with_its_place(write: Write) -> None:
    file = write(f"parameters:\n  {SPEED}: 40\n")
    found = load_scenario(file)
    (warning,) = found.warnings
    assert (warning.file, warning.line, warning.path) == (file.as_posix(), 6, SPEED)
    assert "12 to 19 km/h" in warning.message
    assert found.facts.number(SPEED) == 40
    assert load_scenario(file, [f"{SPEED}=15"]).facts.number(SPEED) == 15


def test_a_region_may_be_a_folder_beside_the_scenario(write: Write) -> None:
    packaged = ROOT / "sim" / "data" / "regions" / "beijing"
    for name in ("region.yaml", "districts.csv", "names.csv"):
        text = packaged.joinpath(name).read_text(encoding="utf-8").replace("region.beijing,", "region.mine,")
        write(text, name=f"mine/{name}", base="")
    found = load_scenario(write("region: mine\n", base=BARE))
    assert Path(str(found.settings.region)).name == "mine"
    assert dict(found.facts).keys() == dict(load_facts("beijing")).keys()


def test_a_laboratory_has_the_facts_that_no_region_owns() -> None:
    found = load_scenario(ROOT / "scenarios" / "queue_mm1.yaml")
    assert found.settings.region is None
    assert found.settings.scale == 1
    assert dict(found.facts) == dict(shared_facts())
    assert not found.facts.children("districts")


def test_a_base_may_be_taken_away_by_null(write: Write) -> None:
    lab = "laboratory: {servers: 1, arrivals_per_hour: 9, service_time: {law: fixed, mean_min: 6}}\n"
    below = write(
        lab,
        name="lab.yaml",
        base=BARE,
    )
    found = load_scenario(write(f"extends: {below.name}\nlaboratory: null\n"))
    assert found.settings.laboratory is None
    assert found.settings.region == "beijing"


def test_the_resolved_scenario_is_json(write: Write) -> None:
    found = load_scenario(write())
    content = json.loads(json.dumps(found.to_dict()))
    assert content["settings"]["period"] == {"start": "2026-01-01", "days": 60, "warm_up_days": 7}
    assert content["facts"][SPEED] == found.facts.number(SPEED)
    assert content["identity"] == found.identity


def test_extending_and_adding_nothing_is_the_same_run(write: Write) -> None:
    below = write("scale: 0.02\n", name="below.yaml")
    above = write("extends: below.yaml\n", base="schema_version: 1\n")
    assert load_scenario(above).identity == load_scenario(below).identity


@pytest.mark.parametrize(
    "more",
    [
        "description: {en: Other words, zh: 别的话}\n",
        "recording: {detail: none}\n",
        "seed: 1\n",
        "scale: 1.0e-2\n",
        "dispatch: {platform: {policy: nearest}}\n",
        f"parameters: {{{SPEED}: 15.0}}\n",
        "# a comment\n",
    ],
)
def test_words_recording_and_what_was_so_anyway_change_no_identity(more: str, write: Write) -> None:
    assert load_scenario(write(more)).identity == load_scenario(write()).identity


def test_the_order_of_keys_changes_no_identity(write: Write) -> None:
    lines = [
        "scale: 0.02",
        "seed: 3",
        "services: [cooking]",
        f"parameters: {{{SPEED}: 16, travel.ebike.overhead_min: 9}}",
    ]
    turned = [*lines[:0:-1], lines[0]]
    assert load_scenario(write("\n".join(lines))).identity == load_scenario(write("\n".join(turned))).identity


CHANGES = [
    "seed=2",
    "scale=0.02",
    "period.start=2026-01-02",
    "period.days=364",
    "period.warm_up_days=27",
    "services=[cooking]",
    "region=zhongshan",
    "dispatch.outlet.first_km=2.5",
    "dispatch.agency={policy: batch}",
]


@pytest.mark.parametrize("option", CHANGES)
def test_every_setting_that_matters_changes_the_identity(option: str) -> None:
    assert load_scenario(BASELINE, [option]).identity != BASE.identity


def test_every_setting_is_said_to_matter_or_not() -> None:
    """Whoever adds a setting must decide whether it belongs to the identity."""
    changed = {option.split("=")[0].split(".")[0] for option in CHANGES}
    neutral = {"schema_version", "name", "description", "recording"}
    later = {"calendar", "laboratory", "policies"}
    assert {key[0] for key in setting_keys()} == changed | neutral | later


def moved(fact: Fact) -> object:
    """Another value that the fact may have."""
    if isinstance(fact.value, bool):
        return not fact.value
    if isinstance(fact.value, str):
        return next(entry for entry in fact.allowed if entry != fact.value)
    if isinstance(fact.value, tuple):
        return [fact.value[0] / 2 + 0.001, *fact.value[1:]]
    return fact.value / 2 + 0.001


movable = [
    fact for fact in BASE.facts.values() if not (isinstance(fact.value, str) and len(fact.allowed) < 2)
]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(movable))
def test_any_fact_that_changes_changes_the_identity(fact: Fact) -> None:
    changed = BASE.facts.with_value(fact.path, moved(fact), "a test")
    other = Scenario(BASE.settings, changed, BASE.origins, BASE.files)
    assert other.identity != BASE.identity


def test_a_frozen_calendar_counts_by_its_days_and_not_by_its_source() -> None:
    calendar = {
        "country": "CN",
        "start": "2026-01-01",
        "days": 365,
        "public_holidays": {"2026-01-01": "元旦"},
        "working_weekends": [],
        "lunar_new_years": ["2026-02-17"],
        "source": "one release",
        "warnings": [],
    }
    frozen = BASE.with_calendar(calendar)
    assert frozen.identity == BASE.with_calendar({**calendar, "source": "another release"}).identity
    assert frozen.identity != BASE.with_calendar({**calendar, "public_holidays": {}}).identity
    assert frozen.identity != BASE.identity
    assert frozen.to_dict()["settings"]["calendar"]["public_holidays"] == {"2026-01-01": "元旦"}
