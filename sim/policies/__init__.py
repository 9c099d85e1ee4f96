"""Policies: one family a file, one interface, chosen by name in a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.policies.elder_voucher import ElderVoucher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.policies.interface import Policy
    from sim.world.calendar import Calendar

POLICIES: dict[str, type[Any]] = {family.name: family for family in (ElderVoucher,)}
"""Every policy by its name in a scenario."""


def make_policy(
    name: str, instance: str, parameters: Mapping[str, object], calendar: Calendar, scale: float
) -> Policy:
    """Return a policy from its name and the parameters that the scenario gives it.

    Amounts of a whole region, such as budgets, are multiplied by the share of the region that is simulated.

    Raises:
        KeyError: No policy has this name (a validated scenario cannot ask for it).
        pydantic.ValidationError: A parameter is unknown or out of range.
    """
    family = POLICIES[name]
    policy: Policy = family(instance, family.Parameters(**parameters), calendar, scale)
    return policy
