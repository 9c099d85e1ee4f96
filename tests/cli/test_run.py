"""The command `run`: with a made-up model for what it says, with the real one for what only a process can show."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from sim.cli import app
from sim.cli.shown import shown
from sim.errors import Fault
from sim.records.indicators import INDICATORS
from sim.records.read import Results
from sim.records.recorder import ALL_TABLES
from sim.scenario import Scenario
from sim.sink import EventSink
from tests.cli.processes import QUEUE, ROOT, finish
from tests.records.history import FakeModel

Call = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "queue.yaml").write_text(QUEUE.format(days=50), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command in this process, with the made-up model."""
    monkeypatch.setattr("sim.records.run._market", lambda: FakeModel)
    return lambda *words: CliRunner().invoke(app, ["run", "queue.yaml", *words])


def test_a_run_ends_with_a_table_that_fits_and_the_place(call: Call, folder: Path) -> None:
    result = call()
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "A queue",
        "textbook queue, seed 1",
        "2026-01-20 to 2026-03-10: 50 days, of which 45 are measured (2 by month)",
    ]
    assert lines[3].split() == ["indicator", "value", "95%", "unit", "n"]
    place = re.search(r"^Results: (\S+)$", result.stdout, re.MULTILINE)
    assert place is not None
    assert Results(folder / place[1]).manifest.seed == 1
    n = Results(folder / place[1]).manifest.observations["fill_rate"]
    assert re.search(
        rf"^Fill rate of orders that ended +[\d.]+ +± [\d.]+ +% +{n:.0f}$", result.stdout, re.MULTILINE
    )
    assert "Setting up" in result.stderr
    assert "Setting up" not in result.stdout


def test_the_table_is_chinese_on_request(call: Call) -> None:
    result = call("--lang", "zh")
    assert "已结束订单的满足率" in result.stdout
    assert "结果：results" in result.stdout
    assert "正在构建世界" in result.stderr


def test_quiet_says_nothing_on_stderr(call: Call) -> None:
    result = call("--quiet")
    assert result.stderr == ""
    assert "Fill rate" in result.stdout


def test_json_is_one_object(call: Call) -> None:
    said = json.loads(call("--json").stdout)
    assert set(said["indicators"]) == set(INDICATORS)
    assert said["indicators"]["fill_rate"]["unit"] == "share"
    assert said["indicators"]["fill_rate"]["n"] > 100
    assert 0.0 < said["indicators"]["wait"]["half_width"] < said["indicators"]["wait"]["value"]
    assert said["warnings"] == []
    assert said["simulated_now"] is True
    assert Path(said["results"]).is_dir()
    again = json.loads(call("--json").stdout)
    assert again["simulated_now"] is False
    assert again["digests"] == said["digests"]


def test_results_that_are_there_are_shown_and_not_made_again(call: Call) -> None:
    first, again, forced = call(), call(), call("--force")
    assert "are there already" in again.stderr
    assert first.stdout == again.stdout == forced.stdout
    assert "Simulating" not in again.stderr
    assert "Simulating" in forced.stderr


