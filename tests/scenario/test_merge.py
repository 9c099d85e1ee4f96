"""Layers on top of one another: the laws of composition, and who set what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.faults import Findings
from sim.scenario.merge import Layer, Merged, Origin, layer_of
from sim.scenario.nodes import Entry, Mapping, Node, Place, Scalar


def node_of(content: Any, file: str) -> Node:
    if isinstance(content, dict):
        entries = (Entry(key, Place(file, 1), node_of(value, file)) for key, value in content.items())
        return Mapping(tuple(entries), Place(file, 1))
    return Scalar(content, str(content), Place(file, 1))


def layer(content: dict[str, Any], file: str = "a.yaml") -> Layer:
    root = node_of(content, file)
    assert isinstance(root, Mapping)
    findings = Findings()
    found = layer_of(file, root, findings)
    assert not findings.faults
    return found


def merged(*contents: dict[str, Any]) -> Merged:
    result = Merged()
    for number, content in enumerate(contents):
        result = result.with_layer(layer(content, f"{number}.yaml"))
    return result


names = st.sampled_from(["a", "b", "c"])
scalars = st.integers(0, 5)
contents = st.dictionaries(
    names, scalars | st.dictionaries(names, scalars, min_size=1, max_size=3), max_size=3
)


@settings(deadline=None)
@given(contents)
def test_a_layer_alone_is_itself(content: dict[str, Any]) -> None:
    assert merged(content).content() == content


@settings(deadline=None)
@given(contents)
def test_an_empty_layer_changes_nothing_above_or_below(content: dict[str, Any]) -> None:
    alone = merged(content)
    assert merged({}, content).content() == alone.content()
    assert merged(content, {}).content() == alone.content()


@settings(deadline=None)
@given(contents)
def test_a_layer_upon_itself_changes_nothing(content: dict[str, Any]) -> None:
    assert merged(content, content).content() == content


def overlaid(below: Any, above: Any) -> Any:
    """The definition: groups by key, anything else from above."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {key: overlaid(below.get(key), above.get(key, below.get(key))) for key in below | above}
    return above


@settings(deadline=None)
@given(contents, contents, contents)
def test_the_last_layer_wins_key_by_key(
    first: dict[str, Any], second: dict[str, Any], third: dict[str, Any]
) -> None:
    assert merged(first, second).content() == overlaid(first, second)
    assert merged(first, second, third).content() == overlaid(overlaid(first, second), third)


@settings(deadline=None)
@given(contents, st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_no_value(content: dict[str, Any], random: Any) -> None:
    keys = list(content)
    random.shuffle(keys)
    below = {"a": 9, "z": {"b": 9}}
    assert merged(below, {key: content[key] for key in keys}).content() == merged(below, content).content()


def test_the_chain_keeps_every_value_with_its_file() -> None:
    result = merged({"scale": 1}, {"seed": 5}, {"scale": 2}, {"scale": 3})
    assert result.chains["scale",] == (Origin(1, "0.yaml", 1), Origin(2, "2.yaml", 1), Origin(3, "3.yaml", 1))
    assert result.place_of(("scale",)).file == "3.yaml"


def test_a_named_dispatcher_replaces_the_other_with_its_parameters() -> None:
    below = {"dispatch": {"outlet": {"policy": "radius", "first_km": 2}, "agency": {"policy": "batch"}}}
    changed = merged(below, {"dispatch": {"outlet": {"policy": "nearest"}}}).content()
    assert changed["dispatch"] == {"outlet": {"policy": "nearest"}, "agency": {"policy": "batch"}}


def test_a_parameter_alone_leaves_the_dispatcher() -> None:
    below = {"dispatch": {"outlet": {"policy": "radius", "first_km": 2}}}
    changed = merged(below, {"dispatch": {"outlet": {"second_km": 5}}}).content()
    assert changed["dispatch"]["outlet"] == {"policy": "radius", "first_km": 2, "second_km": 5}


def test_a_law_replaces_the_other_with_its_parameters() -> None:
    below = {"laboratory": {"service_time": {"law": "lognormal", "mean_min": 6, "cv": 2}}}
    changed = merged(below, {"laboratory": {"service_time": {"law": "fixed", "mean_min": 3}}}).content()
    assert changed["laboratory"]["service_time"] == {"law": "fixed", "mean_min": 3}


@pytest.mark.parametrize("key", ["policy", "law"])
def test_a_chooser_at_the_top_is_only_an_unknown_key(key: str) -> None:
    assert merged({"seed": 3}, {key: "x"}).content() == {"seed": 3, key: "x"}


def test_null_takes_a_group_away() -> None:
    assert merged({"laboratory": {"servers": 1}}, {"laboratory": None}).content() == {"laboratory": None}


@pytest.mark.parametrize("group", ["parameters", "dispatch", "recording", "policies", "period"])
def test_a_group_whose_keys_are_commented_out_says_nothing(group: str) -> None:
    assert merged({"seed": 1}, {group: None}).content() == {"seed": 1}


def test_facts_may_be_flat_or_nested() -> None:
    flat = {"parameters": {"a.b.c": 1, "a.b.d": 2}}
    nested = {"parameters": {"a": {"b.c": 1, "b": {"d": 2}}}}
    assert merged(flat).content() == merged(nested).content() == flat
