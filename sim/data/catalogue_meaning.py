"""Meanings that every region shares, from the catalogue of names: of its facts and of its districts' quantities."""

from __future__ import annotations

from difflib import get_close_matches

from sim.data.facts import Meaning
from sim.names import Message, catalogue, data_fault

REGION_FACT = "region_fact"
QUANTITY = "quantity"

# Groups whose members each region names itself; all members have the meaning of the star.
OWN_MEMBERS = ("origins", "workers_by_origin")


def members(kind: str) -> tuple[str, ...]:
    """The ids of a kind in the catalogue, without the kind, in the files' order."""
    return tuple(name.removeprefix(f"{kind}.") for name in catalogue() if name.startswith(f"{kind}."))


def meaning_of(kind: str, member: str) -> Meaning | None:
    """The meaning of a fact or quantity, None if the catalogue has none."""
    found = catalogue().get(f"{kind}.{common_name(member)}")
    return Meaning(*found) if found else None


def unknown(kind: str, member: str) -> Message:
    """The message for a fact or quantity that the catalogue does not have."""
    near = get_close_matches(common_name(member), members(kind), n=1)
    if near:
        return data_fault(f"unknown_{kind}_near", name=member, near=near[0])
    return data_fault(f"unknown_{kind}", name=member)


def common_name(member: str) -> str:
    """The name of a region's fact with a member of the region's own (an origin) replaced by a star."""
    group, _, rest = member.partition(".")
    if group not in OWN_MEMBERS or not rest:
        return member
    _, dot, below = rest.partition(".")
    return f"{group}.*{dot}{below}"
