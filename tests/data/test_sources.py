"""The table behind the marks: none without a row, no row without a mark, and a page that is fresh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.data import list_regions, load_facts
from sim.data.sources import all_sources, behind, marks_in, sources_of
from sim.data.sources_doc import PAGE, page
from sim.dispatch import DISPATCHERS
from sim.experiments.calibration.targets import read_targets
from sim.policies import PARAMETERS
from sim.report.books.observed import marks
from sim.scenario.keys import POLICIES, parameter_keys

ROOT = Path(__file__).resolve().parents[2]
MARK_LIKE = re.compile(r"\b[A-Z]-?\d{2,3}[a-z]?\b")


def texts() -> set[str]:
    """All texts that say where a value comes from: of facts, of policies' parameters, of dispatchers."""
    trees = [load_facts(region) for region in list_regions()]
    facts = {fact.source for tree in trees for path in tree for fact in tree.chain(path)}
    policies = {key.source for name in PARAMETERS for key in parameter_keys(POLICIES, name).values()}
    return facts | policies | {str(rule.Parameters.__doc__) for rule in DISPATCHERS.values()}


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("one [P006, P002] and [P006] again", ["P006", "P002"]),
        ("a range [S027-S029]", ["S027", "S028", "S029"]),
        ("a range of parts [D022a-c]", ["D022a", "D022b", "D022c"]),
        ("parts of a range [D041b-D043b]", ["D041b", "D042b", "D043b"]),
        ("words between [G008 note, G015 and the others], [E-09]", ["G008", "G015", "E-09"]),
        ("measures [S-026] and what they pay [X-01, X-02]", ["S-026", "X-01", "X-02"]),
        ("a kind of source [O], a year [2024], GB17761, none", []),
    ],
)
def test_marks_are_read_as_people_write_them(text: str, marks: list[str]) -> None:
    assert marks_in(text) == marks


def test_a_mark_without_its_last_letter_means_all_parts() -> None:
    assert [source.mark for source in behind("D010")] == [
        mark for mark in all_sources() if mark.startswith("D010")
    ]
    assert len(behind("D010")) > 1
    assert [source.mark for source in behind("P006")] == ["P006"]


def test_what_looks_like_a_mark_is_one() -> None:
    unread = {mark for text in texts() for mark in MARK_LIKE.findall(text) if mark not in marks_in(text)}
    assert unread == set()


def test_every_mark_has_its_row() -> None:
    lacking = {mark for text in texts() for mark in marks_in(text) if not behind(mark)}
    assert lacking == set()


def figures() -> set[str]:
    """All marks of the published figures that runs are held against."""
    files = (ROOT / "scenarios" / "calibration").glob("targets-*.yaml")
    return {mark for file in files for one in read_targets(file).all.values() for mark in one.marks}


def test_every_figure_of_the_evidence_has_its_row() -> None:
    assert figures() - set(all_sources()) == set()


def test_every_row_is_behind_some_value() -> None:
    used = {source.mark for text in texts() for source in sources_of(text)} | marks() | figures()
    assert used == set(all_sources())


def test_every_row_says_what_and_where() -> None:
    assert all(source.subject and source.value and source.source for source in all_sources().values())


def test_the_page_of_sources_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m sim.data.sources_doc`"
