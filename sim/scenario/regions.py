"""Which region a scenario means, and the facts that it starts from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from sim.data import FactTree, list_regions, load_facts
from sim.data.check import examine_region
from sim.data.load import DATA, REGION_FILE, shown_name
from sim.data.read import Reading, read_family
from sim.errors import DataError, Fault
from sim.names import joined
from sim.scenario.faults import Findings, ScenarioFault, fault, listed, near
from sim.scenario.merge import Merged, Origin, Path
from sim.scenario.nodes import Place, quoted
from sim.scenario.overrides import COMMAND_LINE

REGION: Path = ("region",)


def region_of(merged: Merged, findings: Findings) -> str | None:
    """Return the id or the folder of the scenario's region; None where there is none that can be read.

    A folder is looked for from the folder of the file that names it; on the command line, from the current one.
    """
    found = None
    for origin in merged.chains.get(REGION, ()):
        found = _existing(origin, findings) if isinstance(origin.value, str) else None
    return found if REGION in merged.active else None


def _existing(origin: Origin, findings: Findings) -> str | None:
    known = list_regions()
    if origin.value in known:
        return str(origin.value)
    start = FilePath() if origin.file == COMMAND_LINE else FilePath(origin.file).parent
    folder = start / origin.value
    if (folder / REGION_FILE).is_file():
        return str(folder)
    code = "region_folder" if folder.is_dir() else "unknown_region"
    like, found = near(origin.value, known), quoted(origin.value)
    place = Place(origin.file, origin.line)
    findings.add(fault(code, place, "region", found=found, near=like, allowed=listed(known)))
    return None


@dataclass(frozen=True)
class _Broken:
    """What keeps data files from being read, a line a fault."""

    error: DataError

    def say(self, lang: str) -> str:
        return "\n".join(str(_in(lang, one)) for one in self.error.faults) or str(self.error)


def _in(lang: str, one: Fault) -> Fault:
    return replace(one, message=joined([one.message]).say(lang))


def facts_of(region: str | None, place: Place, findings: Findings) -> FactTree:
    """Return the facts of a region, or those that no region owns; data files that are broken are a fault.

    A region of the user's own is held to all that the packaged ones are tested for, each fault with its own place.
    """
    try:
        if region is not None and region not in list_regions():
            tree, faults = examine_region(region)
            findings.add(*_by_key(faults))
            return tree
        return load_facts(region) if region is not None else shared_facts()
    except DataError as error:
        findings.add(fault("facts_broken", place, "region", problem=_Broken(error)))
    return FactTree(())


def _by_key(faults: Iterable[Fault]) -> list[ScenarioFault]:
    """Return a fault for each key of a data file, with all that is wrong with it."""
    found: dict[tuple[str, int, str], list[str]] = {}
    for one in faults:
        found.setdefault((one.file, one.line, one.path), []).append(one.message)
    return [
        fault("broken_rule", Place(file, line), path, problem=joined(messages))
        for (file, line, path), messages in found.items()
    ]


def shared_facts() -> FactTree:
    """Return parameters and services without any region: what a textbook queue has.

    Raises:
        DataError: A data file is not well formed.
    """
    reading = Reading()
    for path in sorted((DATA / "parameters").glob("*.yaml")):
        read_family(path, shown_name(path), path.stem, reading)
    services = DATA / "services.yaml"
    if services.is_file():
        read_family(services, shown_name(services), "services", reading)
    if reading.faults:
        raise DataError("\n".join(map(str, reading.faults)), tuple(reading.faults))
    return FactTree(reading.facts.values())
