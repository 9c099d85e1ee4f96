"""One identity of the books: two ways to the same number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.report.books.amount import Amount

_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Line:
    """An identity.

    Attributes:
        name: Its id; the words stand in the catalogue under ``book.<name>``.
        unit: Unit of both sides.
        left: The demand side, or the flow.
        right: The supply side, or the stock.
        tension: Id of the contradiction between facts that explains a gap; "" for none.
    """

    name: str
    unit: str
    left: Amount
    right: Amount
    tension: str = ""

    @property
    def gap_percent(self) -> float:
        """By how much the left side exceeds the right one; infinite where the right one is 0."""
        if self.right.value == 0.0:
            return 0.0 if self.left.value == 0.0 else float("inf")
        return _PERCENT * (self.left.value / self.right.value - 1.0)

    @property
    def closes(self) -> bool:
        """Whether the documented ranges of the facts let both sides be equal."""
        return self.left.meets(self.right)
