"""The two pages about the data: the generated one is fresh, the one about regions tells the whole way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sim.data import list_regions, load_facts
from sim.data.catalogue_meaning import QUANTITY, REGION_FACT, common_name, members
from sim.data.load import shared_facts
from sim.data.parameters_doc import PAGE, main, page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_parameters_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m sim.data.parameters_doc`"


def test_every_fact_has_its_row() -> None:
    text = page()
    shared, regions = shared_facts(), [load_facts(region) for region in list_regions()]
    own = [path for tree in regions for path in tree if path.split(".")[0] in {"region", "districts"}]
    for path in [*shared, *own]:
        assert f"| `{path}` |" in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    overrides = sum(len(tree.chain(path)) - 1 for tree in regions for path in tree)
    assert len(rows) == len(shared) + len(own) + overrides
    assert all(line.replace("\\|", "").count("|") == 8 for line in rows)


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    main([str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_bytes() == page().encode()


def test_the_command_on_the_page_works(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim.data.parameters_doc", str(tmp_path / "page.md")]
    subprocess.run(command, check=True, cwd=ROOT, timeout=60)
    assert (tmp_path / "page.md").stat().st_size > 10_000


def test_the_third_region_states_all_that_a_region_must(my_city: Path) -> None:
    tree = load_facts(my_city)
    stated = {common_name(fact.path.removeprefix("region.")) for fact in tree.under("region")}
    assert stated == set(members(REGION_FACT))
    assert all(
        set(tree.children(f"districts.{d}")) == set(members(QUANTITY)) for d in tree.children("districts")
    )


def test_the_third_region_has_its_own_price_and_the_country_s_others(my_city: Path) -> None:
    tree, shared = load_facts(my_city), shared_facts()
    assert [path for path in shared if tree[path] != shared[path]] == ["services.hourly_cleaning.price_yuan"]
    assert (
        tree["services.hourly_cleaning.price_yuan"].meaning
        == shared["services.hourly_cleaning.price_yuan"].meaning
    )


def test_the_scenario_on_the_page_is_valid(my_city: Path, on_page: Callable[[str], str]) -> None:
    scenario = my_city.parent / "my_city.yaml"
    text = on_page("A scenario for it").replace("path/to/my_city", str(my_city))
    scenario.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sim", "validate", str(scenario)]
    done = subprocess.run(command, check=False, cwd=ROOT, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
