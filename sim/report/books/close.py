"""Close the books of a region: its identities, its built stocks, and the contradictions that were settled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.books.built import Stock, stocks
from sim.report.books.identities import Books, lines
from sim.report.books.line import Line
from sim.report.books.observed import Tension, observed_of, tensions_of
from sim.report.books.opening import open_market, taken_shares
from sim.vocabulary import ServiceForm
from sim.world.build import frame_of

if TYPE_CHECKING:
    from sim.report.books.opening import Taken
    from sim.world.frame import Frame

SCALE = 0.005
"""Share of a region that is built by default: some tens of thousands of households."""


@dataclass(frozen=True)
class Closed:
    """The closed books of a region.

    Attributes:
        frame: The region, its facts and the scale that was built.
        lines: Identities.
        stocks: Stocks of the built world beside those of the facts.
        taken: By service how much of the needs households bring to a firm.
        tensions: Contradictions between facts that concern the region.
    """

    frame: Frame
    lines: list[Line]
    stocks: list[Stock]
    taken: dict[str, Taken]
    tensions: list[Tension]


def close_books(region: str, scale: float = SCALE, seed: int = 1) -> Closed:
    """Return the closed books of a region, by its id or the path of its folder.

    Raises:
        UserError: No such region, data that are not well formed, or a scale or seed that scenarios do not allow.
    """
    model = open_market(region, scale, seed)
    frame, name = frame_of(model.settings), Path(region).name
    books = Books(frame, {}, observed_of(name))
    spells = [*books.services(ServiceForm.PLACEMENT), *books.services(ServiceForm.RECURRING)]
    days = {service: books.population.spell_days(service).value for service in spells}
    taken = taken_shares(model.market, days)
    books = replace(books, taken=taken)
    closed = Closed(frame, lines(books), stocks(books, model.market), taken, tensions_of(name))
    model.release()
    return closed
