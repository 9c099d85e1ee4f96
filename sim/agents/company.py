"""Companies: platforms, agencies, employee-based firms, outlets, and the home service of institutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.row import Column, RowAgent
from sim.vocabulary import FirmForm, MoneyKind

if TYPE_CHECKING:
    from sim.dispatch.interface import Dispatcher
    from sim.mesa_compat import MarketBase
    from sim.state import Table


class Company(RowAgent):
    """A firm: takes orders, dispatches workers by its own rule, pays them, keeps the difference.

    Attributes:
        dispatcher: The rule by which the firm gives orders to workers.
    """

    table_name: ClassVar[str] = "companies"

    district = Column[int]()
    weight = Column[float]()
    price_multiplier = Column[float]()
    quality = Column[float]()
    workers = Column[int]()
    target_workers = Column[float]()
    requested = Column[int]()
    completed = Column[int]()
    cancelled = Column[int]()
    unserved = Column[int]()
    open_orders = Column[int]()
    expected_wait_days = Column[float]()

    def __init__(self, model: MarketBase, table: Table, row: int, dispatcher: Dispatcher) -> None:
        super().__init__(model, table, row)
        self.dispatcher = dispatcher

    @property
    def form(self) -> FirmForm:
        """The form of the firm."""
        return FirmForm(int(self.record["form"]))

    @property
    def fill_rate(self) -> float:
        """Completed visits over those that have ended, not counting what households cancelled; nan before any."""
        ended = self.completed + self.unserved
        return self.completed / ended if ended else float("nan")

    def margin_fen(self) -> int:
        """Return what has stayed with the firm so far."""
        return int(self.record["money_fen"].sum())

    def revenue_fen(self) -> int:
        """Return what households have paid to the firm so far."""
        return int(self.record["money_fen"][MoneyKind.SERVICE])
