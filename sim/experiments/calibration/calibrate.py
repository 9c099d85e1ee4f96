"""From a calibration file to parameter sets that the published figures do not rule out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sim
from sim.experiments.calibration.calibration_file import parameters_of, read_calibration_file
from sim.experiments.calibration.history import Heard, Problem, match, unheard
from sim.experiments.calibration.sets import write_sets
from sim.experiments.calibration.study import Market, absolute
from sim.experiments.calibration.targets import digest_of_file, read_targets
from sim.experiments.engines.engine import Engine
from sim.experiments.errors import StudyError
from sim.experiments.progress import Progress, unseen
from sim.experiments.replication import load_all
from sim.records.refusal import refusal


def problem_of(file: Path) -> Problem:
    """Return what a calibration file asks for.

    Raises:
        StudyError: The file or the targets file has faults, or the split is not the one that the file pins.
        ScenarioError: The base has faults.
    """
    content = read_calibration_file(file)
    figures = Path(absolute(content.targets, file))
    targets = read_targets(figures)
    if not targets.targets:
        raise refusal(StudyError, "calibration_no_targets", figures)
    digest = digest_of_file(figures)
    if content.targets_sha256 not in {None, digest}:
        pinned = content.targets_sha256
        raise refusal(StudyError, "calibration_split_pinned", figures, pinned=pinned, found=digest)
    base = absolute(content.base, file)
    (scenario,) = load_all([{"file": base, "overrides": list(content.overrides)}])
    about = {"kind": "calibration", "name": content.name.model_dump(), "version": sim.__version__}
    return Problem(
        Market(base, content.overrides, targets.fitted_outcomes, content.replications),
        parameters_of(content, scenario, file),
        targets.targets,
        content.waves,
        content.replications,
        content.sets,
        content.budget_runs,
        {"outcomes": list(targets.fitted_outcomes), "targets_sha256": digest},
        {**about, "region": scenario.settings.region, "scale": scenario.settings.scale},
    )


def calibrate(
    file: Path, folder: Path, engine: Engine, *, progress: Progress = unseen, heard: Heard = unheard
) -> dict[str, Any]:
    """Make what is missing of a calibration, write its sets and return its diagnostics.

    Raises:
        StudyError, ScenarioError: As :func:`problem_of` and :func:`~sim.experiments.calibration.history.match`.
        StudyStopped: The user interrupted; what has ended is recorded.
    """
    problem = problem_of(file)
    return write_sets(folder, match(folder, engine, problem, progress=progress, heard=heard), problem)
