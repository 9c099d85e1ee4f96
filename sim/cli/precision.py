"""A precision target on the command line: how it is asked for, and what each look at it has shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.shown import PERCENT, SHARE, reading
from sim.errors import UserError
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.sequential import Heard, Look, PrecisionTarget

OPTION = "--precision"


def target_of(texts: Sequence[str], budget: int) -> PrecisionTarget:
    """Return the target that options like ``fill_rate=0.5%`` ask for.

    Args:
        texts: Each an outcome, "=" and how far its interval may reach; a percent sign divides by 100.
        budget: Most replications.

    Raises:
        UserError: One is not of that form, or asks for what there is not.
    """
    from sim.experiments.sequential import PrecisionTarget
    from sim.records.refusal import refusal

    reach: dict[str, float] = {}
    for name, value in map(_pair, texts):
        if name in reach:
            raise refusal(UserError, "precision_twice", OPTION, name=name)
        reach[name] = value
    target = PrecisionTarget.checked(reach, budget)
    for text in texts:
        _check_percent(text)
    return target


def _pair(text: str) -> tuple[str, float]:
    from sim.records.refusal import refusal

    name, _, number = text.partition("=")
    try:
        value = float(number.strip().removesuffix(PERCENT))
    except ValueError:
        raise refusal(UserError, "precision_form", OPTION, found=text) from None
    return name.strip(), value / 100.0 if number.strip().endswith(PERCENT) else value


def _check_percent(text: str) -> None:
    """Refuse a per cent sign at an outcome that is no share: of what would it be a hundredth?"""
    from sim.experiments.compared import unit_of
    from sim.records.refusal import refusal

    name = text.partition("=")[0].strip()
    unit = unit_of(name)
    if text.rstrip().endswith(PERCENT) and unit != SHARE:
        raise refusal(UserError, "precision_percent", OPTION, name=name, unit=label(f"unit.{unit}"))


def tell_looks(face: Face) -> Heard:
    """Return who says on stderr what each look has shown."""

    def tell(look: Look) -> None:
        face.note("precision_look", **_words(look, face.lang))

    return tell


def show_look(face: Face, look: Look) -> None:
    """Say whether precision was reached."""
    from sim.experiments.statistics import Decision

    reached = look.decision is Decision.ENOUGH
    name = "sweep.reached" if reached else "sweep.not_reached"
    face.text(label(name, face.lang).format(**_words(look, face.lang)))


def _words(look: Look, lang: str) -> dict[str, object]:
    """What fills the gaps of the messages: the outcome's name, and distances in the unit in which people read it."""
    from sim.experiments.compared import unit_of

    outcome, _, where = look.slowest.partition(" (")
    seen = reading(unit_of(outcome), look.target)
    unit = label(f"unit.{seen.unit}", lang)
    name = label(f"indicator.{outcome}", lang) + (f" ({where}" if where else "")
    numbers = {
        "reach": f"{look.reach * seen.factor:.3g} {unit}",
        "target": f"{look.target * seen.factor:.3g} {unit}",
    }
    return {"name": name, **numbers, "made": look.made, "counted": look.counted, "projected": look.projected}
