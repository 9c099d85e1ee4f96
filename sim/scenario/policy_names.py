"""What policies and their parameters are called.

The catalogue has them under ``policy.<policy>`` and ``policy.<policy>.<parameter>``, and parameters that many policies
share (their dates) under ``policy_parameter.<parameter>``; what holds while a parameter is left out in the same way
under ``unset``. A policy from outside the program is called what its model
says, in both languages.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.data import Meaning
from sim.names import catalogue
from sim.scenario.registry import registered_policies


def policy_meaning(policy: str) -> Meaning:
    """Say what a policy is, in both languages.

    Raises:
        KeyError: Nobody has registered such a policy.
    """
    words = registered_policies()[policy].__doc__ or policy
    return _named([f"policy.{policy}"], words.strip().split("\n", maxsplit=1)[0])


def parameter_meaning(policy: str, parameter: str) -> Meaning:
    """Say what a parameter of a policy means, in both languages; one that is not known goes by its own name.

    Raises:
        KeyError: Nobody has registered such a policy.
    """
    field = registered_policies()[policy].model_fields.get(parameter)
    words = (field.description if field else None) or parameter
    return _named([f"policy.{policy}.{parameter}", f"policy_parameter.{parameter}"], words)


def unset_meaning(policy: str, parameter: str) -> Meaning | None:
    """Say what holds while a parameter without default is left out ("no limit"); None where nobody says."""
    known = catalogue()
    ids = (f"unset.{policy}.{parameter}", f"unset.{parameter}")
    return next((Meaning(*known[one]) for one in ids if one in known), None)


def _named(ids: Sequence[str], otherwise: str) -> Meaning:
    known = catalogue()
    found = next((known[one] for one in ids if one in known), (otherwise, otherwise))
    return Meaning(*found)
