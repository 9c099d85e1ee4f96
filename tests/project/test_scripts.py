"""The scripts behind the Makefile: they run a Python before they trust it, and fail when something failed."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def executable(path: Path, text: str) -> Path:
    """Write an executable script."""
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def find_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run find-python.sh where nothing but `folder` and the command `sort` can be found."""
    executable(folder / "sort", f'#!/bin/sh\nexec "{shutil.which("sort")}" "$@"\n')
    environment = {"PATH": str(folder), "HOME": str(folder), "PYENV_ROOT": str(folder)}
    command = [shutil.which("sh") or "sh", str(ROOT / "tools" / "find-python.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A folder in which `python3` is the Python of this test."""
    executable(tmp_path / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    return tmp_path


@pytest.mark.parametrize("want", ["oldest", "newest", "default"])
def test_a_working_python_is_found(python: Path, want: str) -> None:
    done = find_python(python, want, VERSION)
    assert Path(done.stdout.strip()).samefile(sys.executable)


def test_a_shim_that_fails_is_passed_over(python: Path) -> None:
    executable(python / f"python{VERSION}", "#!/bin/sh\necho 'not installed' >&2\nexit 127\n")
    done = find_python(python, "newest", VERSION)
    assert Path(done.stdout.strip()).samefile(sys.executable)


def test_a_python_of_another_version_than_its_name_is_passed_over(python: Path) -> None:
    executable(python / "python3.99", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    done = find_python(python, "newest", "3.99", VERSION)
    assert Path(done.stdout.strip()).samefile(sys.executable)


def test_no_python_is_said_and_is_a_failure(tmp_path: Path) -> None:
    done = find_python(tmp_path, "newest", "3.98", "3.99")
    assert done.returncode == 1
    assert "3.98 3.99" in done.stderr


def run_ci(folder: Path, failing: str) -> subprocess.CompletedProcess[str]:
    """Run .ci/run with a `make` that fails for the goals named and says what it was asked for."""
    executable(
        folder / "make",
        f'#!/bin/sh\nfor goal; do :; done\necho "made $goal"\ncase " {failing} " in *" $goal "*) exit 2;; esac\n',
    )
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    command = [str(ROOT / ".ci" / "run")]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("failing", "status"), [("", 0), ("test", 1), ("test-slow", 1), ("test test-slow", 1)]
)
def test_ci_runs_both_suites_and_fails_if_either_does(tmp_path: Path, failing: str, status: int) -> None:
    done = run_ci(tmp_path, failing)
    assert done.stdout.split("\n")[:2] == ["made test", "made test-slow"]
    assert done.returncode == status
