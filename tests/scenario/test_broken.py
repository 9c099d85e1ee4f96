"""The gallery of broken files: each is refused with place, key, what was found, and what is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from sim.cli import app
from sim.errors import EXIT_USER_ERROR
from sim.scenario import examine

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GALLERY = HERE / "broken"
EXPECTED: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(HERE / "expectations.yaml")


def files_below(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def in_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The gallery in a folder of its own, which is the current one."""
    for file, content in files_below(GALLERY).items():
        copy = tmp_path / file.relative_to(GALLERY)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_broken_file_has_its_words_and_the_other_way_round() -> None:
    assert {file.stem for file in GALLERY.glob("*.yaml")} == set(EXPECTED)
    assert len(EXPECTED) >= 35


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_file_is_refused_with_place_key_and_words(name: str, in_copy: Path) -> None:
    before = files_below(in_copy)
    result = CliRunner().invoke(app, ["validate", f"{name}.yaml"])
    assert result.exit_code == EXIT_USER_ERROR
    assert "Traceback" not in result.output
    assert files_below(in_copy) == before
    lines = result.stderr.splitlines()
    assert len(lines) == len(EXPECTED[name]), result.stderr
    for line, expected in zip(lines, EXPECTED[name], strict=True):
        place = ": ".join(str(expected[part]) for part in ("at", "key") if part in expected)
        assert line.startswith(place), line
        for word in expected["words"]:
            assert str(word) in line, line


@pytest.mark.parametrize("name", EXPECTED)
def test_each_fault_is_also_said_in_chinese(name: str, in_copy: Path) -> None:
    for fault in examine(f"{name}.yaml").faults:
        chinese = fault.say("zh")
        assert any("\u4e00" <= character <= "\u9fff" for character in chinese), chinese
        assert fault.say("en") == str(fault) != chinese


def test_the_command_line_speaks_chinese(in_copy: Path) -> None:
    result = CliRunner().invoke(app, ["validate", "scale_zero.yaml", "--lang", "zh"])
    assert "scale_zero.yaml:5: scale: 现为 0；需要：数字, 大于 0, 不大于 1" in result.stderr
    assert "无效" in result.stdout


@pytest.mark.parametrize("command", ["explain", "diff"])
def test_the_other_commands_refuse_a_broken_file_alike(command: str, in_copy: Path) -> None:
    names = ["everything_at_once.yaml"] * (2 if command == "diff" else 1)
    validated = CliRunner().invoke(app, ["validate", names[0]])
    result = CliRunner().invoke(app, [command, *names])
    assert result.exit_code == EXIT_USER_ERROR
    assert result.stderr == validated.stderr
    assert result.stdout == ""


def test_the_faults_of_all_files_come_in_one_pass(in_copy: Path) -> None:
    names = ("unknown_key", "tab", "scale_zero")
    result = CliRunner().invoke(app, ["validate", *(f"{name}.yaml" for name in names)])
    assert result.exit_code == EXIT_USER_ERROR
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [f"{name}.yaml" for name in names]


@pytest.mark.smoke
@pytest.mark.parametrize("name", ["everything_at_once", "not_utf8", "python_tag", "alias_bomb"])
def test_a_person_at_a_terminal_sees_the_same(name: str, in_copy: Path) -> None:
    called = subprocess.run(
        [sys.executable, "-m", "sim", "validate", f"{name}.yaml"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert called.returncode == EXIT_USER_ERROR
    assert "Traceback" not in called.stderr
    assert called.stderr == CliRunner().invoke(app, ["validate", f"{name}.yaml"]).stderr
    assert sorted(in_copy.rglob("*.yaml")) == sorted(file for file in in_copy.rglob("*") if file.is_file())


def refusal(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["validate", *arguments])
    assert result.exit_code == EXIT_USER_ERROR
    assert "Traceback" not in result.output
    return result.stderr


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_text("# padding\n" * 100_001, encoding="utf-8")
    assert "more than 1000000 bytes" in refusal(str(file))


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    assert "is a folder" in refusal(str(tmp_path))
    assert "there is no file" in refusal(str(tmp_path / "none.yaml"))
    assert "there is no file" in refusal("x" * 5000)


def test_a_device_is_no_scenario() -> None:
    assert "not a regular file" in refusal(os.devnull)


def test_a_chain_that_never_ends(tmp_path: Path) -> None:
    for number in range(40):
        text = f"schema_version: 1\nextends: part_{number + 1}.yaml\n"
        (tmp_path / f"part_{number}.yaml").write_text(text, encoding="utf-8")
    assert "more than 16 files" in refusal(str(tmp_path / "part_0.yaml"))
