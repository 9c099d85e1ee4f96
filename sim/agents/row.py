"""The tie between a Mesa agent and its row: a column read and written as an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, overload

from sim.mesa_compat import Agent, MarketBase

if TYPE_CHECKING:
    from sim.state import Table

T = TypeVar("T")


class Column(Generic[T]):
    """A descriptor that reads and writes one column of the agent's row as a plain Python value.

    Args:
        name: Column of the agent's table; by default the attribute's own name.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __set_name__(self, owner: type[RowAgent], name: str) -> None:
        self.name = self.name or name

    @overload
    def __get__(self, agent: None, owner: type[RowAgent]) -> Column[T]: ...

    @overload
    def __get__(self, agent: RowAgent, owner: type[RowAgent]) -> T: ...

    def __get__(self, agent: RowAgent | None, owner: type[RowAgent]) -> Column[T] | T:
        if agent is None:
            return self
        return cast("T", agent.table.rows[self.name][agent.row].item())

    def __set__(self, agent: RowAgent, value: T) -> None:
        agent.table.rows[self.name][agent.row] = value


class RowAgent(Agent):
    """A Mesa agent whose state is a row of a table.

    Attributes:
        row: Number of its row.
        table: The table that holds it.
    """

    table_name: ClassVar[str]
    table: Table
    row: int

    def __init__(self, model: MarketBase, table: Table, row: int) -> None:
        super().__init__(model)
        self.table = table
        self.row = row

    @property
    def record(self) -> Any:
        """The whole row, a view."""
        return self.table.rows[self.row]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} row {self.row}>"
