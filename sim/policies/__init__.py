"""Policies: one family a file, one interface, chosen by name in a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.policies.parameters.elder_voucher import ElderVoucherParameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from sim.policies.interface import Policy
    from sim.world.calendar import Calendar

PARAMETERS: dict[str, type[BaseModel]] = {"elder_voucher": ElderVoucherParameters}
"""The parameters of every policy by its name in a scenario; reading them imports nothing that simulates."""


def mechanisms() -> dict[str, type[Any]]:
    """Return what every policy does, by its name in a scenario; imported only when a model is made."""
    from sim.policies.elder_voucher import ElderVoucher

    return {family.name: family for family in (ElderVoucher,)}


def make_policy(
    name: str, instance: str, parameters: Mapping[str, object], calendar: Calendar, scale: float
) -> Policy:
    """Return a policy from its name and the parameters that the scenario gives it.

    Amounts of a whole region, such as budgets, are multiplied by the share of the region that is simulated.

    Raises:
        KeyError: No policy has this name (a validated scenario cannot ask for it).
        pydantic.ValidationError: A parameter is unknown or out of range.
    """
    policy: Policy = mechanisms()[name](instance, PARAMETERS[name](**parameters), calendar, scale)
    return policy
