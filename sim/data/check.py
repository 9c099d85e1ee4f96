"""The linter of the data files: every fact complete and in its range, every table whole, every total right.

`check_data` looks at all that comes with the package, `check_region` at what one region's run would read; both
return faults with file and line and raise nothing for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sim.data import check_fact, check_region_facts, check_services
from sim.data.facts import FactTree
from sim.data.load import list_regions, read_tree
from sim.errors import Fault


def check_data() -> list[Fault]:
    """All faults in the packaged data: parameters, services, names and every region."""
    return _unique(fault for region in list_regions() for fault in check_region(region))


def check_region(region: str | Path) -> list[Fault]:
    """All faults in what a run of `region` reads, sorted by file and line.

    Args:
        region: id of a packaged region, or path of a region's folder.

    Raises:
        DataError: there is no such region.
    """
    return examine_region(region)[1]


def examine_region(region: str | Path) -> tuple[FactTree, list[Fault]]:
    """The facts of a region that could be read, and all faults; see :func:`check_region`."""
    tree, faults = read_tree(region)
    return tree, _unique([*faults, *check_tree(tree, region)])


def check_tree(tree: FactTree, region: str | Path) -> list[Fault]:
    """Faults of facts that could be read, and of the tables that they make up."""
    faults = [fault for fact in tree.values() for fault in check_fact.faults_of(fact)]
    faults.extend(check_services.faults_of(tree))
    faults.extend(check_region_facts.faults_of(tree, region))
    return faults


def _unique(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.path, fault.message))
