"""A region made by the page docs/add_a_region.md has a world, without a line of code of its own."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sim.data import FactTree, load_facts
from sim.vocabulary import FirmForm
from sim.world.build import build_region
from sim.world.frame import Frame

PAGE = Path(__file__).resolve().parents[2] / "docs" / "add_a_region.md"


@pytest.fixture
def small_town(tmp_path: Path) -> FactTree:
    text = PAGE.read_text(encoding="utf-8")
    for name in ("region.yaml", "districts.csv", "names.csv"):
        found = re.search(
            rf"^## {re.escape(name)}\n.*?^```(?:yaml|csv)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
        )
        assert found, name
        (tmp_path / name).write_text(found.group(1), encoding="utf-8")
    return load_facts(tmp_path)


@pytest.mark.parametrize("scale", [0.01, 0.1, 1.0])
def test_its_world_can_be_built(small_town: FactTree, scale: float) -> None:
    world = build_region(Frame.of("small_town", small_town, scale, 1))
    families = small_town.number("region.family_households")
    assert world.tables["households"].size == pytest.approx(families * scale, abs=1)
    companies = world.tables["companies"].used
    assert (np.bincount(companies["form"], minlength=len(FirmForm)) >= 1).all()
    if scale == 1.0:
        sampled = companies["form"] != FirmForm.INSTITUTION
        assert (companies["weight"] == 1.0).all()
        assert sampled.sum() == small_town.integer("region.communities") + sum(
            small_town.integer(f"region.companies.{form}.count")
            for form in ("platform", "agency", "employee_based", "outlet")
        )


def test_a_form_without_firms_has_no_workers(small_town: FactTree) -> None:
    without = small_town.with_value("region.companies.outlet.count", 0, "a test")
    world = build_region(Frame.of("small_town", without, 1.0, 1))
    companies = world.tables["companies"].used
    assert FirmForm.OUTLET not in companies["form"]
    assert world.tables["workers"].size == round(small_town.number("region.workers"))


def test_a_region_without_bases_or_centres_is_whole(small_town: FactTree) -> None:
    bare = small_town.with_value("region.training_bases.in_region.count", 0, "a test")
    bare = bare.with_value("region.training_bases.at_origin.count", 0, "a test")
    bare = bare.with_value("region.care_institutions.regional_centre.count", 0, "a test")
    world = build_region(Frame.of("small_town", bare, 0.1, 1))
    assert world.tables["bases"].size == 0
    assert 1 not in world.tables["institutions"].used["kind"]
