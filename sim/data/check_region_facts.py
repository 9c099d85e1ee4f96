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
from sim.names import catalogue, home_file, missing_name

PARTITIONS = ("workers_by_form", "workers_by_trade", "workers_by_origin")
AGES = ("share_under_30", "share_30_39", "share_40_49", "share_50_plus")
COMPANY_FORMS = ("platform", "agency", "employee_based", "outlet")
SHARE_TOLERANCE = 1e-6
TOTAL_TOLERANCE = 0.005
DERIVED_TOLERANCE = 0.05


def faults_of(tree: FactTree, region: str | Path) -> list[Fault]:
    """All faults of a region's facts, districts and names."""
    if not tree.children("region"):
        return [Fault("the region file states no facts under the top key `region`", str(region))]
    incomplete = [*_whole(tree), *_pattern(tree, region)]
    if incomplete:
        return incomplete  # totals of incomplete tables would only repeat the message
    checks = (_partitions, _origins, _totals, _companies, _elders)
    return [*(fault for check in checks for fault in check(tree)), *_names(tree, region)]


def _at(fact: Fact, message: str) -> Fault:
    return Fault(message, fact.file, fact.line, fact.path)


def _whole(tree: FactTree) -> Iterator[Fault]:
    """The region and each district state all that the catalogue asks of them."""
    stated = {common_name(fact.path.removeprefix("region.")) for fact in tree.under("region")}
    yield from _lacking(tree, "region", set(members(REGION_FACT)) - stated)
    if not tree.children("districts"):
        yield Fault("the region has no districts", tree.under("region")[0].file)
    for district in tree.children("districts"):
        path = f"districts.{district}"
        yield from _lacking(tree, path, set(members(QUANTITY)) - set(tree.children(path)))


def _lacking(tree: FactTree, path: str, names: set[str]) -> Iterator[Fault]:
    if names:
        first = min(tree.under(path), key=lambda fact: (fact.file, fact.line))
        yield Fault(f"lacks {', '.join(sorted(names))}", first.file, first.line, path)


def _pattern(tree: FactTree, region: str | Path) -> Iterator[Fault]:
    """Every region states a fact in the same unit and kind; those that come with the package set the pattern."""
    pattern = {common_name(fact.path.removeprefix("region.")): fact for fact in _packaged(region)}
    for fact in tree.under("region"):
        like = pattern.get(common_name(fact.path.removeprefix("region.")), fact)
        if fact.unit != like.unit:
            yield _at(fact, f"is in {fact.unit}, but in other regions in {like.unit}")
        if fact.kind != like.kind:
            yield _at(fact, f"is a {fact.kind}, but in other regions a {like.kind}")


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
            yield _at(facts[0], f"this share and those beside it add to {total:.6g}, not to 1")


def _origins(tree: FactTree) -> Iterator[Fault]:
    shares, described = tree.children("region.workers_by_origin"), tree.children("region.origins")
    if shares != described:
        first = tree.under("region.origins")[0]
        odd = ", ".join(sorted(set(shares) ^ set(described)))
        yield _at(first, f"workers_by_origin and origins must name the same origins; not in both: {odd}")


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
        yield from _agree(tree[f"region.{quantity}"], found, TOTAL_TOLERANCE, "the districts give")


def _column(tree: FactTree, quantity: str) -> list[float]:
    return [tree.number(f"districts.{district}.{quantity}") for district in tree.children("districts")]


def _weighted(tree: FactTree, quantity: str, weights: Iterable[float]) -> float:
    return math.fsum(value * weight for value, weight in zip(_column(tree, quantity), weights, strict=True))


def _agree(fact: Fact, found: float, tolerance: float, who: str) -> Iterator[Fault]:
    stated = float(fact.value) if isinstance(fact.value, (int, float)) else math.nan
    if not math.isclose(stated, found, rel_tol=tolerance):
        yield _at(fact, f"is {stated:,.10g}, but {who} {found:,.10g} (more than {tolerance:.1%} apart)")


def _companies(tree: FactTree) -> Iterator[Fault]:
    for form in COMPANY_FORMS:
        path = f"region.companies.{form}"
        found = tree.number(f"{path}.count") * tree.number(f"{path}.workers_mean")
        expected = tree.number("region.workers") * tree.number(f"region.workers_by_form.{form}")
        if not math.isclose(found, expected, rel_tol=DERIVED_TOLERANCE):
            message = (
                f"count x workers_mean is {found:,.0f}, but workers x workers_by_form is {expected:,.0f}"
            )
            yield _at(tree[f"{path}.workers_mean"], message)


def _elders(tree: FactTree) -> Iterator[Fault]:
    ages = [
        tree[f"region.{name}"] for name in ("residents", "elders_60_plus", "elders_65_plus", "elders_80_plus")
    ]
    for younger, older in pairwise(ages):
        if tree.number(older.path) > tree.number(younger.path):
            yield _at(older, f"is above {younger.path}")
    shares = (f"region.elder_disability_{degree}_share_of_60_plus" for degree in ("moderate", "severe"))
    found = math.fsum(map(tree.number, shares)) * tree.number("region.elders_60_plus")
    who = "the moderate and severe shares of those aged 60 and over give"
    yield from _agree(tree["region.disabled_elders"], found, DERIVED_TOLERANCE, who)


def _names(tree: FactTree, region: str | Path) -> Iterator[Fault]:
    """Everything that the region's labels will show has a name."""
    try:
        names = catalogue(region)
    except DataError as error:
        yield Fault(str(error))
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
