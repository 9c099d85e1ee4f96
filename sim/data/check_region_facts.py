"""What a region's facts are held to: complete, named in both languages, and adding up to their totals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from sim.data.catalogue_meaning import QUANTITY, REGION_FACT, common_name, members
from sim.data.facts import Fact, FactTree
from sim.data.load import list_regions, read_tree, region_folder
from sim.errors import DataError, Fault
from sim.names import Message, catalogue, data_fault, home_file, missing_name

PARTITIONS = ("workers_by_form", "workers_by_trade", "workers_by_origin")
AGES = ("share_under_30", "share_30_39", "share_40_49", "share_50_plus")
COMPANY_FORMS = ("platform", "agency", "employee_based", "outlet")
SHARE_TOLERANCE = 1e-6
TOTAL_TOLERANCE = 0.005
DERIVED_TOLERANCE = 0.05


def faults_of(tree: FactTree, region: str | Path) -> list[Fault]:
    """All faults of a region's facts, districts and names."""
    if not tree.children("region"):
        return [Fault(data_fault("no_region_facts"), str(region))]
    incomplete = [*_whole(tree), *_pattern(tree, region)]
    if incomplete:
        return incomplete  # totals of incomplete tables would only repeat the message
    checks = (_partitions, _origins, _totals, _companies, _elders)
    return [*(fault for check in checks for fault in check(tree)), *_names(tree, region)]


def _at(fact: Fact, message: Message) -> Fault:
    return Fault(message, fact.file, fact.line, fact.path)


def _whole(tree: FactTree) -> Iterator[Fault]:
    """The region and each district state all that the catalogue asks of them."""
    stated = {common_name(fact.path.removeprefix("region.")) for fact in tree.under("region")}
    yield from _lacking(tree, "region", set(members(REGION_FACT)) - stated)
    if not tree.children("districts"):
        yield Fault(data_fault("no_districts"), tree.under("region")[0].file)
    for district in tree.children("districts"):
        path = f"districts.{district}"
        yield from _lacking(tree, path, set(members(QUANTITY)) - set(tree.children(path)))


def _lacking(tree: FactTree, path: str, names: set[str]) -> Iterator[Fault]:
    if names:
        first = min(tree.under(path), key=lambda fact: (fact.file, fact.line))
        yield Fault(data_fault("lacks", names=", ".join(sorted(names))), first.file, first.line, path)


def _pattern(tree: FactTree, region: str | Path) -> Iterator[Fault]:
    """Every region states a fact in the same unit and kind; those that come with the package set the pattern."""
    pattern = {common_name(fact.path.removeprefix("region.")): fact for fact in _packaged(region)}
    for fact in tree.under("region"):
        like = pattern.get(common_name(fact.path.removeprefix("region.")), fact)
        if fact.unit != like.unit:
            yield _at(fact, data_fault("unit_elsewhere", found=fact.unit, needed=like.unit))
        if fact.kind != like.kind:
            yield _at(fact, data_fault("kind_elsewhere", found=fact.kind, needed=like.kind))


def _packaged(region: str | Path) -> Iterator[Fact]:
    for other in list_regions():
        if other != str(region):
            tree, _ = read_tree(other)
            yield from tree.under("region")


def _partitions(tree: FactTree) -> Iterator[Fault]:
    groups = [tree.under(f"region.{group}") for group in PARTITIONS]
    groups.append(tuple(tree[f"region.worker_age.{age}"] for age in AGES))
    for facts in groups:
        total = math.fsum(tree.number(fact.path) for fact in facts)
        if abs(total - 1) > SHARE_TOLERANCE:
            yield _at(facts[0], data_fault("shares_beside", total=f"{total:.6g}"))


def _origins(tree: FactTree) -> Iterator[Fault]:
    shares, described = tree.children("region.workers_by_origin"), tree.children("region.origins")
    if shares != described:
        first = tree.under("region.origins")[0]
        odd = ", ".join(sorted(set(shares) ^ set(described)))
        yield _at(first, data_fault("origins_differ", names=odd))


