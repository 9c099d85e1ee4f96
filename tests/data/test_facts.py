"""The tree of facts: asking, filling dataclasses, overriding, and messages that help."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.data.facts import Fact, FactTree, Meaning, Origin, Value
from sim.errors import DataError, UnknownFact


def fact(path: str, value: Value, **other: object) -> Fact:
    """A fact with the usual trimmings."""
    numeric = isinstance(value, (int, float, tuple)) and not isinstance(value, bool)
    made = Fact(
        path=path,
        value=value,
        unit="h",
        low=0 if numeric else None,
        high=10 if numeric else None,
        source="a source",
        grade="C",
        meaning=Meaning("a thing", "东西"),
        file="sim/data/parameters/example.yaml",
        line=7,
    )
    return replace(made, **other)  # type: ignore[arg-type]


@pytest.fixture
def tree() -> FactTree:
    return FactTree(
        [
            fact("travel.walk.speed", 4.5),
            fact("travel.ebike.speed", 15),
            fact("travel.ebike.folding", False, unit="boolean"),
            fact("travel.ebike.law", "fixed", unit="category", allowed=("fixed", "lognormal")),
            fact("travel.ebike_lane", 1, unit="km"),
            fact("travel.ebike.by_month", (1, 2, 3.5), index="month", unit="ratio"),
        ]
    )


def test_facts_come_in_sorted_order_whatever_the_order_of_the_files(tree: FactTree) -> None:
    assert list(tree) == sorted(tree)
    assert list(FactTree(reversed(list(tree.values())))) == list(tree)


def test_values_are_read_as_the_kind_asked_for(tree: FactTree) -> None:
    assert tree.number("travel.ebike.speed") == 15.0
    assert isinstance(tree.number("travel.ebike.speed"), float)
    assert tree.integer("travel.ebike.speed") == 15
    assert tree.text("travel.ebike.law") == "fixed"
    assert tree.flag("travel.ebike.folding") is False
    assert tree.vector("travel.ebike.by_month") == (1.0, 2.0, 3.5)


@pytest.mark.parametrize("path", ["travel.ebike.law", "travel.ebike.folding", "travel.ebike.by_month"])
def test_a_number_asked_for_where_none_stands_names_file_and_line(tree: FactTree, path: str) -> None:
    with pytest.raises(DataError, match=rf"example\.yaml:7: {path} is a .* a number is needed"):
        tree.number(path)


def test_a_fraction_is_no_whole_number(tree: FactTree) -> None:
    with pytest.raises(DataError, match="a whole number is needed"):
        tree.integer("travel.walk.speed")


def test_children_are_the_names_directly_below_and_no_neighbours(tree: FactTree) -> None:
    assert tree.children() == ("travel",)
    assert tree.children("travel") == ("ebike", "ebike_lane", "walk")
    assert tree.children("travel.ebike") == ("by_month", "folding", "law", "speed")
    assert tree.children("travel.walk.speed") == ()
    assert tree.children("nothing") == ()


def test_under_gives_the_whole_branch(tree: FactTree) -> None:
    assert [fact.path for fact in tree.under("travel.ebike")] == [
        f"travel.ebike.{name}" for name in ("by_month", "folding", "law", "speed")
    ]


def test_an_unknown_path_suggests_the_nearest(tree: FactTree) -> None:
    with pytest.raises(UnknownFact, match=r"travel\.ebike\.sped; did you mean travel\.ebike\.speed"):
        tree["travel.ebike.sped"]
    assert "travel.ebike.sped" not in tree
    assert tree.get("travel.ebike.sped") is None


def test_a_group_is_told_from_a_fact(tree: FactTree) -> None:
    with pytest.raises(
        UnknownFact, match=r"travel\.ebike is a group of facts.*by_month, folding, law, speed"
    ):
        tree.number("travel.ebike")


@dataclass(frozen=True)
class Walk:
    speed: float


@dataclass(frozen=True)
class EBike:
    speed: int
    folding: bool
    law: str
    by_month: tuple[float, ...]


@dataclass(frozen=True)
class Travel:
    walk: Walk
    ebike: EBike


def test_a_dataclass_is_filled_from_a_branch_with_its_branches(tree: FactTree) -> None:
    assert tree.into(Travel, "travel") == Travel(Walk(4.5), EBike(15, False, "fixed", (1.0, 2.0, 3.5)))


@dataclass(frozen=True)
class Bus:
    speed: float = 20.0


def test_a_field_without_a_fact_is_an_error_even_if_it_has_a_default(tree: FactTree) -> None:
    with pytest.raises(UnknownFact, match=r"travel\.bus\.speed"):
        tree.into(Bus, "travel.bus")


@dataclass(frozen=True)
class Odd:
    speed: complex


def test_a_field_that_no_fact_can_fill_is_a_programming_error(tree: FactTree) -> None:
    with pytest.raises(TypeError, match="complex"):
        tree.into(Odd, "travel.walk")


def test_an_override_leaves_the_old_tree_and_keeps_the_chain(tree: FactTree) -> None:
    first = tree.with_value("travel.walk.speed", 5, Origin("my.yaml", 3))
    second = first.with_value("travel.walk.speed", 6.0, "-o")
    assert tree.number("travel.walk.speed") == 4.5
    assert [link.value for link in second.chain("travel.walk.speed")] == [4.5, 5, 6.0]
    assert [str(link.origin) for link in second.chain("travel.walk.speed")] == [
        "sim/data/parameters/example.yaml:7",
        "my.yaml:3",
        "-o",
    ]
    assert second["travel.walk.speed"].unit == "h"
    assert second.chain("travel.ebike.speed") == (tree["travel.ebike.speed"],)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("travel.walk.speed", "fast", "is a text, a number is needed"),
        ("travel.walk.speed", True, "is a boolean, a number is needed"),
        ("travel.walk.speed", float("nan"), "not finite"),
        ("travel.walk.speed", -1, "below 0; its range is 0 to 10 h"),
        ("travel.ebike.law", "lognorml", "allowed: fixed, lognormal; did you mean lognormal"),
        ("travel.ebike.folding", 1, "is a number, a boolean is needed"),
        ("travel.ebike.by_month", [1, 2], "2 numbers given, 3 are needed"),
        ("travel.ebike.by_month", [1, 2, "x"], "'x' is not a number"),
        ("travel.ebike.by_month", 2, "a list of numbers is needed"),
    ],
)
def test_a_value_of_the_wrong_sort_is_refused(tree: FactTree, path: str, value: object, words: str) -> None:
    with pytest.raises(DataError) as caught:
        tree.with_value(path, value, Origin("my.yaml", 3))
    assert str(caught.value).startswith(f"my.yaml:3: {path}: ")
    assert words in str(caught.value)


def test_a_share_stays_between_0_and_1() -> None:
    tree = FactTree([fact("a.b", 0.5, unit="share", high=1)])
    with pytest.raises(DataError, match="outside 0 to 1, as a share must be"):
        tree.with_value("a.b", 1.2, "-o")


def test_a_quantity_that_may_be_negative_may_be_set_so() -> None:
    tree = FactTree([fact("a.day", -21, unit="days", low=-45)])
    assert tree.with_value("a.day", -30, "-o").number("a.day") == -30


def test_the_range_advises_and_does_not_forbid(tree: FactTree) -> None:
    changed = tree.with_value("travel.walk.speed", 12, "-o")
    assert changed["travel.walk.speed"].within_range() is False
    assert tree["travel.walk.speed"].within_range() is True
    assert tree["travel.ebike.by_month"].within_range((1, 2, 11)) is False


def test_the_digest_follows_values_and_nothing_else(tree: FactTree) -> None:
    same = tree.with_value("travel.walk.speed", 4.5, "-o")
    assert same.digest() == tree.digest()
    assert tree.with_value("travel.walk.speed", 4.6, "-o").digest() != tree.digest()


def test_a_tree_travels_to_another_process(tree: FactTree) -> None:
    there = pickle.loads(pickle.dumps(tree.with_value("travel.walk.speed", 5, "-o")))
    assert there.digest() == tree.with_value("travel.walk.speed", 5, "-o").digest()
    assert len(there.chain("travel.walk.speed")) == 2


names = st.text(alphabet="ab0_", min_size=1, max_size=3)
paths = st.lists(names, min_size=1, max_size=3).map(".".join)


@given(st.sets(paths, min_size=1, max_size=20), paths)
def test_under_finds_what_starts_with_the_prefix(found: set[str], prefix: str) -> None:
    tree = FactTree(fact(path, 1) for path in found)
    assert [below.path for below in tree.under(prefix)] == sorted(
        path for path in found if path.startswith(f"{prefix}.")
    )
