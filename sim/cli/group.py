"""The one place where an error becomes a message and an exit status."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from sim.cli.face import Face
from sim.errors import EXIT_FAILURE, EXIT_INTERRUPTED, JiazhengError

USAGE_ERROR: type[BaseException] = next(
    base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException"
)
"""What Typer raises, and shows itself, for a wrong command or option; the class's home differs between versions."""


class Commands(TyperGroup):
    """The commands of ``jiazheng``; none of them catches errors itself."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Keep what was typed, for messages that say how to go on."""
        ctx.ensure_object(Face).words = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error becomes lines on stderr and the exit status of its class."""
        face: Face = ctx.ensure_object(Face)
        try:
            return super().invoke(ctx)
        except JiazhengError as error:
            face.refuse(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            face.note("interrupted")
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except (typer.Exit, typer.Abort, USAGE_ERROR, BrokenPipeError):
            raise
        except Exception as error:  # the last resort: a fault of the program itself
            if face.debug:
                raise
            face.note("unexpected", error=f"{type(error).__name__}: {error}", file=_save_traceback())
            raise typer.Exit(EXIT_FAILURE) from None


def _save_traceback() -> str:
    """Write the traceback of the current exception to a new file and return its name."""
    text = "".join(traceback.format_exception(*sys.exc_info()))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="jiazheng-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
    except OSError:
        return "-"
    return str(Path(file.name))
