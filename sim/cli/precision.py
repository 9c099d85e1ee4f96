"""A precision target on the command line: how it is asked for, and what each look at it has shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import UserError
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.sequential import Heard, Look, PrecisionTarget

OPTION = "--precision"
PERCENT = "%"


def target_of(texts: Sequence[str], budget: int) -> PrecisionTarget:
    """Return the target that options like ``fill_rate=0.5%`` ask for.

    Args:
        texts: Each an outcome, "=" and how far its interval may reach; a percent sign divides by 100.
        budget: Most replications.

    Raises:
        UserError: One is not of that form, or asks for what there is not.
    """
    from sim.experiments.sequential import PrecisionTarget

    return PrecisionTarget.checked(dict(map(_pair, texts)), budget)


def _pair(text: str) -> tuple[str, float]:
    from sim.records.refusal import refusal

    name, _, number = text.partition("=")
    try:
        value = float(number.strip().removesuffix(PERCENT))
    except ValueError:
        raise refusal(UserError, "precision_form", OPTION, found=text) from None
    return name.strip(), value / 100.0 if number.strip().endswith(PERCENT) else value


def tell_looks(face: Face) -> Heard:
    """Return who says on stderr what each look has shown."""

    def tell(look: Look) -> None:
        face.note("precision_look", **_words(look))

    return tell


def show_look(face: Face, look: Look) -> None:
    """Say whether precision was reached."""
    from sim.experiments.statistics import Decision

    reached = look.decision is Decision.ENOUGH
    name = "sweep.reached" if reached else "sweep.not_reached"
    face.text(label(name, face.lang).format(**_words(look)))


def _words(look: Look) -> dict[str, object]:
    numbers = {"reach": f"{look.reach:.3g}", "target": f"{look.target:.3g}"}
    counts = {"made": look.made, "counted": look.counted, "projected": look.projected}
    return {"name": look.slowest, **numbers, **counts}
