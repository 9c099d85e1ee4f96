"""YAML 1.2 as scenario files use it: what a value is, where it stands, and the limits."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import compose as composing
from sim.scenario.compose import compose
from sim.scenario.faults import Findings
from sim.scenario.nodes import Mapping, Node, Place, Plain, plain
from sim.scenario.scalars import LONGEST_NUMBER, is_number, resolve


def composed(text: str) -> Node:
    findings = Findings()
    node = compose(text, "a.yaml", findings)
    assert findings.faults == []
    assert node is not None
    return node


def codes(text: str) -> list[str]:
    findings = Findings()
    compose(text, "a.yaml", findings)
    return [fault.code for fault in findings.faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("-3", -3),
        ("1.", 1.0),
        (".5", 0.5),
        ("6e-2", 0.06),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'7'", "7"),
        ('"true"', "true"),
        ("!!str 7", "7"),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = plain(composed(f"key: {text}"))
    assert isinstance(found, dict)
    assert found["key"] == value
    assert type(found["key"]) is type(value)


@settings(deadline=None)
@given(st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_writes_is_read_back(number: float) -> None:
    assert resolve(repr(number)) == number
    assert is_number(repr(number))


def test_a_number_of_too_many_characters_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=str(LONGEST_NUMBER + 1)):
        resolve("9" * (LONGEST_NUMBER + 1))


def test_every_key_knows_its_line_and_column() -> None:
    node = composed("a: 1\nb:\n  c: 2\n  d: [3,\n    {e: 4}]\n")
    assert isinstance(node, Mapping)
    group = node.get("b")
    assert group is not None and isinstance(group.node, Mapping)
    assert group.place == Place("a.yaml", 2, 1)
    assert [entry.place for entry in group.node.entries] == [Place("a.yaml", 3, 3), Place("a.yaml", 4, 3)]


yaml_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text("abc xyz'\"#:{}[]&*!", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.text("abcdef", min_size=1), yaml_values, min_size=1, max_size=4))
def test_what_is_written_as_json_is_read_back(content: dict[str, Plain]) -> None:
    import json

    assert plain(composed(json.dumps(content))) == content


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_whatever_raises(text: str) -> None:
    findings = Findings()
    compose(text, "a.yaml", findings)
    assert all(fault.message and fault.line <= text.count("\n") + 2 for fault in findings.faults)


def test_an_alias_stands_for_its_anchor() -> None:
    assert plain(composed("a: &x [1, 2]\nb: *x")) == {"a": [1, 2], "b": [1, 2]}


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, levels))]
    return "\n".join(lines)


def test_the_limit_counts_what_aliases_unfold_to() -> None:
    assert codes(bomb(10)) == []
    assert codes(bomb(40)) == ["too_many_nodes"]


def test_the_limit_of_nodes_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "MOST_NODES", 6)
    assert codes("a: [1, 2, 3]") == []
    assert codes("a: [1, 2, 3, 4]") == ["too_many_nodes"]


def test_an_alias_inside_its_own_anchor_is_unknown() -> None:
    assert codes("a: &a [*a]") == ["unknown_anchor"]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "a: " + "{b: " * 20_000, "- " * 20_000, "? " * 20_000, bomb(5000), "a: " + "'" * 100_001],
    ids=["brackets", "braces", "dashes", "questions", "aliases", "quotes"],
)
def test_hostile_files_are_refused_quickly(text: str) -> None:
    begin = time.perf_counter()
    assert codes(text)
    assert time.perf_counter() - begin < 2
