"""The description of the model is that of the code: nothing that the model reads, draws or does is missing from it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sim.clock import Kind
from sim.data.load import shared_facts
from sim.report.odd.page import PAGE, SIM, TEMPLATE, decisions, main, modules_named, page, submodels

ROOT = SIM.parent
TEXT = TEMPLATE.read_text(encoding="utf-8")
OUTSIDE_SUBMODELS = ("services.",)
"""Facts of the catalogue of services have a table of their own."""


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m sim.report.odd.page`"


def test_every_fact_that_holds_for_the_country_stands_in_exactly_one_submodel() -> None:
    rows = Counter(
        line.split("`")[1] for line in page().splitlines() if line.startswith("| `") and line.count("|") == 7
    )
    expected = {path for path in shared_facts() if not path.startswith(OUTSIDE_SUBMODELS)}
    assert set(rows) == expected
    assert set(rows.values()) == {1}


def test_every_prefix_of_a_submodel_is_one_of_facts() -> None:
    tree, families = shared_facts(), {"region", "districts"}
    for prefixes in submodels(TEXT):
        for prefix in prefixes:
            assert prefix.split(".")[0] in families or prefix in tree or tree.under(prefix), prefix


def test_every_module_that_is_named_exists_and_every_desk_is_named() -> None:
    named = modules_named(TEXT)
    assert [module for module in named if not (ROOT / module).exists()] == []
    desks = {
        file.relative_to(ROOT).as_posix()
        for file in (SIM / "market").glob("*.py")
        if re.search(r"^class \w+Desk:$", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert desks <= set(named)
    assert len(desks) > 8


def test_decisions_are_found_where_they_are_drawn_and_have_one_home_each() -> None:
    found = decisions()
    assert "choice.occasion" in found
    assert found["order.cancels"] == ["sim/market/booking.py"]
    assert {name for name, where in found.items() if len(where) > 1} == set(), (
        "two modules would share their chance"
    )


def test_every_entry_of_the_calendar_is_described() -> None:
    text = page()
    for kind in Kind:
        assert f"| {kind.name.lower()} | " in text


def test_no_gap_of_the_template_is_left() -> None:
    assert "{" not in page().replace("{value}", "")


def test_the_command_on_the_page_works(tmp_path: Path) -> None:
    main([str(tmp_path / "one.md")])
    command = [sys.executable, "-m", "sim.report.odd.page", str(tmp_path / "two.md")]
    subprocess.run(command, check=True, cwd=ROOT, timeout=60)
    assert (tmp_path / "one.md").read_bytes() == (tmp_path / "two.md").read_bytes()
