"""The summary of a sweep: means and paired differences by point."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.experiments.execute import execute
from sim.experiments.outcome import Failure, Outcome
from sim.experiments.plan import Plan, Run, run_identity, write_plan
from sim.experiments.statistics import mean_interval
from sim.experiments.summary import FILE, Line, summarise
from tests.experiments.studies import FakeEngine

ABOUT = {"uncertainties": ["nature"]}


def planned(replications: int = 4) -> Plan:
    runs = [
        Run(
            run_identity("r", {}, {"s": share, "n": nature, "k": number}),
            {"share": share, "nature": nature},
            number,
            {},
        )
        for share in (0.0, 0.5)
        for nature in (1.0, 2.0)
        for number in range(replications)
    ]
    return Plan("tests.experiments.jobs:square", tuple(runs), {}, ABOUT)


def outcome(run: Run) -> Outcome:
    share, nature = float(run.point["share"] or 0), float(run.point["nature"] or 0)
    common = [0.3, -0.2, 0.9, -0.4][run.replication]
    if share and nature == 2.0 and run.replication == 3:
        return Outcome(run.identity, failure=Failure("simulate", "ValueError", "no market"))
    values = {"fill_rate": 10.0 * nature + share * nature + common, "mine": None if nature == 2.0 else 7.0}
    return Outcome(run.identity, values, "d")


@pytest.fixture
def lines(tmp_path: Path) -> list[Line]:
    write_plan(tmp_path, planned())
    execute(tmp_path, FakeEngine(outcome))
    return summarise(tmp_path)


def test_differences_are_paired_and_within_the_same_nature(lines: list[Line]) -> None:
    found = {line.place: line for line in lines if line.outcome == "fill_rate"}
    assert found[0.0, 1.0].difference is None
    difference = found[0.5, 1.0].difference
    assert difference is not None
    # What both worlds have in common is gone: 0.5 in each replication.
    assert (difference.estimate, difference.half_width) == pytest.approx((0.5, 0.0), abs=1e-12)
    other = found[0.5, 2.0]
    assert other.replications == 3
    assert other.difference is not None
    assert other.difference.estimate == pytest.approx(1.0)
    assert found[0.0, 1.0].interval == mean_interval([10.3, 9.8, 10.9, 9.6])
    assert found[0.0, 1.0].unit == "share"


def test_what_was_not_observed_has_no_row(lines: list[Line]) -> None:
    assert [line.place for line in lines if line.outcome == "mine"] == [(0.0, 1.0), (0.5, 1.0)]


def test_the_file_has_what_was_returned(lines: list[Line], tmp_path: Path) -> None:
    with (tmp_path / "collected" / FILE).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(lines)
    assert [float(row["mean"]) for row in rows] == [line.mean for line in lines]
    assert rows[0]["share"] == "0.0" and rows[0]["difference"] == ""


def test_one_run_has_a_mean_and_no_interval(tmp_path: Path) -> None:
    write_plan(tmp_path, planned(1))
    execute(tmp_path, FakeEngine(outcome))
    first = summarise(tmp_path)[0]
    assert (first.mean, first.interval, first.difference) == (10.3, None, None)
