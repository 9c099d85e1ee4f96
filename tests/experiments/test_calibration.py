"""History matching: the truth is kept, the space shrinks, the impossible is said, interruptions change nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import UserError
from sim.experiments.calibration.calibrate import problem_of
from sim.experiments.calibration.calibration_file import Parameter, Waves, read_calibration_file
from sim.experiments.calibration.emulator import _likelihood, _squares, fit
from sim.experiments.calibration.history import Matched, Problem, match
from sim.experiments.calibration.sets import SETS, write_sets
from sim.experiments.calibration.targets import Target, read_targets
from sim.experiments.engines.engine import Stop, Work
from sim.experiments.errors import StudyError
from sim.experiments.outcome import Outcome
from sim.experiments.plan import Run, read_plan, run_identity
from sim.experiments.statistics.draws import normals
from sim.experiments.store import read_store

ROOT = Path(__file__).resolve().parents[2]
TRUTH = {"a": 0.7, "b": 3.0, "idle": 0.5}
PARAMETERS = [Parameter("a", 0.0, 1.0), Parameter("b", 0.0, 10.0), Parameter("idle", 0.0, 1.0)]
NOISE = 0.02
REPLICATIONS = 3


def curve(point: Mapping[str, Any]) -> dict[str, float]:
    """A simulator with a known answer: two bent functions of two parameters; the third moves nothing."""
    a, b = point["a"], point["b"] / 10.0
    return {"fill_rate": a * a + 0.5 * b, "utilisation": float(np.sin(2.0 * b)) - 0.4 * a}


class Cheap:
    """Runs of the curve."""

    task = "tests.experiments.test_calibration:curve"

    def runs(self, point: Mapping[str, float], wave: int) -> Iterator[Run]:
        for number in range(REPLICATIONS):
            payload = {"point": dict(point), "number": number}
            yield Run(run_identity(self.task, {}, payload), {"wave": wave, **point}, number, payload)


class Engine:
    """Makes runs of the curve in this process; stops after so many, as Ctrl-C would."""

    def __init__(self, most: int = 10_000) -> None:
        self.most = most
        self.made = 0

    def outcomes(self, work: Work, stop: Stop) -> Generator[Outcome]:
        for run in work.runs:
            if self.made >= self.most:
                raise KeyboardInterrupt
            self.made += 1
            number = run.payload["number"]
            shift = NOISE * normals(number, repr(sorted(run.payload["point"].items())), 1, 2)[0]
            values = zip(curve(run.payload["point"]).items(), shift.tolist(), strict=True)
            yield Outcome(run.identity, {name: value + noise for (name, value), noise in values}, "d")


def target(name: str, published: float) -> Target:
    return Target(
        value=name, published=published, sd=0.02, discrepancy_sd=0.01, grade="A", fact=name, source="planted"
    )


def problem(seed: int = 1, **published: float) -> Problem:
    figures = {**curve(TRUTH), **published}
    targets = {name: target(name, value) for name, value in figures.items()}
    waves = Waves(first=30, points=20, most=3, seed=seed)
    shared = {"outcomes": list(figures), "targets_sha256": "0" * 64}
    return Problem(
        Cheap(), PARAMETERS, targets, waves, REPLICATIONS, 1000, 1000, shared, {"kind": "calibration"}
    )


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Matched]:
    folder = tmp_path_factory.mktemp("straight")
    return folder, match(folder, Engine(), problem())


def test_the_truth_is_kept_and_the_space_shrinks(straight: tuple[Path, Matched]) -> None:
    """With sd 3 for each of two figures in three waves, a sound cut loses the truth in fewer than 2% of fits."""
    _, found = straight
    truth = np.array([[one.unit(TRUTH[one.key]) for one in PARAMETERS]])
    assert all(cut.plausible(truth)[0] for cut in found.cuts)
    left = found.pool.left
    assert all(after <= before for before, after in pairwise(left))
    assert left[-1] < 0.12
    assert found.accepted.sum() >= 10


def test_a_parameter_that_moves_nothing_stays_at_its_prior(straight: tuple[Path, Matched]) -> None:
    folder, found = straight
    said = write_sets(folder, found, problem())
    stays = {key: one["stays_at_prior"] for key, one in said["parameters"].items()}
    assert stays == {"a": False, "b": False, "idle": True}
    assert said["worth_sets"] >= 5.0
    rows = (folder / SETS).read_text(encoding="utf-8").splitlines()
    assert rows[0] == "weight,a,b,idle"
    assert len(rows) == 1 + said["sets"]
    assert sum(float(row.split(",")[0]) for row in rows[1:]) == pytest.approx(1.0)


def test_an_interrupted_calibration_ends_as_one_that_was_not(
    tmp_path: Path, straight: tuple[Path, Matched]
) -> None:
    for most in (40, 75):  # in the first wave, and in the second
        with pytest.raises(KeyboardInterrupt):
            match(tmp_path, Engine(most), problem())
    again = match(tmp_path, Engine(), problem())
    folder, found = straight
    assert read_plan(tmp_path) == read_plan(folder)
    assert len(read_store(tmp_path).entries) == len(read_plan(folder).runs)
    assert np.array_equal(again.implausibility, found.implausibility)
    idle = Engine(0)
    match(tmp_path, idle, problem())
    assert idle.made == 0


def test_a_figure_out_of_reach_empties_the_space_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"nothing within the ranges comes near to fill_rate \("):
        match(tmp_path, Engine(), problem(fill_rate=4.0))


def test_another_split_is_refused(tmp_path: Path, straight: tuple[Path, Matched]) -> None:
    with pytest.raises(StudyError, match="is not the one of the first wave"):
        other = replace(problem(), shared={"outcomes": [], "targets_sha256": "1" * 64})
        match(straight[0], Engine(), other)


def test_the_gradient_of_the_likelihood_is_that_of_its_differences() -> None:
    points = (normals(1, "points", 12, 2) % 1.0 + 1.0) % 1.0
    values = points[:, 0] ** 2 + points[:, 1]
    at = np.log([0.7, 0.4, 0.1, 0.8, 1.3])
    _, gradient = _likelihood(at, points, _squares(points), values)
    for position, step in enumerate(1e-6 * np.eye(5)):
        high, low = (_likelihood(at + s, points, _squares(points), values)[0] for s in (step, -step))
        assert (high - low) / 2e-6 == pytest.approx(gradient[position], rel=1e-4, abs=1e-6)


def test_an_emulator_foretells_what_it_has_not_seen() -> None:
    points = (normals(2, "points", 80, 2) % 1.0 + 1.0) % 1.0
    values = np.sin(3.0 * points[:, 0]) + points[:, 1] ** 2
    emulator = fit(points[:40], values[:40])
    mean, variance = emulator.predict(points[40:])
    assert emulator.r2 > 0.95
    # 40 values, each farther off than 4 sd in fewer than 1 of 10,000 cases.
    assert (np.abs(mean - values[40:]) < 4.0 * np.sqrt(variance) + 1e-3).all()


FIGURE = "{value: fill_rate, published: 0.9, sd: 0.1, discrepancy_sd: 0.0, grade: A, fact: F1, source: s}"
BROKEN = {
    "indicator": ("fill_rate", "fill_rat", "did you mean fill_rate?"),
    "scope": ("value: fill_rate", "value: fill_rate/nobody/x", "is no indicator/scope/group"),
    "no spread": ("sd: 0.1, ", "", "needs its sd, or both low and high"),
    "ends": ("sd: 0.1", "low: 0.95, high: 0.99", "must lie between low and high"),
    "unknown key": ("grade", "grad", "did you mean grade?"),
}


@pytest.mark.parametrize(("old", "new", "words"), BROKEN.values(), ids=BROKEN)
def test_a_fault_of_a_figure_is_told_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(f"schema_version: 1\ntargets:\n  one: {FIGURE.replace(old, new, 1)}\n", encoding="utf-8")
    with pytest.raises(UserError) as told:
        read_targets(file)
    assert f"{file}:3: " in str(told.value)
    assert words in str(told.value)


def test_a_test_may_not_be_a_fitted_figure(tmp_path: Path) -> None:
    file = tmp_path / "targets.yaml"
    text = f"schema_version: 1\ntargets: {{one: {FIGURE}}}\ntests: {{two: {FIGURE.replace('F1', 'F2')}}}\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="a figure stands in one part"):
        read_targets(file)


def test_a_fit_without_a_target_is_refused(tmp_path: Path) -> None:
    (file,) = (ROOT / "scenarios" / "calibration").glob("[!t]*.yaml")
    (tmp_path / "figures.yaml").write_text(f"schema_version: 1\ntests: {{one: {FIGURE}}}\n", encoding="utf-8")
    text = file.read_text(encoding="utf-8").replace("../baseline", str(ROOT / "scenarios" / "baseline"))
    text = text.replace("targets: targets-beijing.yaml", "targets: figures.yaml")
    (tmp_path / "fit.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match="nothing to fit"):
        problem_of(tmp_path / "fit.yaml")


def test_what_is_fitted_is_an_indicator_of_the_whole_run(tmp_path: Path) -> None:
    file = tmp_path / "targets.yaml"
    window = FIGURE.replace("fill_rate", "fill_rate@-14..-1")
    file.write_text(f"schema_version: 1\ntargets: {{one: {window}}}\n", encoding="utf-8")
    with pytest.raises(UserError, match="must be an indicator of the whole run"):
        read_targets(file)


def test_the_packaged_calibration_is_sound() -> None:
    (file,) = (ROOT / "scenarios" / "calibration").glob("[!t]*.yaml")
    found = problem_of(file)
    assert len(found.parameters) >= 6
    assert all(one.low < one.high for one in found.parameters)


def test_a_pinned_split_that_has_changed_is_refused(tmp_path: Path) -> None:
    (file,) = (ROOT / "scenarios" / "calibration").glob("[!t]*.yaml")
    text = file.read_text(encoding="utf-8").replace("../baseline", str(ROOT / "scenarios" / "baseline"))
    name = file.parent / read_calibration_file(file).targets
    text = text.replace(f"targets: {name.name}", f"targets: {name.as_posix()}\ntargets_sha256: {'a' * 64}")
    (tmp_path / "pinned.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match="pins the split"):
        problem_of(tmp_path / "pinned.yaml")
