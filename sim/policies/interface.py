"""What a policy is: parameters, and what it does each morning to the market's mechanisms.

Its parameters are a frozen model in :mod:`sim.policies.parameters` that forbids unknown keys; each field carries unit,
range, source and grade.

A policy never touches an outcome. It opens schemes, changes prices, capacities, rules or flows, and the actors answer.
It keeps no state of its own: what it has set up stands in the market's tables, so that a run can be saved, resumed and
branched at any minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.world.calendar import Calendar


class Policy(Protocol):
    """One policy of a scenario.

    Attributes:
        name: What a scenario writes after ``policy:``.
        instance: What the scenario calls this one.
        announced_day: Day on which it is announced; it may be before the period's start (negative).
    """

    name: ClassVar[str]
    instance: str
    announced_day: int

    def __init__(self, instance: str, parameters: Any, calendar: Calendar, scale: float) -> None: ...

    def open_day(self, day: int, market: Market) -> None:
        """Do what the policy does on the morning of a day; called each day from the announcement on.

        On day 0 of a run that begins after the announcement, it does all that is past.
        """
