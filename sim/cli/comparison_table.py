"""What a comparison has shown, as tables that fit 80 columns: whom the policy reaches, the region, its groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.cli.precision import show_look
from sim.cli.shown import NOTHING, SHARE, Reading, digits, reading, together
from sim.experiments.compared import is_main
from sim.experiments.treated import TREATED
from sim.names import group_name as known_name
from sim.names import label
from sim.records.flows import CITY
from sim.records.tables import NONE

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.compared import Compared, Row
    from sim.experiments.statistics import Interval

    CellsOf = Callable[[Row, str], "Cells"]

FEW = 10
"""Replications below which intervals are called rough."""
ENOUGH = 20
"""Replications from which joint intervals were measured to hold as often as they say."""
INDENT = "  "
HOW_MANY = "treated_households"
"""Shown although it is the same in all worlds: a reader asks for it first."""
LARGEST_GAIN = 100_000
"""A larger gain by pairing is not told more precisely; that it is large is all that matters."""
TITLES = ("outcome", "baseline", "difference", "interval", "verdict")
DETAILED = ("outcome", "value", "difference", "pointwise", "pairing")
Cells = tuple[str, ...]
NUMBERS: dict[Cells, tuple[int, ...]] = {TITLES: (1, 2, 3), DETAILED: (1, 2, 3, 4)}


@dataclass(frozen=True)
class Wanted:
    """What of a comparison is shown.

    Attributes:
        region: Whose names the groups have.
        scopes: By what the region is divided, a table each.
        details: Whether each table is followed by one with the policy's value, pointwise interval, gain by pairing.
        all_outcomes: Whether outcomes are shown that are not main ones.
    """

    region: str | None = None
    scopes: tuple[str, ...] = ()
    details: bool = False
    all_outcomes: bool = False

    def rows(self, rows: Iterable[Row], scope: str) -> list[Row]:
        """Return the rows of a scope that are shown."""
        return [row for row in rows if row.scope == scope and self.has(row.outcome)]

    def has(self, outcome: str) -> bool:
        """Return whether an outcome is shown."""
        return self.all_outcomes or is_main(outcome)


def show_comparison(face: Face, found: Compared, wanted: Wanted) -> None:
    """Show each policy beside the baseline: who is reached, the whole region, and the groups that are asked for."""
    for policy in range(1, len(found.titles)):
        _show_policy(face, found, policy, wanted)
    face.write("")
    _say_how_to_read(face, found, wanted)
    _say_budgets(face, found)
    if found.look is not None:
        show_look(face, found.look)
    if found.seconds_saved > 0.0:
        _say(face, "saved", seconds=f"{found.seconds_saved:.0f}")
    if found.failed:
        _say(face, "failed", failed=found.failed, first=found.first_failure)
    if found.conflicts:
        _say(face, "conflicts", number=found.conflicts, folder=found.folder)
    if found.damages:
        _say(face, "damages", number=found.damages, folder=found.folder)
    face.write(label("run.results", face.lang).format(folder=found.folder))


def _say_budgets(face: Face, found: Compared) -> None:
    """Say how much of the policies' public money was used, where it is limited."""
    for budget in found.budgets:
        share = f"{100.0 * budget.spent_share:.0f}%"
        policy = found.titles[budget.policy][face.lang]
        counts = {"used_up": budget.used_up, "replications": budget.replications}
        _say(face, "budget", policy=policy, share=share, **counts)


def _pairs(rows: Sequence[Row]) -> int:
    """Return how many replications stand behind rows, at most."""
    return max((row.replications for row in rows), default=0)


def _say_how_to_read(face: Face, found: Compared, wanted: Wanted) -> None:
    scopes = (TREATED, CITY, *wanted.scopes)
    _say(face, "reading")
    if wanted.scopes or _pairs(found.rows) < ENOUGH:
        _say(face, "reading_few")
    if any(row.unit == SHARE for scope in scopes for row in wanted.rows(found.rows, scope)):
        _say(face, "points")
    if wanted.details:
        _say(face, "reading_details")


def _show_policy(face: Face, found: Compared, policy: int, wanted: Wanted) -> None:
    rows = [row for row in found.rows if row.policy == policy]
    pairs = _pairs(rows)
    face.write("")
    _say(face, "title", policy=found.titles[policy][face.lang], baseline=found.titles[0][face.lang])
    _say(face, "from", replications=pairs, date=found.from_date, end=found.to_date, scale=f"{found.scale:g}")
    if pairs < FEW:
        _say(face, "few")
    for scope in (TREATED, CITY):
        _show_whole(face, wanted.rows(rows, scope), scope, wanted)
        _say_missing(face, found.missing.get(policy, ()), scope, wanted)
    for scope in wanted.scopes:
        _show_groups(face, wanted.rows(rows, scope), scope, wanted)
        _say_missing(face, found.missing.get(policy, ()), scope, wanted)


def _say(face: Face, name: str, **gaps: object) -> None:
    face.text(label(f"compare.{name}", face.lang).format(**gaps))


