"""The tool that finds dead parameters finds them, and knows live ones."""

from __future__ import annotations

import fnmatch

import pytest

from tools.liveness import Declaration, declarations, declared_for, ends, facts_of_the_scenario, moved

FACTS = facts_of_the_scenario()
DECLARED = declarations()


def test_every_declaration_is_of_some_fact() -> None:
    for declaration in DECLARED:
        found = fnmatch.filter(FACTS, declaration.pattern)
        assert found, f"{declaration.pattern}: no fact has such a path"
        assert bool(declaration.moves) != bool(declaration.described), declaration.pattern


def test_stars_are_filled_in() -> None:
    declaration = declared_for("companies.agency.price_level", DECLARED)
    assert declaration is not None
    assert declaration.moves == "mean companies.price_multiplier where form=agency"


@pytest.mark.parametrize(
    "path", ["workers.ebike_share", "companies.outlet.quality_mean", "services.cooking.price_yuan"]
)
def test_a_live_fact_moves_as_declared(path: str) -> None:
    declaration = declared_for(path, DECLARED)
    assert declaration is not None
    assert moved(declaration, FACTS[path], pairs=3).alive


def test_a_fact_that_does_not_reach_the_variable_is_dead() -> None:
    path = "workers.ebike_share"
    assert not moved(Declaration(path, "mean households.home_m2"), FACTS[path], pairs=3).alive


def test_a_wrong_direction_is_found() -> None:
    path = "workers.ebike_share"
    assert not moved(Declaration(path, "mean workers.has_ebike", "down"), FACTS[path], pairs=3).alive


def test_truth_values_and_single_points() -> None:
    assert ends(FACTS["companies.agency.offers.cooking"]) == ("false", "true")
    assert ends(FACTS["region.country"]) is None


def test_every_fact_is_declared() -> None:
    assert [path for path in FACTS if declared_for(path, DECLARED) is None] == []


def quick() -> list[str]:
    """Return one fact for each declaration that shows within three weeks at the usual scale.

    The others need many events of a rare kind; `python -m tools.liveness` moves those as well, in hours.
    """
    first: dict[str, str] = {}
    for path in FACTS:
        found = next((d for d in DECLARED if declared_for(path, [d]) is not None), None)
        if found is None or found.described or found.days > 21 or ends(FACTS[path]) is None:
            continue
        if not any(setting.startswith("scale") for setting in found.setting):
            first.setdefault(found.pattern, path)
    return sorted(first.values())


@pytest.mark.slow
@pytest.mark.parametrize("path", quick())
def test_it_moves_what_it_is_declared_to_move(path: str) -> None:
    """Six paired runs at both ends of the range; a variable that parts by chance alone passes in one of a hundred."""
    declaration = declared_for(path, DECLARED)
    assert declaration is not None
    seen = moved(declaration, FACTS[path])
    assert seen.alive, f"{path} moves {declaration.moves} by {seen.difference:.6g} +- {seen.error:.6g}"
