"""The linter: the packaged data pass, and every rule, broken once, is noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.data import list_regions, load_facts
from sim.data.check import check_data, check_region, check_tree
from sim.data.check_fact import faults_of
from sim.data.facts import Fact, FactTree, Meaning
from sim.errors import DataError


def test_the_packaged_data_have_no_faults() -> None:
    assert [str(fault) for fault in check_data()] == []


def test_a_region_made_by_the_page_has_no_faults(my_city: Path) -> None:
    assert [str(fault) for fault in check_region(my_city) if fault.file.startswith(str(my_city))] == []


def test_faults_of_form_and_of_content_come_together(my_city: Path) -> None:
    text = (my_city / "region.yaml").read_text(encoding="utf-8")
    text = text.replace("value: 80000, unit: persons,", "value: 80000,").replace("grade: C", "grade: D", 2)
    (my_city / "region.yaml").write_text(text, encoding="utf-8")
    messages = [fault.message for fault in check_region(my_city)]
    assert any("lacks unit" in message for message in messages)
    assert any("grade is 'D'" in message for message in messages)


def test_an_unknown_region_is_an_error() -> None:
    with pytest.raises(DataError, match="unknown region"):
        check_region("nowhere")


NUMBER = Fact(
    "a.speed_km_per_h", 5.0, "km/h", 4.0, 6.0, "a source", "C", Meaning("Speed", "速度"), file="f", line=3
)
CHOICE = replace(
    NUMBER, path="a.law", value="fixed", unit="category", low=None, high=None, allowed=("fixed", "free")
)
TRUTH = replace(NUMBER, path="a.citywide", value=True, unit="boolean", low=None, high=None)
LISTED = replace(NUMBER, path="a.list", value=(0.25, 0.75), unit="share", low=0.0, high=1.0, index="kind")


PER = replace(NUMBER, path="a.price_per_income_share", unit="utility")


@pytest.mark.parametrize("fact", [NUMBER, CHOICE, TRUTH, LISTED, PER], ids=lambda fact: fact.path)
def test_a_fact_as_it_should_be_passes(fact: Fact) -> None:
    assert faults_of(fact) == []


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (replace(NUMBER, grade="D"), "grade is 'D'; allowed: A read in a source"),
        (replace(NUMBER, source=" "), "source is empty"),
        (replace(NUMBER, unit=""), "unit is empty"),
        (replace(NUMBER, meaning=Meaning("", "速度")), "meaning.en must be English"),
        (replace(NUMBER, meaning=Meaning("速度", "速度")), "meaning.en must be English"),
        (replace(NUMBER, meaning=Meaning("Speed", "Speed")), "meaning.zh must be Chinese"),
        (replace(NUMBER, path="a.Speed_km_per_h"), "names are lower-case words"),
        (replace(NUMBER, path="a.my city.speed_km_per_h"), "names are lower-case words"),
        (replace(NUMBER, unit="km"), "a name that ends in _km_per_h promises km/h"),
        (replace(NUMBER, path="a.wait_min", unit="h"), "promises min"),
        (replace(NUMBER, value=7.0), "value 7.0 is outside its own range, 4.0 to 6.0"),
        (replace(NUMBER, low=6.5, high=4.0), "outside its own range"),
        (replace(NUMBER, high=float("inf")), "must be finite"),
        (replace(NUMBER, value=float("nan")), "must be finite"),
        (replace(NUMBER, low=(1.0, 2.0)), "low and high must be one number"),
        (replace(CHOICE, value="other"), "'other' is not among the allowed: fixed, free"),
        (replace(CHOICE, allowed=()), "(none are given)"),
        (replace(CHOICE, unit="text"), "for a text it must be category"),
        (replace(TRUTH, unit="share"), "for a boolean it must be boolean"),
        (replace(LISTED, value=(0.25, 0.7)), "the shares add to 0.95, not to 1"),
        (replace(LISTED, index="month"), "2 entries; index month has 12"),
        (replace(LISTED, low=(0.3, 0.5)), "outside its own range"),
        (replace(LISTED, high=1.5), "low and high of a share must lie between 0 and 1"),
    ],
)
def test_each_rule_for_a_fact_is_noticed(fact: Fact, words: str) -> None:
    faults = faults_of(fact)
    assert any(words in fault.message for fault in faults), faults
    assert {(fault.file, fault.line, fault.path) for fault in faults} == {("f", 3, fact.path)}


def test_shares_that_do_not_apply_may_all_be_0() -> None:
    assert faults_of(replace(LISTED, value=(0.0, 0.0))) == []


def with_fact(tree: FactTree, path: str, **changes: object) -> FactTree:
    """The tree with one fact changed, rules of overriding aside."""
    changed = replace(tree[path], **changes)  # type: ignore[arg-type]
    return FactTree([changed if fact.path == path else fact for fact in tree.values()])


@pytest.fixture
def tree(my_city: Path) -> FactTree:
    return load_facts(my_city)


@pytest.mark.parametrize(
    ("path", "changes", "words"),
    [
        (
            "services.hourly_cleaning.price_yuan",
            {"unit": "yuan/visit"},
            "is in yuan/visit, but price_basis is h",
        ),
        ("services.hourly_cleaning.duration_mean_h", {"value": 9.0}, "is not between 1.0 and 5.0 h"),
        ("services.hourly_cleaning.month_index", {"value": (1.1,) * 12}, "the twelve indices add to 13.2"),
        ("services.hourly_cleaning.trade", {"value": "gardening"}, "no workers have the trade gardening"),
        ("services.hourly_cleaning.search_days", {"value": 3}, "must be 0 for a service of the form visit"),
        (
            "services.hourly_cleaning.window_half_width_min",
            {"value": 0},
            "must be above 0 for a service of the form",
        ),
        (
            "services.live_in_nanny.spell_mean_months",
            {"value": 0},
            "must be above 0 for a service of the form plac",
        ),
        ("services.live_in_nanny.duration_mean_h", {"value": 2}, "is not between 0.0 and 0.0 h"),
        ("region.workers_by_form.agency", {"value": 0.3}, "this share and those beside it add to 0.83"),
        ("region.workers_by_trade.cooking", {"value": 0.5}, "this share and those beside it add to"),
        ("region.workers_by_origin.local", {"value": 0.5}, "add to 1.1, not to 1"),
        ("region.worker_age.share_30_39", {"value": 0.5}, "add to"),
        ("region.residents", {"value": 90000}, "is 90,000, but the districts give 80,000"),
        ("region.family_households", {"value": 30000}, "the districts give 34,500"),
        ("region.area_km2", {"value": 120}, "the districts give 100"),
        ("region.elders_60_plus", {"value": 14000}, "the districts give 16,000"),
        ("region.elders_65_plus", {"value": 9000}, "the districts give 11,200"),
        ("region.income_yuan_per_year", {"value": 60000}, "the districts give 50,000"),
        ("region.elders_80_plus", {"value": 12000}, "is above region.elders_65_plus"),
        ("region.disabled_elders", {"value": 3000}, "give 1,552"),
        ("region.companies.agency.count", {"value": 30}, "count x workers_mean is 846, but workers x"),
        ("region.births_per_year", {"unit": "persons"}, "is in persons, but in other regions in births/year"),
    ],
)
def test_each_rule_for_the_tables_is_noticed(
    tree: FactTree, my_city: Path, path: str, changes: dict[str, object], words: str
) -> None:
    faults = check_tree(with_fact(tree, path, **changes), my_city)
    assert any(words in fault.message for fault in faults), faults


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("region.births_per_year", "lacks births_per_year"),
        ("region.origins.hinterland.pool_persons", "workers_by_origin and origins must name the same"),
        ("districts.old_town.area_km2", "lacks area_km2"),
        ("services.cooking.search_days", "lacks search_days, which other services have"),
    ],
)
def test_what_is_missing_is_named(tree: FactTree, my_city: Path, path: str, words: str) -> None:
    group = path.rpartition(".")[0] if "origins" in path else path
    smaller = FactTree(
        fact for fact in tree.values() if fact.path != path and not fact.path.startswith(f"{group}.")
    )
    assert any(words in fault.message for fault in check_tree(smaller, my_city))


def test_a_region_without_districts_is_noticed(tree: FactTree, my_city: Path) -> None:
    smaller = FactTree(fact for fact in tree.values() if not fact.path.startswith("districts."))
    assert any("the region has no districts" in fault.message for fault in check_tree(smaller, my_city))


def test_a_district_without_a_name_is_noticed(my_city: Path) -> None:
    names = (my_city / "names.csv").read_text(encoding="utf-8")
    (my_city / "names.csv").write_text(
        names.replace("district.new_town,New Town,新城区\n", ""), encoding="utf-8"
    )
    (fault,) = (fault for fault in check_region(my_city) if "no name" in fault.message)
    assert "no name for district.new_town" in fault.message
    assert fault.file == str(my_city / "names.csv")


@pytest.mark.parametrize("region", list_regions())
def test_districts_add_to_the_region(region: str) -> None:
    """Recomputed here by hand, apart from the linter's own sums."""
    tree = load_facts(region)
    rows = [
        {fact.path.split(".")[2]: fact.value for fact in tree.under(f"districts.{d}")}
        for d in tree.children("districts")
    ]
    for quantity, tolerance in (("residents", 0), ("family_households", 0), ("area_km2", 0.05)):
        total = sum(row[quantity] for row in rows)
        assert total == pytest.approx(tree.number(f"region.{quantity}"), abs=tolerance)
    elders = sum(row["residents"] * row["elders_60_plus_share"] for row in rows)
    assert elders == pytest.approx(tree.number("region.elders_60_plus"), rel=1e-3)
    fee = sum(
        row["residents"] * row["elders_60_plus_share"] * row["institution_fee_yuan_per_month"] for row in rows
    )
    mean_fee = tree.number("region.care_institutions.institution.fee_yuan_per_month")
    assert fee / elders == pytest.approx(mean_fee, rel=0.03)


@pytest.mark.parametrize(("districts", "count"), [(16, 1), (22, 1)])
def test_the_regions_have_the_districts_that_were_asked_for(districts: int, count: int) -> None:
    sizes = [len(load_facts(region).children("districts")) for region in list_regions()]
    assert sizes.count(districts) == count


def test_every_worker_and_every_order_has_a_price_in_its_region() -> None:
    for region in list_regions():
        tree = load_facts(region)
        assert all(tree.number(f"services.{service}.price_yuan") > 0 for service in tree.children("services"))
