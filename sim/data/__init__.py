"""Facts as files: regions, services and parameters, each value with unit, range, source and grade."""

from sim.data.facts import Fact, FactTree, Meaning, Origin
from sim.data.load import list_regions, load_facts
from sim.errors import UnknownFact

__all__ = ["Fact", "FactTree", "Meaning", "Origin", "UnknownFact", "list_regions", "load_facts"]
