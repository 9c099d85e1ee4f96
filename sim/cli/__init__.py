"""The command line: one file a command, listed here and nowhere else."""

from __future__ import annotations

import sys

import typer

from sim.cli import (
    books,
    calibrate,
    compare,
    diff,
    evidence,
    explain,
    options,
    run,
    scenarios,
    schema,
    sweep,
    trace,
    validate,
)
from sim.cli.group import Commands

__all__ = ["app", "main"]

app = typer.Typer(
    name="jiazheng",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(options.common)

app.command("run")(run.run)
app.command("compare")(compare.compare)
app.add_typer(sweep.app, name="sweep")
app.command("calibrate")(calibrate.calibrate)
app.command("evidence")(evidence.evidence)
app.command("trace")(trace.trace)
app.command("validate")(validate.validate)
app.command("explain")(explain.explain)
app.command("diff")(diff.diff)
app.command("books")(books.books)
app.command("list")(scenarios.list_all)
app.command("schema")(schema.schema)


def main() -> None:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):
        # A locale that cannot show a character shows a question mark instead of failing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
