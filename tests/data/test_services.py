"""The catalogue of services as a table, and its agreement with the vocabularies that the columns use."""

from __future__ import annotations

import pytest

from sim import vocabulary
from sim.data.load import shared_facts

TREE = shared_facts()
SERVICES = TREE.children("services")


def test_the_table_is_rectangular() -> None:
    assert len(SERVICES) == 16
    columns = {TREE.children(f"services.{service}") for service in SERVICES}
    assert len(columns) == 1
    assert len(columns.pop()) == 25


@pytest.mark.parametrize(
    ("column", "members"),
    [
        ("form", vocabulary.ServiceForm),
        ("health_class", vocabulary.HealthClass),
        ("needs_by", vocabulary.NeedsBy),
        ("duration_law", vocabulary.DurationLaw),
    ],
)
def test_categories_are_those_of_the_vocabulary(column: str, members: type[vocabulary.ServiceForm]) -> None:
    for service in SERVICES:
        assert sorted(TREE[f"services.{service}.{column}"].allowed) == sorted(m.name.lower() for m in members)


def test_a_unit_of_the_price_follows_its_basis() -> None:
    assert {TREE.text(f"services.{s}.price_basis") for s in SERVICES} == {"h", "visit", "month"}
    for service in SERVICES:
        basis, form = TREE.text(f"services.{service}.price_basis"), TREE.text(f"services.{service}.form")
        assert (basis == "month") == (form != "visit")


def test_one_skill_belongs_to_one_trade() -> None:
    pairs = {(TREE.text(f"services.{s}.trade"), TREE.text(f"services.{s}.skill")) for s in SERVICES}
    assert len(pairs) == len({trade for trade, _ in pairs}) == len({skill for _, skill in pairs})
