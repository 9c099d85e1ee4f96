"""Collected tables: their columns, types and rows, the same whoever made the runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.errors import OutputError
from sim.experiments import collect as module
from sim.experiments.collect import arrow_type, collect
from sim.experiments.engines.local import LocalEngine
from sim.experiments.engines.serial import SerialEngine
from sim.experiments.execute import execute
from sim.experiments.layout import COLLECTED
from sim.experiments.plan import Plan, Run, run_identity, write_plan
from tests.experiments.studies import FakeEngine, squares, study
from tests.experiments.test_execute import given

TASK = "tests.experiments.jobs:troubled"
POINTS: list[dict[str, Any]] = [
    {"depth": 0, "rule": "nearest", "on": True, "mixed": 1},
    {"depth": 0.5, "rule": None, "on": False, "mixed": "一"},
    {"depth": 1, "rule": "batch", "on": None, "mixed": None},
]


def planned(folder: Path, replications: int = 2) -> None:
    runs = []
    for number, point in enumerate(POINTS):
        for replication in range(replications):
            payload = {"x": 10 * number + replication, **({"trouble": "raise"} if number == 1 else {})}
            runs.append(Run(run_identity(TASK, {}, payload), point, replication, payload))
    write_plan(folder, Plan(TASK, tuple(runs), {}, {"name": "一项研究"}))


def read(folder: Path, table: str) -> pd.DataFrame:
    return pd.read_parquet(folder / COLLECTED / f"{table}.parquet")


def test_the_tables_of_a_study(tmp_path: Path) -> None:
    planned(tmp_path)
    execute(tmp_path, SerialEngine())
    found = collect(tmp_path)
    assert (found.done, found.failed, found.missing) == (4, 2, 0)
    outcomes = read(tmp_path, "outcomes")
    assert list(outcomes) == ["identity", "depth", "rule", "on", "mixed", "replication", "outcome", "value"]
    square = outcomes[outcomes.outcome == "square"]
    assert square.value.tolist() == [0.0, 1.0, 400.0, 441.0]
    assert square.depth.tolist() == [0.0, 0.0, 1.0, 1.0]
    assert square.replication.tolist() == [0, 1, 0, 1]
    assert outcomes[outcomes.outcome == "none"].value.isna().all()
    failures = read(tmp_path, "failures")
    assert failures.type.tolist() == ["ValueError"] * 2
    assert failures.stage.tolist() == ["simulate"] * 2
    assert failures.mixed.tolist() == ["一"] * 2
    runs = read(tmp_path, "runs")
    assert runs.status.tolist() == ["ok", "ok", "failed", "failed", "ok", "ok"]
    assert (runs.wall_s >= 0).all()


def test_the_schema_is_as_documented(tmp_path: Path) -> None:
    planned(tmp_path)
    execute(tmp_path, SerialEngine())
    collect(tmp_path)
    place = {"identity": "string", "depth": "double", "rule": "string", "on": "bool", "mixed": "string"}
    place["replication"] = "int32"
    for table in module.TABLES:
        schema = pq.read_schema(tmp_path / COLLECTED / f"{table.name}.parquet")
        kinds = {field.name: str(field.type) for field in schema}
        assert kinds == {**place, **dict(table.columns)}
        assert schema.metadata[b"study"].decode() == '{"name": "一项研究"}'


@pytest.mark.parametrize("at_once", [1, 4, 4096])
def test_tables_are_the_same_whoever_made_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(module, "RUNS_AT_ONCE", at_once)
    for folder, engine in (("serial", SerialEngine()), ("local", LocalEngine(2))):
        planned(tmp_path / folder, 4)
        execute(tmp_path / folder, engine)
        collect(tmp_path / folder)
    for table in ("outcomes", "failures"):
        serial, local = (read(tmp_path / folder, table) for folder in ("serial", "local"))
        if table == "failures":
            serial, local = (frame.drop(columns="traceback") for frame in (serial, local))
        pd.testing.assert_frame_equal(serial, local)


def test_missing_runs_stand_in_the_table_of_runs(tmp_path: Path) -> None:
    planned(tmp_path)
    found = collect(tmp_path)
    assert (found.done, found.failed, found.missing) == (0, 0, 6)
    assert read(tmp_path, "runs").status.tolist() == ["missing"] * 6
    assert len(read(tmp_path, "outcomes")) == len(read(tmp_path, "failures")) == 0


def test_an_empty_plan_gives_empty_tables(tmp_path: Path) -> None:
    write_plan(tmp_path, Plan(TASK, ()))
    collect(tmp_path)
    assert list(read(tmp_path, "outcomes")) == ["identity", "replication", "outcome", "value"]


def test_unplanned_records_are_left_out(tmp_path: Path) -> None:
    study(tmp_path, "square", squares(3))
    execute(tmp_path, FakeEngine(given))
    made = study(tmp_path / "other", "square", squares(2))
    write_plan(tmp_path, made, replace=True)
    assert collect(tmp_path).done == 2
    assert len(read(tmp_path, "outcomes")) == 2


def test_a_table_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(tmp_path)
    collect(tmp_path)
    execute(tmp_path, SerialEngine())
    before = {path.name: path.read_bytes() for path in (tmp_path / COLLECTED).iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(OutputError, match="No space left"):
            collect(tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / COLLECTED).iterdir()} == before


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "int64"),
        ([1, 2.5], "double"),
        ([True, None], "bool"),
        ([True, 1], "string"),
        (["a", 1], "string"),
        ([None], "string"),
        ([], "string"),
        ([2**70], "double"),
    ],
)
def test_the_type_of_a_column(values: list[Any], kind: str) -> None:
    assert arrow_type(values) == kind


def test_integers_that_no_double_holds_exactly_are_taken(tmp_path: Path) -> None:
    large = 2**60 + 1
    payload = {"x": 2**40}
    runs = [
        Run(run_identity(TASK, {}, payload), {"seed": large, "half": 0.5}, 0, payload),
        Run("f" * 32, {"seed": 1, "half": large}, 0, {"x": 1}),
    ]
    write_plan(tmp_path, Plan(TASK, tuple(runs)))
    execute(tmp_path, SerialEngine())
    assert collect(tmp_path).done == 2
    outcomes = read(tmp_path, "outcomes")
    assert outcomes.seed.tolist() == [large] * 3 + [1] * 3
    assert outcomes.half.tolist() == [0.5] * 3 + [float(large)] * 3
    assert outcomes.value.tolist()[0] == 2.0**80
