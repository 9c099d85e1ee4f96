"""``jiazheng books``: whether a region's facts fit together, and what was decided where they contradict."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Lang, Quiet, face_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cli.face import Face
    from sim.report.books.built import Stock
    from sim.report.books.close import Closed
    from sim.report.books.line import Line

Region = Annotated[
    str,
    typer.Argument(metavar="REGION", help="A region, or the folder of one of your own.", show_default=False),
]
BuiltScale = Annotated[
    float, typer.Option("--scale", help="Share of the region that is built, above 0 and up to 1.")
]
BuiltSeed = Annotated[int, typer.Option("--seed", help="Seed of the built world.")]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FOLDER", help="Also write the tables as CSV files into a folder."),
]
TablesOnly = Annotated[bool, typer.Option("--no-tensions", help="Without the contradictions between facts.")]


def books(
    context: typer.Context,
    region: Region,
    scale: BuiltScale = 0.005,
    seed: BuiltSeed = 1,
    folder: Csv = None,
    no_tensions: TablesOnly = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Close the books of a region: stocks and flows of its initial state from its facts, both ways.

    The first table sets the demand side of each identity beside its supply side, with the gap in percent; "can close"
    says whether the documented ranges of the facts allow both to be equal. The second builds a small part of the region
    and compares its stocks with the facts. Then come the facts that contradict one another, and what was decided.

    [bold]Examples[/bold]

      jiazheng books my_region
      jiazheng books my_region --lang zh --no-tensions
      jiazheng books path/to/my_region --csv books --json
    """
    from sim.report.books.close import close_books

    face = face_of(context, lang, quiet, as_json)
    closed = close_books(region, scale, seed)
    if folder is not None:
        _write(closed, folder)
        face.note("books_written", folder=folder)
    if face.as_json:
        face.json(_record(closed))
        return
    _show_lines(face, closed.lines)
    _show_taken(face, closed)
    _show_stocks(face, closed.stocks)
    if not no_tensions:
        _show_tensions(face, closed)


def _show_lines(face: Face, found: list[Line]) -> None:
    from sim.names import label

    titles = [face.word(f"books_{name}") for name in ("identity", "left", "right", "unit", "gap", "closes")]
    rows = [
        (
            label(f"book.{line.name}", face.lang),
            _count(line.left.value),
            _count(line.right.value),
            label(f"book_unit.{line.unit}", face.lang),
            f"{line.gap_percent:+.1f}%",
            face.word("books_yes" if line.closes else "books_no"),
        )
        for line in found
    ]
    face.table(titles, rows, numbers=(1, 2, 4))
    face.write("")


def _show_taken(face: Face, closed: Closed) -> None:
    from sim.names import label

    titles = [face.word("books_service"), face.word("books_taken")]
    rows = [(label(f"service.{name}", face.lang), f"{one.needs:.0%}") for name, one in closed.taken.items()]
    face.table(titles, rows, numbers=(1,))
    face.write("")


def _show_stocks(face: Face, found: list[Stock]) -> None:
    from sim.names import label

    titles = [face.word(f"books_{name}") for name in ("group", "stock", "facts", "built", "apart", "agrees")]
    rows = [
        (
            label(f"book_group.{stock.group}", face.lang),
            label(stock.name, face.lang),
            _count(stock.expected),
            _count(stock.built),
            f"{stock.errors_apart:+.1f}" if stock.error else "",
            face.word("books_yes" if stock.agrees else "books_no"),
        )
        for stock in found
    ]
    face.table(titles, rows, numbers=(2, 3, 4))


def _show_tensions(face: Face, closed: Closed) -> None:
    from sim.names import label
    from sim.report.books.words import contradicting, taken_instead

    for tension in closed.tensions:
        face.write("")
        face.write(label(f"tension.{tension.name}", face.lang))
        face.text(f"  {getattr(tension.says, face.lang)}")
        face.rows(
            [
                (f"[{fact.name}]", f"{fact.subject}: {fact.value}. {fact.source}")
                for fact in contradicting(tension)
            ]
        )
        face.text(f"  {face.word('books_decided')}: {getattr(tension.decision, face.lang)}")
        taken = taken_instead(tension, closed.frame.facts, face.lang)
        for fact in taken:
            face.text(f"    {fact.name} = {fact.value} ({fact.grade})")


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 10.0 else f"{value:.3g}"


def _record(closed: Closed) -> dict[str, Any]:
    """Return the books as JSON values."""
    from sim.report.books.words import contradicting, taken_instead

    facts = closed.frame.facts
    return {
        "region": closed.frame.region,
        "scale": closed.frame.scale,
        "identities": [_line(line) for line in closed.lines],
        "taken": {name: share._asdict() for name, share in closed.taken.items()},
        "stocks": [_stock(stock) for stock in closed.stocks],
        "tensions": [
            {
                "tension": tension.name,
                "says": tension.says._asdict(),
                "decision": tension.decision._asdict(),
                "facts": [fact._asdict() for fact in contradicting(tension)],
                "taken": [fact._asdict() for fact in taken_instead(tension, facts, "en")],
            }
            for tension in closed.tensions
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "identity": line.name,
        "unit": line.unit,
        "left": line.left.value,
        "left_low": line.left.low,
        "left_high": line.left.high,
        "right": line.right.value,
        "right_low": line.right.low,
        "right_high": line.right.high,
        "gap_percent": line.gap_percent,
        "closes": line.closes,
        "tension": line.tension,
        "facts": sorted(line.left.facts | line.right.facts),
    }


def _stock(stock: Stock) -> dict[str, Any]:
    return {
        "group": stock.group,
        "stock": stock.name,
        "expected": stock.expected,
        "built": stock.built,
        "error": stock.error,
        "agrees": stock.agrees,
    }


def _write(closed: Closed, folder: Path) -> None:
    """Write identities.csv, stocks.csv and tensions.csv."""
    from sim.report.books.words import contradicting, taken_instead

    folder.mkdir(parents=True, exist_ok=True)
    listed = [{**_line(line), "facts": " ".join(_line(line)["facts"])} for line in closed.lines]
    _table(folder / "identities.csv", listed)
    _table(folder / "stocks.csv", map(_stock, closed.stocks))
    rows = []
    for tension in closed.tensions:
        sides = {
            "contradicts": contradicting(tension),
            "taken": taken_instead(tension, closed.frame.facts, "en"),
        }
        rows += [
            {"tension": tension.name, "side": side, **fact._asdict()}
            for side, said in sides.items()
            for fact in said
        ]
    _table(folder / "tensions.csv", rows)


def _table(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