def _totals(tree: FactTree) -> Iterator[Fault]:
    residents = _column(tree, "residents")
    everybody = math.fsum(residents) or math.nan
    weighted = {
        "elders_60_plus": _weighted(tree, "elders_60_plus_share", residents),
        "elders_65_plus": _weighted(tree, "elders_65_plus_share", residents),
        "income_yuan_per_year": _weighted(tree, "income_yuan_per_year", residents) / everybody,
    }
    plain = {q: math.fsum(_column(tree, q)) for q in ("residents", "family_households", "area_km2")}
    for quantity, found in {**plain, **weighted}.items():
        yield from _agree(tree[f"region.{quantity}"], found, TOTAL_TOLERANCE, "sum_of_districts")


def _column(tree: FactTree, quantity: str) -> list[float]:
    return [tree.number(f"districts.{district}.{quantity}") for district in tree.children("districts")]


def _weighted(tree: FactTree, quantity: str, weights: Iterable[float]) -> float:
    return math.fsum(value * weight for value, weight in zip(_column(tree, quantity), weights, strict=True))


def _agree(fact: Fact, found: float, tolerance: float, code: str) -> Iterator[Fault]:
    stated = float(fact.value) if isinstance(fact.value, (int, float)) else math.nan
    if not math.isclose(stated, found, rel_tol=tolerance):
        gaps = {"stated": f"{stated:,.10g}", "found": f"{found:,.10g}", "apart": f"{tolerance:.1%}"}
        yield _at(fact, data_fault(code, **gaps))


def _companies(tree: FactTree) -> Iterator[Fault]:
    for form in COMPANY_FORMS:
        path = f"region.companies.{form}"
        found = tree.number(f"{path}.count") * tree.number(f"{path}.workers_mean")
        expected = tree.number("region.workers") * tree.number(f"region.workers_by_form.{form}")
        if not math.isclose(found, expected, rel_tol=DERIVED_TOLERANCE):
            message = data_fault("workers_of_firms", found=f"{found:,.0f}", expected=f"{expected:,.0f}")
            yield _at(tree[f"{path}.workers_mean"], message)


def _elders(tree: FactTree) -> Iterator[Fault]:
    ages = [
        tree[f"region.{name}"] for name in ("residents", "elders_60_plus", "elders_65_plus", "elders_80_plus")
    ]
    for younger, older in pairwise(ages):
        if tree.number(older.path) > tree.number(younger.path):
            yield _at(older, data_fault("above_the_younger", other=younger.path))
    shares = (f"region.elder_disability_{degree}_share_of_60_plus" for degree in ("moderate", "severe"))
    found = math.fsum(map(tree.number, shares)) * tree.number("region.elders_60_plus")
    yield from _agree(tree["region.disabled_elders"], found, DERIVED_TOLERANCE, "sum_of_disabled")


def _names(tree: FactTree, region: str | Path) -> Iterator[Fault]:
    """Everything that the region's labels will show has a name."""
    try:
        names = catalogue(region)
    except DataError as error:
        yield from error.faults
        return
    for name_id in _needed_names(tree, region):
        if name_id not in names:
            yield Fault(missing_name(name_id, region), home_file(name_id, region))


def _needed_names(tree: FactTree, region: str | Path) -> Iterator[str]:
    yield f"region.{region_folder(region).resolve().name}"
    yield from (f"district.{district}" for district in tree.children("districts"))
    yield from (f"origin.{origin}" for origin in tree.children("region.origins"))
    yield from (f"trade.{trade}" for trade in tree.children("region.workers_by_trade"))
    yield from (f"service.{service}" for service in tree.children("services"))
    yield from sorted({f"skill.{tree.text(f'services.{s}.skill')}" for s in tree.children("services")})
