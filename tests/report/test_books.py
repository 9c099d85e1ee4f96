"""Closing the books: identities against arithmetic by hand, the built world against the facts, the command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.data import list_regions, load_facts
from sim.errors import UserError
from sim.report.books.close import Closed, close_books
from sim.report.books.observed import all_tensions, marks

SCALE = 0.002
BEYOND_NOISE = 4.5
"""Standard errors: about fifty stocks a region pass with a false-alarm rate below 1 in 1,000."""


@pytest.fixture(scope="module", params=sorted(list_regions()))
def closed(request: pytest.FixtureRequest) -> Closed:
    return close_books(request.param, SCALE)


def line(closed: Closed, name: str) -> tuple[float, float]:
    (found,) = (one for one in closed.lines if one.name == name)
    return found.left.value, found.right.value


def test_workers_of_institutions_follow_from_beds_by_hand(closed: Closed) -> None:
    facts = closed.frame.facts
    residents = sum(
        facts.number(f"region.care_institutions.{kind}.beds")
        * facts.number(f"region.care_institutions.{kind}.occupancy_share")
        for kind in ("institution", "regional_centre", "station")
    )
    needed, hired = line(closed, "institution_staff")
    carers = 0.3 / 3 + 0.3 / 5 + 0.2 / 8 + 0.2 / 10
    assert needed == pytest.approx(residents * carers)
    assert hired == pytest.approx(
        facts.number("region.workers") * facts.number("region.workers_by_form.institution")
    )


def test_exit_is_the_published_rate_by_hand(closed: Closed) -> None:
    entering, leaving = line(closed, "entry_exit")
    workers = closed.frame.facts.number("region.workers")
    assert leaving == pytest.approx(0.09 * workers)
    assert entering > closed.frame.facts.number("labour.network_entry_rate_per_year") * workers


def test_the_forms_of_firm_fill_the_workforce(closed: Closed) -> None:
    assert line(closed, "forms")[0] == pytest.approx(1.0, abs=0.005)


def test_the_built_people_and_workers_are_those_of_the_facts(closed: Closed) -> None:
    counted = [stock for stock in closed.stocks if stock.group in {"people", "workers"}]
    assert len(counted) > 15
    for stock in counted:
        if stock.error:
            assert abs(stock.errors_apart) < BEYOND_NOISE, stock.name


def test_every_tension_names_facts_that_exist() -> None:
    for tension in all_tensions():
        for region in tension.regions or list_regions():
            facts = load_facts(region)
            for path in tension.taken:
                assert path in facts, f"{tension.name}: {path}"
        assert tension.marks
        assert tension.says.zh
        assert tension.decision.zh
    assert len(all_tensions()) >= 8, "the known contradictions are all settled in the open"


def test_every_mark_has_its_row() -> None:
    file = Path(__file__).parents[2] / "sim" / "data" / "sources.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        assert marks() <= {row["mark"] for row in csv.DictReader(rows)}


@pytest.mark.parametrize(("lang", "word"), [("en", "Decided:"), ("zh", "从业者")])
def test_the_command_as_a_person_calls_it(lang: str, word: str) -> None:
    found = CliRunner().invoke(app, ["books", "zhongshan", "--scale", "0.01", "--lang", lang])
    assert found.exit_code == 0, found.output
    assert word in found.output


def test_the_tables_as_files_and_as_json(tmp_path: Path) -> None:
    arguments = ["books", "zhongshan", "--scale", "0.01", "--csv", str(tmp_path), "--json", "--no-tensions"]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)
    assert len(list(tmp_path.glob("*.csv"))) >= 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["atlantis"],
        ["zhongshan", "--scale", "0"],
        ["zhongshan", "--scale", "2"],
        ["zhongshan", "--seed", "-1"],
        [],
    ],
)
def test_bad_input_is_refused(arguments: list[str]) -> None:
    found = CliRunner().invoke(app, ["books", *arguments])
    assert found.exit_code != 0
    assert found.exception is None or isinstance(found.exception, SystemExit | UserError)
