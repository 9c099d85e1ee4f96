from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sim.records import identity
from sim.records.identity import PACKAGE, sources_digest
from sim.records.numeric_platform import numeric_platform

ROOT = Path(__file__).parents[2]


def copied(tmp_path: Path) -> Path:
    for path in PACKAGE.rglob("*.py"):
        target = tmp_path / "sim" / path.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return tmp_path / "sim"


def digest_of(package: Path) -> str:
    before = identity.PACKAGE
    identity.PACKAGE = package
    try:
        return sources_digest.__wrapped__()
    finally:
        identity.PACKAGE = before


def test_sources_are_those_at_or_below_records(tmp_path: Path) -> None:
    package = copied(tmp_path)
    original = digest_of(package)
    assert original == sources_digest()
    (package / "cli" / "run.py").write_text("", encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    assert digest_of(package) == original, "the command line changes no result"
    (package / "records" / "flows.py").write_bytes(
        (package / "records" / "flows.py").read_bytes() + b"\n# x\n"
    )
    assert digest_of(package) != original


def test_line_ends_do_not_matter(tmp_path: Path) -> None:
    package = copied(tmp_path)
    original = digest_of(package)
    for path in package.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert digest_of(package) == original


def test_a_moved_or_renamed_source_shows(tmp_path: Path) -> None:
    package = copied(tmp_path)
    original = digest_of(package)
    (package / "rng.py").rename(package / "rng2.py")
    assert digest_of(package) != original


def test_the_identity_is_the_same_in_every_process() -> None:
    code = "from sim.records.identity import sources_digest; print(sources_digest())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "PATH": ""},
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {sources_digest()}


def test_the_platform_names_what_changes_last_bits() -> None:
    platform = numeric_platform()
    assert {"python", "packages", "processor", "instruction_sets"} <= set(platform)
    assert all(platform["packages"][name] for name in ("numpy", "numba", "scipy", "pandas", "pyarrow"))
    assert platform["processor"]
    assert platform["instruction_sets"], "NumPy says which extensions it uses"
