"""Write constraints/pythonX.Y.txt: the versions that pip resolves for the Python that runs this script.

Only names and versions are written, no address and no path, so that the file holds with any registry.
Run by `make lock` once for the oldest and once for the newest Python.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Resolve the project with all its extras and write the constraints file of this Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = sorted(project.get("optional-dependencies", {}))
    report = resolve(f"{ROOT}[{','.join(extras)}]")
    target = ROOT / "constraints" / f"python{version}.txt"
    target.parent.mkdir(exist_ok=True)
    target.write_text(render(version, pins(report, project["name"])), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{target.relative_to(ROOT)} written\n")
    return 0


def resolve(requirement: str) -> dict[str, Any]:
    """Return pip's installation report for a requirement, as if nothing were installed yet."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--dry-run", "--ignore-installed", "-qq", "--report", str(report)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, requirement], check=True)
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def pins(report: dict[str, Any], own_name: str) -> list[str]:
    """Return sorted `name==version` lines of a pip report, without the project itself and local build tags."""
    found = {}
    for item in report["install"]:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        found[name] = item["metadata"]["version"].split("+")[0]
    found.pop(own_name, None)
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def render(version: str, lines: list[str]) -> str:
    """Return the text of a constraints file."""
    head = f"# Versions that the project was tested with on Python {version}. Written by `make lock`.\n"
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
