"""``jiazheng trace``: one actor in two worlds, and where they first part for it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Days, Lang, Overrides, Quiet, Scale, Seed, face_of, overrides_of
from sim.cli.shown import NOTHING
from sim.names import label

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.trace import Event, Kind, Trace
    from sim.records.period import Period

First = Annotated[Path, typer.Argument(metavar="A", help="A scenario file.", show_default=False)]
Second = Annotated[Path, typer.Argument(metavar="B", help="Another one.", show_default=False)]
Household = Annotated[int | None, typer.Option("--household", help="Key of a household.")]
Worker = Annotated[int | None, typer.Option("--worker", help="Key of a worker.")]
Company = Annotated[int | None, typer.Option("--company", help="Key of a firm.")]
SHOWN_BEFORE, SHOWN_AFTER = 6, 12


def trace(  # noqa: PLR0913, PLR0917  an option each
    context: typer.Context,
    first: First,
    second: Second,
    household: Household = None,
    worker: Worker = None,
    company: Company = None,
    seed: Seed = None,
    scale: Scale = None,
    days: Days = None,
    override: Overrides = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Follow one actor through two worlds with the same chance: what happens to it, and where they first part.

    Keys stand in the tables of a run's results (households, workers, companies).

    [bold]Examples[/bold]

      jiazheng trace baseline.yaml elder_voucher.yaml --household 1234567890
    """
    from sim.experiments.trace import trace as follow
    from sim.records.run import plan, with_calendar
    from sim.scenario import load_scenario

    face = face_of(context, lang, quiet, as_json)
    kind, key = _actor(household, worker, company)
    settings = overrides_of(override, seed, scale, days)
    scenarios = [with_calendar(load_scenario(file, settings)) for file in (first, second)]
    found = follow(scenarios[0], scenarios[1], kind, key)
    if face.as_json:
        face.json(asdict(found))
        return
    _show(face, found, plan(scenarios[0]).period)


def _actor(household: int | None, worker: int | None, company: int | None) -> tuple[Kind, int]:
    from sim.errors import UserError
    from sim.records.refusal import refusal

    asked: dict[Kind, int | None] = {"household": household, "worker": worker, "company": company}
    given = [(kind, key) for kind, key in asked.items() if key is not None]
    if len(given) != 1:
        raise refusal(UserError, "trace_one_actor", "trace")
    return given[0]


def _show(face: Face, found: Trace, period: Period) -> None:
    if found.parted_min is None:
        face.write(label("trace.never", face.lang).format(count=len(found.events[0])))
        return
    parted = found.parted_min
    face.write(label("trace.common", face.lang))
    _events(face, [event for event in found.events[0] if event.minute < parted][-SHOWN_BEFORE:], period)
    face.write("")
    face.write(label("trace.parted", face.lang).format(when=period.moment(parted)))
    titles = [label(f"trace.{name}", face.lang) for name in ("what", "first", "second")]
    differing = [(what, _said(one, face), _said(other, face)) for what, one, other in found.differences]
    face.table(titles, differing)
    for number, world in enumerate(("first", "second")):
        face.write("")
        face.write(label(f"trace.then_{world}", face.lang))
        _events(
            face, [event for event in found.events[number] if event.minute >= parted][:SHOWN_AFTER], period
        )


def _events(face: Face, events: list[Event], period: Period) -> None:
    face.table(
        [label(f"trace.{name}", face.lang) for name in ("when", "what", "before", "after")],
        [
            (period.moment(event.minute), event.what, _said(event.before, face), _said(event.after, face))
            for event in events
        ],
    )


def _said(value: object, face: Face) -> str:
    """Return a value as people read it: an order by service, state, hour and money, nothing as a dash."""
    from sim.cli.comparison_table import group_name
    from sim.clock import MINUTES_PER_DAY, MINUTES_PER_HOUR
    from sim.experiments.trace import Felt
    from sim.records.view import FEN_PER_YUAN

    if value is None:
        return NOTHING
    if not isinstance(value, Felt):
        return str(value)
    planned = ""
    if value.planned_start_min > 0.0:
        hour, minute = divmod(int(value.planned_start_min % MINUTES_PER_DAY), int(MINUTES_PER_HOUR))
        planned = label("trace.planned", face.lang).format(time=f"{hour:02d}:{minute:02d}")
    service = group_name("service", value.service, face.lang, None)
    state = label(f"order_state.{value.state.lower()}", face.lang)
    yuan = {"price": value.price_fen / FEN_PER_YUAN, "support": value.support_fen / FEN_PER_YUAN}
    parts = (service, state, planned, label("trace.money", face.lang).format(**yuan))
    return ", ".join(part for part in parts if part)
