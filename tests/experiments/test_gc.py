"""Garbage: what no plan names goes when asked for, and nothing else ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.experiments.engines.serial import SerialEngine
from sim.experiments.errors import StudyError
from sim.experiments.execute import Part, execute
from sim.experiments.gc import gc
from sim.experiments.layout import JOURNALS
from sim.experiments.lock import locked
from sim.experiments.plan import write_plan
from sim.experiments.status import status
from tests.experiments.studies import plan, results, squares, study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study of which the runs 0-3 stand in one journal, 4 and 5 in another; the plan names 0 and 1."""
    study(tmp_path, "square", squares(4))
    execute(tmp_path, SerialEngine())
    study(tmp_path, "square", squares(6))
    execute(tmp_path, SerialEngine())
    write_plan(tmp_path, plan("square", squares(2)), replace=True)
    return tmp_path


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / JOURNALS).iterdir()}


def test_a_dry_run_says_what_would_go_and_removes_nothing(folder: Path) -> None:
    before = content(folder)
    mixed, unnamed = sorted((folder / JOURNALS).iterdir())
    found = gc(folder)
    assert (found.records, found.emptied, found.thinned, found.left) == (4, (unnamed,), (mixed,), ())
    assert content(folder) == before


def test_what_no_plan_names_goes_and_the_rest_stays_as_it_was(folder: Path) -> None:
    before = results(folder)
    found = gc(folder, dry_run=False)
    assert found.records == 4
    assert [path.name for path in (folder / JOURNALS).iterdir()] == [found.thinned[0].name]
    named = {run.identity for run in plan("square", squares(2)).runs}
    assert results(folder) == {identity: one for identity, one in before.items() if identity in named}
    assert (status(folder).complete, status(folder).unplanned, status(folder).damages) == (True, 0, [])
    assert gc(folder, dry_run=False).records == 0


def test_damaged_journals_and_foreign_files_are_left(folder: Path) -> None:
    place = folder / JOURNALS
    first, second = sorted(place.iterdir())
    second.write_bytes(second.read_bytes()[:-3])
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    found = gc(folder, dry_run=False)
    assert (found.thinned, found.emptied, found.left) == ((first,), (), (second,))
    assert set(content(folder)) == {first.name, second.name, "notes.txt"}


@pytest.mark.parametrize("name", ["whole", str(Part(2, 3))])
def test_nothing_is_removed_while_someone_is_working(folder: Path, name: str) -> None:
    before = content(folder)
    with locked(folder, name), pytest.raises(StudyError, match="another process"):
        gc(folder, dry_run=False)
    assert content(folder) == before
