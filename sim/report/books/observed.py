"""What was observed of whole regions, and contradictions between facts with what was decided: data, not code."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.data import list_regions
from sim.data.facts import Meaning

FILE = Path(__file__).parents[2] / "data" / "tensions.yaml"


@dataclass(frozen=True, slots=True)
class Observed:
    """Marks (rows of sources.csv) of what the books are compared with; "" where nothing was observed.

    Attributes:
        visits_per_day: Single visits a day of a worker who lives from them.
        clients_per_day: Clients a day of a worker on recurring contracts.
        exit_rate_percent: Workers who leave the trade in a year, in percent.
        elder_households: Households that hire somebody for an elder.
        long_term_share: Share of households with a live-in or day placement, in percent.
        revenue: What the trade turns over in a year, in thousand million yuan.
        new_contract_share: Share of new placements in all orders, in percent.
    """

    visits_per_day: str
    clients_per_day: str
    exit_rate_percent: str
    elder_households: str = ""
    long_term_share: str = ""
    revenue: str = ""
    new_contract_share: str = ""


@dataclass(frozen=True, slots=True)
class Tension:
    """Facts that contradict one another, and what was decided.

    Attributes:
        name: Its id.
        regions: Regions whose facts they are; all where empty.
        marks: The contradicting observations.
        taken: Paths of the facts that the model holds instead.
        says: What contradicts what.
        decision: What was taken, and why.
    """

    name: str
    regions: tuple[str, ...]
    marks: tuple[str, ...]
    taken: tuple[str, ...]
    says: Meaning
    decision: Meaning


def observed_of(region: str) -> Observed:
    """Return what was observed of a region; of one of the user's own only what holds everywhere."""
    observed = _content()["observed"]
    return Observed(**observed["everywhere"], **observed.get(region, {}))


def tensions_of(region: str) -> list[Tension]:
    """Return the contradictions that concern a region, in the file's order."""
    return [tension for tension in all_tensions() if not tension.regions or region in tension.regions]


def all_tensions() -> list[Tension]:
    """Return every contradiction, in the file's order."""
    return [
        Tension(
            name,
            tuple(entry.get("regions", ())),
            tuple(entry["marks"]),
            tuple(entry["taken"]),
            Meaning(**entry["says"]),
            Meaning(**entry["decision"]),
        )
        for name, entry in _content()["tensions"].items()
    ]


def marks() -> set[str]:
    """Return every mark that the file names."""
    observed = [observed_of(region) for region in list_regions()]
    found = {getattr(one, field.name) for one in observed for field in fields(one)}
    return {mark for tension in all_tensions() for mark in tension.marks} | found - {""}


@lru_cache(maxsize=1)
def _content() -> dict[str, Any]:
    from ruamel.yaml import YAML

    content: dict[str, Any] = YAML(typ="safe", pure=True).load(FILE.read_text(encoding="utf-8"))
    return content
