"""Options that several commands have, and those of the program itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.face import Face

LANGUAGE_VARIABLE = "JIAZHENG_LANG"


class Language(StrEnum):
    """Languages of messages and tables."""

    en = "en"
    zh = "zh"


LANGUAGE_HELP = "Language of messages and tables; help is in English."
ProgramLang = Annotated[Language | None, typer.Option("--lang", help=LANGUAGE_HELP, envvar=LANGUAGE_VARIABLE)]
# A command's own option does not read the variable, which would then beat the program's option before the command.
Lang = Annotated[Language | None, typer.Option("--lang", help=LANGUAGE_HELP)]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No notes and no warnings, only results and errors.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Results as JSON.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("-o", "--override", metavar="KEY=VALUE", help="Another value for a key; may be repeated."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of all random draws.")]
Scale = Annotated[float | None, typer.Option("--scale", help="Share of the region, above 0 and up to 1.")]
Days = Annotated[int | None, typer.Option("--days", help="Days to simulate, warm-up included.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes; as many as there are processors if not given."),
]
Timeout = Annotated[float | None, typer.Option("--timeout", help="Seconds that a run may take.")]
ScenarioFile = Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.", show_default=False)]


def _show_version(wanted: bool) -> None:
    if wanted:
        import sim

        typer.echo(f"jiazheng {sim.__version__}")
        raise typer.Exit


def common(
    context: typer.Context,
    lang: ProgramLang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and leave.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Simulate a region's housekeeping market and compare policies."""
    face_of(context, lang, quiet, as_json).debug = debug


def overrides_of(
    override: list[str] | None, seed: int | None, scale: float | None, days: int | None
) -> list[str]:
    """Return the values on top of a scenario; options that stand for a key come last and so have the last word."""
    named = {"--seed": seed, "--scale": scale, "--days": days}
    return [*(override or []), *(f"{name}={value}" for name, value in named.items() if value is not None)]


def face_of(context: typer.Context, lang: Language | None, quiet: bool, as_json: bool) -> Face:
    """Return how to talk: the program's options and, over them, the command's."""
    face: Face = context.ensure_object(Face)
    face.lang = lang.value if lang else face.lang
    face.quiet = face.quiet or quiet
    face.as_json = face.as_json or as_json
    return face
