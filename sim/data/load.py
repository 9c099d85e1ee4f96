"""Load the facts of a region: parameters and services, overridden by what the region says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from sim.data.facts import Fact, FactTree
from sim.data.read import Reading, read_districts, read_family, read_region
from sim.errors import DataError, Fault

DATA = Path(__file__).parent
REGIONS = DATA / "regions"
REGION_FILE = "region.yaml"
DISTRICTS_FILE = "districts.csv"


def list_regions() -> list[str]:
    """Ids of the regions that come with the package, sorted."""
    return sorted(folder.name for folder in REGIONS.iterdir() if (folder / REGION_FILE).is_file())


def region_folder(region: str | Path) -> Path:
    """The folder of a region, given by its id or by a path to a folder of the user's own.

    Raises:
        DataError: no such region; the message lists those that there are.
    """
    packaged = REGIONS / region
    if isinstance(region, str) and region in list_regions():
        return packaged
    own = Path(region)
    if (own / REGION_FILE).is_file():
        return own
    raise DataError(_unknown_region(str(region), own))


def _unknown_region(region: str, own: Path) -> str:
    if own.is_dir():
        return f"{region}: a region's folder must hold {REGION_FILE}, {DISTRICTS_FILE} and names.csv"
    near = get_close_matches(region, list_regions(), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return (
        f"unknown region {region}; known: {', '.join(list_regions())}, or the path of a region's folder{hint}"
    )


def load_facts(region: str | Path) -> FactTree:
    """All facts of a region as one tree.

    The cascade: parameters and services, then the region's overrides; `FactTree.chain` shows it. A scenario's
    values come on top by `FactTree.with_value`.

    Args:
        region: id of a packaged region, or path of a region's folder.

    Raises:
        DataError: unknown region, or files that are not well formed; the message lists all faults.
    """
    tree, faults = read_tree(region)
    _refuse(faults)
    return tree


def shared_facts() -> FactTree:
    """Parameters and services as they hold without any region, the base of the cascade.

    Raises:
        DataError: a file is not well formed.
    """
    reading = Reading()
    _read_parameters(reading)
    _refuse(reading.faults)
    return FactTree(reading.facts.values())


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise DataError("\n".join(map(str, faults)), tuple(faults))


def read_tree(region: str | Path) -> tuple[FactTree, list[Fault]]:
    """The facts of a region that could be read, and the faults of form of all files, unreadable ones included."""
    folder = region_folder(region)
    reading = Reading()
    _read_parameters(reading)
    base = dict(reading.facts)
    overrides: dict[str, Fact] = {}
    with _noting(reading):
        overrides = read_region(folder / REGION_FILE, shown_name(folder / REGION_FILE), reading)
    with _noting(reading):
        read_districts(folder / DISTRICTS_FILE, shown_name(folder / DISTRICTS_FILE), reading)
    facts = {**reading.facts, **overrides}
    earlier = {path: (base[path],) for path in overrides}
    return FactTree(facts.values(), earlier), reading.faults


@contextmanager
def _noting(into: Reading) -> Iterator[None]:
    """Note what keeps a file of the block from being read, so that the faults of the others are found as well."""
    try:
        yield
    except DataError as error:
        into.faults.extend(error.faults or (Fault(str(error)),))


def _read_parameters(into: Reading) -> None:
    for path in sorted((DATA / "parameters").glob("*.yaml")):
        read_family(path, shown_name(path), path.stem, into)
    services = DATA / "services.yaml"
    if services.is_file():
        read_family(services, shown_name(services), "services", into)


def shown_name(path: Path) -> str:
    """A file's name in messages: from the package's folder on, or as the user gave it."""
    return f"sim/data/{path.relative_to(DATA).as_posix()}" if path.is_relative_to(DATA) else str(path)


def overridden(tree: FactTree) -> list[Fact]:
    """The facts that override others (a region's own values), sorted by path."""
    return [tree[path] for path in tree if len(tree.chain(path)) > 1]
