"""What the user writes: scenario files, read, checked, put on top of one another and explained."""

from sim.scenario.estimate import Estimate, check_resources, estimate_resources
from sim.scenario.load import Examination, examine, load_scenario
from sim.scenario.merge import Origin
from sim.scenario.past import Past, past_ends_min
from sim.scenario.registry import (
    register_dispatcher,
    register_policy,
    registered_dispatchers,
    registered_policies,
)
from sim.scenario.scenario import Scenario
from sim.scenario.settings import DispatchChoice, IsoDate, Laboratory, PolicyChoice, Settings

__all__ = [
    "DispatchChoice",
    "Estimate",
    "Examination",
    "IsoDate",
    "Laboratory",
    "Origin",
    "Past",
    "PolicyChoice",
    "Scenario",
    "Settings",
    "check_resources",
    "estimate_resources",
    "examine",
    "load_scenario",
    "past_ends_min",
    "register_dispatcher",
    "register_policy",
    "registered_dispatchers",
    "registered_policies",
]
