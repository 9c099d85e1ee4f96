"""The READMEs: equal in both languages, and every command in them exists and runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIMULATING = {"run", "compare"}
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")


def code_blocks(path: Path) -> list[str]:
    """Return the fenced blocks of a page, without their comments."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s*#.*", "", block).strip() for block in blocks]


def commands() -> list[list[str]]:
    """Return the arguments of every `jiazheng` line of the README's blocks."""
    lines = [line for block in code_blocks(READMES[0]) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("jiazheng ")]


def jiazheng(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in the project's folder."""
    command = [sys.executable, "-m", "sim", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


def test_both_readmes_give_the_same_commands() -> None:
    english, chinese = (code_blocks(path) for path in READMES)
    assert english == chinese
    assert any("make run" in block for block in english)


def test_both_readmes_have_the_same_sections_and_links() -> None:
    english, chinese = (path.read_text(encoding="utf-8") for path in READMES)
    assert re.findall(r"^(#+) ", english, re.MULTILINE) == re.findall(r"^(#+) ", chinese, re.MULTILINE)
    local = r"\]\(([\w./-]+)\)"
    assert re.findall(local, english)[1:] == re.findall(local, chinese)[1:]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_make_targets_exist(readme: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z-]+)", readme.read_text(encoding="utf-8")))
    assert targets
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize(
    "arguments", [line for line in commands() if line[0] not in SIMULATING], ids=" ".join
)
def test_commands_that_only_read_run_as_printed(arguments: list[str]) -> None:
    done = jiazheng(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.slow
def test_runs_work_as_printed_at_a_small_scale(tmp_path: Path) -> None:
    runs = [arguments for arguments in commands() if arguments[0] == "run"]
    for number, arguments in enumerate(runs):
        folder = tmp_path / str(number)
        done = jiazheng(
            *arguments, "--scale", "0.002", "--days", "3", "-o", "period.warm_up_days=0", "--out", str(folder)
        )
        assert done.returncode == 0, done.stderr
        assert list(folder.rglob("manifest.json"))


@pytest.mark.slow
def test_comparisons_work_as_printed_at_a_small_scale(tmp_path: Path) -> None:
    comparisons = [arguments for arguments in commands() if arguments[0] == "compare"]
    assert comparisons
    for arguments in comparisons:
        small = ("--scale", "0.0005", "--days", "95", "--replications", "2", "--out", str(tmp_path))
        done = jiazheng(*arguments, *small)
        assert done.returncode == 0, done.stderr
        assert list(tmp_path.rglob("comparison.csv"))


SMALLER = {
    "period.days=60": "period.days=30",
    "replications=10": 'replications=2, overrides=["scale=0.0005", "period.days=95"]',
    "scenarios/": f"{ROOT.as_posix()}/scenarios/",
}
SHOWN = ("results.indicators", "study.table()")


@pytest.mark.slow
@pytest.mark.parametrize("shown", SHOWN)
def test_the_python_examples_work_at_a_small_scale(shown: str, tmp_path: Path) -> None:
    (block,) = [
        block for block in code_blocks(READMES[0]) if block.startswith("import sim") and shown in block
    ]
    for printed, smaller in SMALLER.items():
        block = block.replace(printed, smaller)
    done = subprocess.run(
        [sys.executable, "-c", f"{block}\nassert len({shown}) > 0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
