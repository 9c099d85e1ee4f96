"""Whether every parameter moves what it says it moves: ``python -m tools.liveness [PATTERN ...]``.

``tests/liveness/declared.yaml`` declares for facts that the model reads the variable that each moves first, and the
direction where theory or definition promises one. A fact is moved over its range, from low to high, in pairs of runs
with the same seeds; the paired difference of the variable must be beyond noise and of the declared sign. Draws are
keyed, so that a fact that nothing reads leaves every pair equal. Facts without a declaration are listed as such.
"""

from __future__ import annotations

import fnmatch
import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from sim.data.facts import Fact, FactTree
from sim.model import MarketModel
from sim.records.flows import group_ids
from sim.records.indicators import INDICATORS
from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.records.view import View
from sim.scenario import load_scenario
from sim.state import World
from sim.vocabulary import FirmForm, NeedsBy
from sim.world.care import InstitutionKind

DECLARED = Path("tests/liveness/declared.yaml")
SCENARIO = "scenarios/baseline.yaml"
SETTING = ("scale=0.001", "period.start=2026-01-01", "period.warm_up_days=0")
PAIRS = 6
BEYOND_NOISE = 4.0
"""Least |mean| / standard error of six paired differences: a variable that only parts by chance passes in 1 of 100
cases (t distribution with 5 degrees of freedom, two-sided)."""
OWN_GROUPS = ("region", "districts")
MAX_DAYS = 366

_VARIABLE = re.compile(
    r"(?P<statistic>mean|sd|sum|count) (?P<table>\w+)\.(?P<column>\w+)(\[(?P<index>\d+)\])?( where (?P<where>.+))?$"
)
_INDICATOR = re.compile(r"indicator (?P<id>\w+)( (?P<scope>\w+)=(?P<group>\w+))?$")


@dataclass(frozen=True)
class Declaration:
    """What a fact is declared to move.

    Attributes:
        pattern: Path of the fact; a star stands for one part of it, whose text ``{1}``, ``{2}`` ... repeat.
        moves: The variable: ``mean companies.quality where form=agency`` or ``indicator wait service=cooking``.
        direction: Sign of the difference from low to high, or "any".
        days: Days that are run before the variable is read; 0 is the world as it is built.
        setting: Overrides of the scenario under which the fact acts.
        described: Why nothing reads the fact, for those that only describe the region.
        parts: What it moves is too rare for a mean of small runs; that a pair differs at all is asked. Draws are keyed,
            so that a fact that nothing reads leaves every pair equal to the last bit.
    """

    pattern: str
    moves: str = ""
    direction: str = "any"
    days: int = 0
    setting: tuple[str, ...] = ()
    described: str = ""
    parts: bool = False

    def filled(self, path: str) -> Declaration:
        """Return the declaration for one path, with what the stars stand for filled in."""
        found = re.fullmatch(re.escape(self.pattern).replace(r"\*", r"([^.]+)"), path)
        parts = found.groups() if found else ()
        moves = self.moves.format(None, *parts) if parts else self.moves
        return replace(self, pattern=path, moves=moves)


@dataclass(frozen=True)
class Moved:
    """What was seen of a fact: the variable at both ends, the mean paired difference and its standard error."""

    declaration: Declaration
    low: float
    high: float
    difference: float
    error: float
    parted: bool = False

    @property
    def alive(self) -> bool:
        """Whether the variable moved beyond noise, and as declared."""
        if self.declaration.parts:
            return self.parted
        if self.difference == 0.0 or math.isnan(self.difference):
            return False
        sign = {"up": 1.0, "down": -1.0}.get(self.declaration.direction, math.copysign(1.0, self.difference))
        return sign * self.difference > BEYOND_NOISE * self.error


def declarations(path: Path = DECLARED) -> list[Declaration]:
    """Read the declarations; the first that matches a path counts."""
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return [
        Declaration(
            pattern, **{key: tuple(value) if key == "setting" else value for key, value in said.items()}
        )
        for pattern, said in content.items()
    ]


def declared_for(path: str, among: Sequence[Declaration]) -> Declaration | None:
    """Return what is declared for a fact, or None."""
    for declaration in among:
        if fnmatch.fnmatchcase(path, declaration.pattern) and path.count(".") == declaration.pattern.count(
            "."
        ):
            return declaration.filled(path)
    return None


def ends(fact: Fact) -> tuple[Any, Any] | None:
    """Return the ends of a fact's range: false and true of a truth value; None where there is nothing to move."""
    if isinstance(fact.value, bool):
        return "false", "true"
    if isinstance(fact.value, tuple):
        return None if fact.low is None else _ends_of_a_list(fact.value, fact.low, fact.high)
    if isinstance(fact.value, str):
        others = [allowed for allowed in fact.allowed if allowed != fact.value]
        return (fact.value, others[0]) if others else None
    return None if fact.low is None or fact.low == fact.high else (fact.low, fact.high)


def _ends_of_a_list(value: tuple[Any, ...], low: Any, high: Any) -> tuple[Any, Any]:
    """Return the ends entry by entry; with one range for all of them only the middle entry moves.

    Lists with one range are weights, which all moved together would change nothing.
    """
    if isinstance(low, tuple) and isinstance(high, tuple):
        return list(low), list(high)
    middle = len(value) // 2
    return tuple([*value[:middle], end, *value[middle + 1 :]] for end in (low, high))  # type: ignore[return-value]