def test_warnings_are_said_before_the_run_and_again_at_its_end(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noting(scenario: Scenario, sink: EventSink) -> FakeModel:
        model = FakeModel(scenario, sink)
        model.world.notes.append("fewer firms than forms")
        return model

    monkeypatch.setattr("sim.records.run._market", lambda: noting)
    wide = Fault("the radius is too wide", "queue.yaml", 3, "scale")
    monkeypatch.setattr("sim.records.run.space_warnings", lambda scenario: [wide])
    first = call()
    lines = first.stderr.splitlines()
    assert lines.index("warning: queue.yaml:3: scale: the radius is too wide") < lines.index("Setting up ...")
    assert lines[-2:] == [
        "warning: fewer firms than forms",
        "warnings: 2 (said above, and kept in manifest.json)",
    ]
    again = call()
    assert "warning: fewer firms than forms" in again.stderr
    assert call("--quiet").stderr == ""


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_simulated(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("sim.records.results.tempfile.TemporaryDirectory", refuse)
    for words in (["--out", "locked"], ["--until", "2026-02-01", "--save", "x.run"]):
        result = call(*words)
        assert result.exit_code == 2
        assert "cannot be written (Permission denied)" in result.stderr
        assert "Setting up" not in result.stderr
    assert "locked: cannot be written" in call("--out", "locked").stderr


def test_options_stand_for_keys_and_the_last_word_is_theirs(call: Call, folder: Path) -> None:
    said = json.loads(call("--json", "-o", "seed=9", "--seed", "3", "--out", "deep/er").stdout)
    assert said["results"].startswith(str(Path("deep", "er", "queue-3-")))
    assert Results(folder / said["results"]).manifest.seed == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scale", "2"], "command line --scale: scale: found 2.0; needed: a number, above 0, at most 1"),
        (["--days", "0"], "command line --days: period.days: "),
        (["-o", "seed=1", "--seed", "-1"], "command line --seed: seed: "),
        (["-o", "recording.detail=everything"], "recording.detail"),
        (["--until", "2026-02-01"], "--until DATE and --save FILE go together"),
        (["--save", "x.run"], "--until DATE and --save FILE go together"),
        (["--until", "February", "--save", "x.run"], "February is no date; write YYYY-MM-DD"),
        (["--until", "2026-01-20", "--save", "x.run"], "choose a date after 2026-01-20, up to 2026-03-11"),
        (["--until", "2026-03-12", "--save", "x.run"], "choose a date after 2026-01-20, up to 2026-03-11"),
        (["--until", "2026-02-01", "--save", "queue.yaml"], "queue.yaml: a file that is no saved run"),
        (["--until", "2026-02-01", "--save", "none/x.run"], "there is no folder"),
        (["--resume", "x.run"], "x.run: there is no such saved run"),
        (["--out", "queue.yaml"], "queue.yaml: this is a file, and a folder is needed"),
        (["--out", "queue.yaml/deeper"], "queue.yaml: this is a file, and a folder is needed"),
    ],
)
def test_a_mistake_is_one_message_and_writes_nothing(
    call: Call, folder: Path, words: list[str], said: str
) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert left == [folder / "queue.yaml"]


def test_until_saves_and_says_how_to_go_on(call: Call, folder: Path) -> None:
    straight = json.loads(call("--json").stdout)
    result = call("--seed", "1", "--until", "2026-02-10", "--save", "half.run")
    assert result.exit_code == 0
    assert "saved at 2026-02-10 00:00" in result.stderr
    assert "jiazheng run queue.yaml --seed=1 --resume half.run" in result.stderr
    resumed = json.loads(call("--seed", "1", "--resume", "half.run", "--force", "--json").stdout)
    assert resumed["digests"] == straight["digests"]
    assert resumed["indicators"] == straight["indicators"]


def test_until_answers_in_json_too(call: Call) -> None:
    said = json.loads(call("--until", "2026-02-10", "--save", "half.run", "--json").stdout)
    assert said["saved"] == "half.run"
    assert said["now_min"] == 21 * 1440.0


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "share", ("-", "%")),
        (0.12345, "share", ("12.3", "%")),
        (0.0, "days", ("0", "days")),
        (1234567.8, "workers", ("1,234,568", "workers")),
        (99.94, "min", ("99.9", "min")),
        (1.234, "days", ("1.23", "days")),
        (-12.34, "min", ("-12.3", "min")),
        (0.01234, "index", ("0.0123", "index")),
        (None, "days", ("-", "days")),
        (0.0375, "days", ("54.0", "min")),
    ],
)
def test_numbers_are_shown_as_people_read_them(
    value: float | None, unit: str, expected: tuple[str, str]
) -> None:
    assert shown(value, unit) == expected


# With the real model, in processes of their own.


def test_a_saved_run_goes_on_in_another_process_to_the_same_tables(tmp_path: Path) -> None:
    import pandas as pd

    (tmp_path / "queue.yaml").write_text(QUEUE.format(days=100), encoding="utf-8")
    shorter = ("queue.yaml", "--days", "60")
    straight = finish(tmp_path, *shorter, "--out", "straight")
    finish(tmp_path, *shorter, "--until", "2026-02-13", "--save", "half.run")
    resumed = finish(tmp_path, *shorter, "--resume", "half.run")
    assert resumed["digests"] == straight["digests"]
    first, second = (Results(tmp_path / str(said["results"])) for said in (straight, resumed))
    assert first.manifest.settings["period"]["days"] == 60
    assert first.manifest.monthly_digests == second.manifest.monthly_digests
    for table in ALL_TABLES:
        pd.testing.assert_frame_equal(first.table(table.name), second.table(table.name))


def test_help_answers_at_once() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "sim", "run", "--help"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "--resume" in result.stdout
    loaded = set(re.findall(r"\| +(\S+)$", result.stderr, re.MULTILINE))
    assert loaded.isdisjoint({"numpy", "pandas", "pyarrow", "numba", "mesa", "simpy", "rich.progress"})
