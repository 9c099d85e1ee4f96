"""Explaining a scenario: the chain of a value, its source, and what the scenario changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario import load_scenario
from sim.scenario.explain import explain_changes, explain_key, setting_values
from sim.scenario.keys import setting_keys

Write = Callable[..., Path]

SPEED = "travel.ebike.speed_km_per_h"
HOURLY_PRICE = "services.hourly_cleaning.price_yuan"


def test_a_fact_is_explained_with_its_whole_chain(write: Write) -> None:
    file = write(f"parameters:\n  {HOURLY_PRICE}: 55\n")
    found = load_scenario(file, [f"{HOURLY_PRICE}=56"])
    (entry,) = explain_key(found, HOURLY_PRICE)
    shared, region, own, option = entry.chain
    assert shared.file == "sim/data/services.yaml"
    assert region.file == "sim/data/regions/beijing/region.yaml"
    assert (own.value, own.place) == (55, f"{file.as_posix()}:6")
    assert (option.value, option.place) == (56, "command line -o")
    assert entry.value == 56
    assert entry.changed


def test_the_source_and_grade_of_an_overridden_fact_are_those_of_the_documented_value(write: Write) -> None:
    documented = load_scenario(write()).facts[SPEED]
    (entry,) = explain_key(load_scenario(write(), [f"{SPEED}=13"]), SPEED)
    assert (entry.source, entry.grade) == (documented.source, documented.grade)
    assert (entry.low, entry.high) == (documented.low, documented.high)


def test_a_setting_has_unit_range_and_place(write: Write) -> None:
    file = write()
    (entry,) = explain_key(load_scenario(file), "period.days")
    assert (entry.value, entry.unit, entry.low, entry.high) == (60, "days", 1, 36525)
    assert entry.chain[-1].place == f"{file.as_posix()}:4"
    assert entry.meaning.zh == "模拟期间的长度"


def test_a_setting_that_nobody_set_is_at_its_default(write: Write) -> None:
    (entry,) = explain_key(load_scenario(write()), "seed")
    assert (entry.value, entry.chain, entry.changed) == (1, (), False)


def test_a_parameter_of_a_dispatcher_is_explained_by_its_model(write: Write) -> None:
    found = load_scenario(write("dispatch:\n  outlet: {policy: radius, first_km: 2}\n"))
    by_key = {entry.key: entry for entry in explain_key(found, "dispatch.outlet")}
    assert set(by_key) == {"dispatch.outlet.policy", "dispatch.outlet.first_km", "dispatch.outlet.second_km"}
    assert by_key["dispatch.outlet.first_km"].changed
    assert not by_key["dispatch.outlet.second_km"].changed
    assert "km" in by_key["dispatch.outlet.second_km"].meaning.en


def test_a_prefix_gives_everything_below_it_and_nothing_else(write: Write) -> None:
    found = load_scenario(write())
    keys = [entry.key for entry in explain_key(found, "travel.ebike")]
    assert keys == [path for path in found.facts if path.startswith("travel.ebike.")]
    assert explain_key(found, "districts")


def test_a_prefix_that_settings_and_facts_share_gives_both(write: Write) -> None:
    found = load_scenario(write())
    keys = {entry.key for entry in explain_key(found, "services")}
    assert {"services", HOURLY_PRICE} <= keys


def test_the_changes_are_what_the_scenario_sets_differently(write: Write) -> None:
    text = f"scale: 0.02\nseed: 1\nparameters:\n  {SPEED}: 16\n  travel.ebike.overhead_min: 8\n"
    changed = {entry.key for entry in explain_changes(load_scenario(write(text)))}
    assert changed == {"region", "period.start", "period.days", "period.warm_up_days", "scale", SPEED}


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("scael", "scale"),
        ("travle.ebike", "travel.ebike"),
        (SPEED[:-1], SPEED),
        ("period.day", "period.days"),
    ],
)
def test_an_unknown_key_gets_suggestions(key: str, near: str, write: Write) -> None:
    with pytest.raises(ScenarioError, match="did you mean") as caught:
        explain_key(load_scenario(write()), key)
    assert near in str(caught.value)


def test_every_setting_has_a_meaning_in_both_languages(write: Write) -> None:
    market = load_scenario(write("description: {en: a, zh: b}\n"))
    lab = "laboratory: {servers: 1, arrivals_per_hour: 9, service_time: {law: lognormal, mean_min: 6, cv: 1},"
    bare = "schema_version: 1\nname: {en: a, zh: b}\nperiod: {start: 2026-01-01, days: 60}\n"
    queue = load_scenario(write(f"{lab} patience: {{law: fixed, mean_min: 1}}}}\n", base=bare))
    explained = {
        entry.key
        for found in (market, queue)
        for key in setting_values(found)
        for entry in explain_key(found, key)
    }
    known = {
        key.dotted for key in setting_keys().values() if key.kind != "group" and key.path[0] != "calendar"
    }
    assert known <= explained
