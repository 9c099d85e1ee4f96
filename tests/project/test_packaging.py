"""The project's outside: versions agree, constraints are clean, the wheel holds what the package reads."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools.licences import canonical

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = sorted((ROOT / "constraints").glob("python*.txt"))
PIN = re.compile(r"[a-z0-9][a-z0-9-]*==[0-9][0-9a-z.]*")


def pinned(path: Path) -> dict[str, str]:
    """Return the versions of a constraints file by name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def package_data() -> list[str]:
    """Return the files of the package that are not Python, relative to the root."""
    files = (path for path in (ROOT / "sim").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(ROOT).as_posix() for path in files if not path.suffix.startswith(".py"))


def build(folder: Path) -> Path:
    """Build the wheel into `folder` without the network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("jiazheng-*.whl"))


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.stem)
def test_constraints_are_names_and_versions_only(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.stem)
def test_constraints_satisfy_every_requirement(path: Path) -> None:
    environment = {"python_version": path.stem.removeprefix("python")}
    versions = pinned(path)
    extras = PROJECT["optional-dependencies"].values()
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]
    named = [requirement for requirement in map(Requirement, lines) if requirement.name != PROJECT["name"]]
    needed = [requirement for requirement in named if applies(requirement, environment)]
    assert len(needed) > len(PROJECT["dependencies"]) / 2
    for requirement in needed:
        assert requirement.specifier.contains(Version(versions[canonical(requirement.name)])), requirement


def applies(requirement: Requirement, environment: dict[str, str]) -> bool:
    """Say whether a requirement holds in an environment."""
    return requirement.marker is None or requirement.marker.evaluate(environment)


def test_constraints_cover_the_oldest_and_the_newest_python() -> None:
    listed = [line.rsplit(" ", 1)[1] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    stems = [path.stem.removeprefix("python") for path in CONSTRAINTS]
    assert stems == [listed[0], listed[-1]]
    assert PROJECT["requires-python"] == f">={listed[0]}"


def test_one_version_everywhere() -> None:
    version = PROJECT["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(version)}$", citation, re.MULTILINE)
    assert re.search(rf"^## {re.escape(version)}\b", changes, re.MULTILINE)


def test_the_wheel_holds_the_data_files_and_nothing_beside_the_package(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build(tmp_path)).namelist()
    assert set(package_data()) <= set(names)
    assert {name.split("/")[0] for name in names} == {"sim", f"jiazheng-{PROJECT['version']}.dist-info"}


@pytest.mark.slow
def test_an_installed_wheel_answers_far_from_its_sources(tmp_path: Path) -> None:
    wheel = build(tmp_path / "wheel")
    target = tmp_path / "installed"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-qq",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True)
    code = "import sim.mesa_compat; print(sim.mesa_compat.__file__)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(target)!r}); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().startswith(str(target))
