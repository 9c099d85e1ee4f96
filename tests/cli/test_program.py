"""The program itself: help, version, start-up, and how errors leave it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sim
from sim.cli import app
from sim.errors import (
    EXIT_AUDIT_FAILED,
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_USER_ERROR,
    AuditError,
    DataError,
)

from .conftest import BASELINE, ROOT, Call

HEAVY = ("numpy", "numba", "scipy", "mesa", "pandas", "pyarrow", "pydantic", "ruamel.yaml", "matplotlib")
ENGINE = ("numba", "mesa", "simpy", "scipy")
HELP_SECONDS = 0.5
SCENARIOS = ROOT / "scenarios"
VOUCHER = str(SCENARIOS / "elder_voucher.yaml")
COMMANDS = tuple(str(command.name) for command in app.registered_commands)


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def processor_seconds(*arguments: str) -> float:
    """The least processor time of a few calls, which other programs on the machine hardly change."""

    def once() -> float:
        before = os.times()
        assert process("-m", "sim", *arguments).returncode == 0
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    return min(once() for _ in range(3))


@pytest.mark.smoke
def test_help_answers_within_half_a_second() -> None:
    assert processor_seconds("--help") < HELP_SECONDS


def test_help_imports_no_heavy_library() -> None:
    script = f"import sys, sim.cli; print([name for name in {HEAVY} if name in sys.modules])"
    assert process("-c", script).stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["validate", "explain"])
def test_questions_about_a_scenario_are_answered_at_once(command: str) -> None:
    assert processor_seconds(command, BASELINE) < 1


@pytest.mark.parametrize("command", ["validate", "explain", "list", "schema"])
def test_questions_about_scenarios_import_nothing_that_simulates(command: str) -> None:
    words = {"validate": [VOUCHER], "explain": [VOUCHER, "policies"], "list": ["--folder", str(SCENARIOS)]}
    script = (
        "import sys\nfrom sim.cli import app\n"
        f"app({[command, *words.get(command, [])]!r}, standalone_mode=False)\n"
        f"print([name for name in {ENGINE} if name in sys.modules])"
    )
    done = process("-c", script)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_that_fit_80_columns(command: str, call: Call) -> None:
    result = call(command, "--help")
    assert result.status == 0
    assert "Examples" in result.out
    assert f"jiazheng {command}" in result.out
    assert max(map(len, result.out.splitlines())) <= 80


def test_the_version_is_that_of_the_package(call: Call) -> None:
    assert call("--version").out == f"jiazheng {sim.__version__}\n"


def test_without_a_command_the_help_is_shown(call: Call) -> None:
    assert "validate" in call().out + call().err


@pytest.mark.parametrize("arguments", [("vaildate",), ("validate",), ("validate", BASELINE, "--colour")])
def test_a_wrong_call_is_explained_with_status_2(arguments: tuple[str, ...], call: Call) -> None:
    result = call(*arguments)
    assert result.status == EXIT_USER_ERROR
    assert result.err and not result.out
    assert "Traceback" not in result.err


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make reading a scenario fail in some way."""

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("sim.scenario.load_scenario", fail)


@pytest.mark.parametrize(
    ("error", "status"),
    [(DataError("a table is wrong"), EXIT_USER_ERROR), (AuditError("books do not close"), EXIT_AUDIT_FAILED)],
)
def test_an_error_of_ours_is_its_message_and_its_status(
    error: Exception, status: int, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, error)
    result = call("explain", BASELINE)
    assert (result.status, result.err, result.out) == (status, f"{error}\n", "")


def test_an_unexpected_error_says_where_its_traceback_is(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("by zero"))
    result = call("--quiet", "explain", BASELINE)
    assert result.status == EXIT_FAILURE
    assert "ZeroDivisionError: by zero" in result.err
    saved = Path(result.err.split("The traceback is in ")[1].split(";")[0])
    text = saved.read_text(encoding="utf-8")
    saved.unlink()
    assert "Traceback" in text and "def fail" not in result.err
    assert list(Path.cwd().iterdir()) == []


def test_debug_shows_the_traceback(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("by zero"))
    result = CliRunner().invoke(app, ["--debug", "explain", BASELINE])
    assert isinstance(result.exception, ZeroDivisionError)


def test_an_interruption_has_its_own_status(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    result = call("explain", BASELINE)
    assert result.status == EXIT_INTERRUPTED
    assert "interrupted" in result.err


def test_the_module_is_the_command() -> None:
    assert process("-m", "sim", "--version").stdout == f"jiazheng {sim.__version__}\n"


def test_a_locale_without_chinese_shows_question_marks_and_does_not_fail() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "sim", "list", "--lang", "zh", "--folder", "."],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert result.returncode == 0
    assert b"?" in result.stdout and b"beijing" in result.stdout


def test_a_closed_pipe_is_no_crash() -> None:
    command = f'"{sys.executable}" -m sim schema | head -c 10'
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, shell=True, capture_output=True, encoding="utf-8", env=env, check=False)
    assert "Traceback" not in result.stderr
    assert "error of the program" not in result.stderr
