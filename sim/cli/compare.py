"""``jiazheng compare``: what a policy changes, replication by replication, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Days, Lang, Overrides, Quiet, Scale, Seed, face_of, overrides_of
from sim.cli.precision import target_of, tell_looks
from sim.cli.study_progress import stoppable, study_progress
from sim.errors import UserError

if TYPE_CHECKING:
    from sim.cli.face import Face
    from sim.experiments.compared import Compared
    from sim.experiments.comparison import Comparison
    from sim.experiments.sequential import PrecisionTarget

Files = Annotated[
    list[Path],
    typer.Argument(metavar="A B [C ...]", help="Scenario files, the baseline first.", show_default=False),
]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications", "-n", min=2, help="Pairs of runs, each pair with its own seed; 10 if not given."
    ),
]
Precision = Annotated[
    list[str] | None,
    typer.Option(
        "--precision",
        metavar="OUTCOME=REACH",
        help="In place of a number: so many that this outcome's 95% interval reaches no farther than that "
        "(fill_rate=0.5%); may be repeated.",
    ),
]
Budget = Annotated[
    int | None, typer.Option("--budget", help="Most replications with --precision; 100 if not given.")
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes; as many as there are processors if not given."),
]
Timeout = Annotated[float | None, typer.Option("--timeout", help="Seconds that a replication may take.")]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Make replications again that have failed.")
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder that gets the comparison's folder.")]
NoBranch = Annotated[
    bool,
    typer.Option("--no-branch", help="Simulate each world from its start, also where the past is common."),
]
All = Annotated[bool, typer.Option("--all", help="All indicators of the region, not only the main ones.")]
By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="SCOPE",
        help="Also a table by district, service, income_fifth, firm_form, trade or origin; may be repeated.",
    ),
]
Details = Annotated[
    bool,
    typer.Option(
        "--details", help="Also the policy's values, an interval for each alone, and what pairing saves."
    ),
]


def compare(  # noqa: PLR0913, PLR0917  an option each
    context: typer.Context,
    files: Files,
    replications: Replications = None,
    precision: Precision = None,
    budget: Budget = None,
    seed: Seed = None,
    scale: Scale = None,
    days: Days = None,
    override: Overrides = None,
    workers: Workers = None,
    timeout: Timeout = None,
    retry_failed: RetryFailed = False,
    out: Out = Path("results"),
    no_branch: NoBranch = False,
    by: By = None,
    details: Details = False,
    show_all: All = False,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    r"""Compare scenarios with a baseline: differences, 95% intervals and a verdict for each outcome.

    Each replication runs all scenarios with one seed, so that they differ by
    the policy and not by chance. Replications that are recorded are not made
    again: give a higher number to add some, or the same command to go on.

    [bold]Examples[/bold]

      jiazheng compare scenarios/baseline.yaml scenarios/elder_voucher.yaml
      jiazheng compare scenarios/baseline.yaml scenarios/elder_voucher.yaml -n 20
      jiazheng compare scenarios/baseline.yaml scenarios/elder_voucher.yaml \
        --precision treated_visits=0.05 --budget 200
      jiazheng compare scenarios/baseline.yaml scenarios/elder_voucher.yaml \
        --by district --by income_fifth --details
    """
    from sim.cli.comparison_table import Wanted, show_comparison
    from sim.experiments.compared import record
    from sim.experiments.comparison import FEW_REPLICATIONS, Comparison, Source

    face = face_of(context, lang, quiet, as_json)
    scopes = _scopes(by or ())
    settings = tuple(overrides_of(override, seed, scale, days))
    target = _target(replications, precision or (), budget)
    sources = tuple(Source.of(file, settings) for file in files)
    comparison = Comparison(sources, replications or FEW_REPLICATIONS, target, branch=not no_branch)
    found = _made(face, comparison, out, workers, timeout, retry_failed=retry_failed)
    if face.as_json:
        face.json(record(found))
        return
    show_comparison(face, found, Wanted(comparison.scenarios[0].settings.region, scopes, details, show_all))


def _made(
    face: Face,
    comparison: Comparison,
    out: Path,
    workers: int | None,
    timeout_s: float | None,
    *,
    retry_failed: bool,
) -> Compared:
    """Warn, make what is missing of a comparison, and return what it shows."""
    from sim.experiments.comparison import compare as make
    from sim.experiments.engines.local import LocalEngine
    from sim.experiments.memory import check_memory
    from sim.experiments.sequential import replications_in
    from sim.records.space import space_warnings

    scenarios = comparison.scenarios
    warnings = [*space_warnings(scenarios[0]), *(one for scenario in scenarios for one in scenario.warnings)]
    face.faults(dict.fromkeys(warnings), "warning")
    engine = LocalEngine(workers, timeout_s)
    folder = out / comparison.folder_name
    check_memory(scenarios, engine, comparison.most_replications - replications_in(folder))
    progress, heard = study_progress(face, "comparison_progress"), tell_looks(face)
    with stoppable(face, face.command):
        return make(comparison, folder, engine, progress, heard, retry_failed=retry_failed)


def _scopes(asked: Sequence[str]) -> tuple[str, ...]:
    """Return by what the region is to be divided, each once."""
    from sim.experiments.replication import SCOPES
    from sim.records.flows import CITY
    from sim.records.refusal import refusal
    from sim.scenario.faults import listed, near

    allowed = [scope for scope in SCOPES if scope != CITY]
    for scope in asked:
        if scope not in allowed:
            hints = {"near": near(scope, allowed), "allowed": listed(allowed)}
            raise refusal(UserError, "compare_scope", "--by", found=scope, **hints)
    return tuple(dict.fromkeys(asked))


def _target(replications: int | None, precision: Sequence[str], budget: int | None) -> PrecisionTarget | None:
    """Return how precise the differences shall be, if that is asked for."""
    from sim.experiments.comparison import BUDGET
    from sim.records.refusal import refusal

    if precision and replications is None:
        return target_of(precision, BUDGET if budget is None else budget)
    if precision:
        raise refusal(UserError, "precision_or_number", "--precision")
    if budget is not None:
        raise refusal(UserError, "budget_of_nothing", "--budget")
    return None