def _say_missing(face: Face, missing: Sequence[str], scope: str, wanted: Wanted) -> None:
    """Say how many outcomes some replication has not observed."""
    places = (name.split("/", 2) for name in missing)
    count = sum(of == scope and wanted.has(outcome) for outcome, of, _ in places)
    if count and scope == TREATED:
        _say(face, "missing_treated")
    elif count:
        _say(face, "missing", count=count)


def _show_whole(face: Face, rows: Sequence[Row], scope: str, wanted: Wanted) -> None:
    """Show outcomes that are not divided into groups, and name those that are the same in every replication."""
    if not rows:
        return
    face.write("")
    _say(face, scope, n=rows[0].replications)
    differing = [row for row in rows if _differs(row) or row.outcome == HOW_MANY]
    _table(face, TITLES, [_cells(row, face.lang) for row in differing])
    same = [label(f"indicator.{row.outcome}", face.lang) for row in rows if row not in differing]
    if same:
        _say(face, "same", names=_listed(same, face.lang))
    if wanted.details:
        _details(face, [_detailed_cells(row, face.lang) for row in differing])


def _show_groups(face: Face, rows: Sequence[Row], scope: str, wanted: Wanted) -> None:
    """Show the outcomes of each group, without those that are the same in every replication."""
    face.write("")
    pairs = _pairs(rows)
    _say(face, "by", scope=label(f"scope.{scope}", face.lang), n=pairs)
    by_group: dict[str, list[Row]] = {}
    for row in rows:
        by_group.setdefault(group_name(scope, row.group, face.lang, wanted.region), []).append(row)
    differing = {name: [row for row in members if _differs(row)] for name, members in by_group.items()}
    _table(face, TITLES, _below_names(differing, _cells, face.lang))
    if not all(map(_differs, rows)):
        _say(face, "left_out")
    same = [name for name, members in differing.items() if not members]
    if same:
        _say(face, "same_groups", names=_listed(same, face.lang))
    if wanted.details:
        _details(face, _below_names(differing, _detailed_cells, face.lang))


def _differs(row: Row) -> bool:
    return row.difference.estimate != 0.0 or row.difference.half_width > 0.0


def _listed(names: Iterable[str], lang: str) -> str:
    return label("compare.separator", lang).join(names)


def group_name(scope: str, group: str, lang: str, region: str | None) -> str:
    """Return a group's name; its id where the catalogue has none (a user's own region)."""
    if group == NONE:
        return label("compare.none", lang)
    return known_name(scope, group, lang, region)


def _details(face: Face, cells: Sequence[Cells]) -> None:
    if cells:
        face.write("")
        _say(face, "details")
        _table(face, DETAILED, cells)


def _table(face: Face, titles: tuple[str, ...], cells: Sequence[Cells]) -> None:
    if cells:
        face.table([label(f"compare.{title}", face.lang) for title in titles], cells, NUMBERS[titles])


def _below_names(groups: Mapping[str, Sequence[Row]], cells_of: CellsOf, lang: str) -> list[Cells]:
    """Return the cells of each group's rows below its name; a group without rows is left out."""
    cells: list[Cells] = []
    for name, rows in groups.items():
        if rows:
            cells.append((name, *[""] * (len(TITLES) - 1)))
            cells += [(INDENT + outcome, *rest) for outcome, *rest in (cells_of(row, lang) for row in rows)]
    return cells


def _cells(row: Row, lang: str) -> Cells:
    """Outcome, baseline, difference, the interval that holds at once with the others, verdict."""
    seen = _reading(row)
    baseline = digits(row.baseline * seen.factor)
    if not _differs(row):
        return _name(row, seen, lang), baseline, "0", NOTHING, label("compare.equal", lang)
    difference, interval = _difference(row, row.together, seen)
    return _name(row, seen, lang), baseline, difference, interval, row.verdict.text(lang)


def _detailed_cells(row: Row, lang: str) -> Cells:
    """Outcome, value under the policy, difference, the interval by itself, gain by pairing."""
    seen = _reading(row)
    difference, interval = _difference(row, row.difference, seen)
    return _name(row, seen, lang), digits(row.value * seen.factor), difference, interval, _gain(row)


def _gain(row: Row) -> str:
    ratio = row.variance_ratio
    if ratio is None:
        return NOTHING
    return digits(ratio) if ratio < LARGEST_GAIN else f">{LARGEST_GAIN - 1:,.0f}"


def _reading(row: Row) -> Reading:
    return reading(row.unit, max(abs(row.baseline), abs(row.value)))


def _difference(row: Row, interval: Interval, seen: Reading) -> tuple[str, str]:
    values = (row.difference.estimate, interval.low, interval.high)
    difference, low, high = together(*(value * seen.factor for value in values))
    return difference, f"{low} .. {high}"


def _name(row: Row, seen: Reading, lang: str) -> str:
    name, unit = label(f"indicator.{row.outcome}", lang), label(f"unit.{seen.unit}", lang)
    return label("compare.with_unit", lang).format(name=name, unit=unit)