def moved(declaration: Declaration, fact: Fact, pairs: int = PAIRS) -> Moved:
    """Move a fact over its range in pairs of runs with the same seeds."""
    both = ends(fact)
    if both is None:
        raise ValueError(f"{fact.path}: the range has no two ends")
    values = np.array(
        [[_observe(declaration, fact.path, end, seed) for end in both] for seed in range(1, pairs + 1)]
    )
    differences = values[:, 1] - values[:, 0]
    error = float(differences.std(ddof=1)) / math.sqrt(pairs)
    low, high = values.mean(axis=0)
    parted = bool((differences != 0.0).any())
    return Moved(declaration, float(low), float(high), float(differences.mean()), error, parted)


def _observe(declaration: Declaration, path: str, value: Any, seed: int) -> float:
    group = path if path.split(".", maxsplit=1)[0] in OWN_GROUPS else f"parameters.{path}"
    days = max(declaration.days, 1)
    overrides = (*SETTING, f"period.days={days}", f"seed={seed}", *declaration.setting, f"{group}={value}")
    scenario = load_scenario(SCENARIO, overrides)
    period = Period(scenario.settings.period.start, days, 0)
    recorder = Recorder(period, scenario.settings.scale, "none")
    model = MarketModel(scenario, recorder)
    if declaration.days == 0:
        return read(declaration.moves, model.world)
    recorder.begin(model.world)
    model.run_days(declaration.days)
    if not declaration.moves.startswith("indicator"):
        model.settle()
        return read(declaration.moves, model.world)
    model.close()
    recorder.finish(model.ledger_totals())
    return _indicator(declaration.moves, recorder)


def read(variable: str, world: World) -> float:
    """Return a statistic of a table's column, of the rows that a condition chooses.

    Raises:
        ValueError: The variable is not written as declared in the module.
    """
    found = _VARIABLE.match(variable)
    if found is None:
        raise ValueError(f"not a variable: {variable}")
    rows = world.tables[found["table"]].used
    if found["where"]:
        rows = rows[
            np.logical_and.reduce([_chosen(rows, part, world) for part in found["where"].split(" and ")])
        ]
    column = rows[found["column"]]
    values = np.asarray(column[:, int(found["index"])] if found["index"] else column, np.float64)
    if found["statistic"] == "count":
        return float(np.count_nonzero(values))
    if len(values) == 0:
        return 0.0
    return float({"mean": np.mean, "sd": np.std, "sum": np.sum}[found["statistic"]](values))


def _chosen(rows: Any, condition: str, world: World) -> NDArray[np.bool_]:
    column, value = condition.split("=")
    if column.endswith(("<", ">")):
        compare = np.less_equal if column.endswith("<") else np.greater_equal
        return np.asarray(compare(rows[column[:-1]], float(value)))
    if column == "row":
        chosen = np.zeros(len(rows), bool)
        chosen[world.service_ids.index(value)] = True
        return chosen
    return np.asarray(rows[column] == _code(column, value, world))


def _code(column: str, value: str, world: World) -> int:
    names = {
        "form": [member.name.lower() for member in FirmForm],
        "kind": [member.name.lower() for member in InstitutionKind],
        "needs_by": [member.name.lower() for member in NeedsBy],
        "trade": list(world.trade_ids),
        "origin": list(world.origin_ids),
        "service": list(world.service_ids),
    }
    return names[column].index(value) if value in names.get(column, ()) else int(value)


def _indicator(variable: str, recorder: Recorder) -> float:
    found = _INDICATOR.match(variable)
    if found is None:
        raise ValueError(f"not an indicator: {variable}")
    scope, group = found["scope"] or "city", found["group"] or "all"
    recorded = recorder.recorded()
    groups = group_ids(recorded.frame.world)[scope]
    return float(INDICATORS[found["id"]].estimate(View(recorded, scope))[0][groups.index(group)])


def facts_of_the_scenario() -> FactTree:
    """Return the facts of the scenario in which they are moved."""
    return load_scenario(SCENARIO, SETTING).facts


def main(patterns: list[str]) -> int:
    """Print what each fact moves; return 1 if one does not."""
    facts, declared = facts_of_the_scenario(), declarations()
    chosen = [path for path in facts if not patterns or any(fnmatch.fnmatchcase(path, p) for p in patterns)]
    dead = 0
    print("fact | variable | declared | at low | at high | difference | standard error | verdict")  # noqa: T201
    for path in chosen:
        line, alive = _line(path, facts[path], declared_for(path, declared))
        dead += not alive
        print(line, flush=True)  # noqa: T201
    print(f"{len(chosen)} facts, {dead} of them not as declared")  # noqa: T201
    return 1 if dead else 0


def _line(path: str, fact: Fact, declaration: Declaration | None) -> tuple[str, bool]:
    if declaration is None:
        return f"{path} | | | | | | | nothing declared", False
    if declaration.described:
        return f"{path} | | | | | | | read by no rule: {declaration.described}", True
    if ends(fact) is None:
        return f"{path} | {declaration.moves} | | | | | | no range to move over", True
    seen = moved(declaration, fact)
    numbers = " | ".join(f"{value:.6g}" for value in (seen.low, seen.high, seen.difference, seen.error))
    verdict = "moves" if seen.alive else "DOES NOT MOVE AS DECLARED"
    if seen.alive and declaration.parts:
        verdict = "pairs part"
    return f"{path} | {declaration.moves} | {declaration.direction} | {numbers} | {verdict}", seen.alive


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
