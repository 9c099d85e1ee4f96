"""Write docs/licences.md: the licences of what the project depends on, from the installed packages' own metadata."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "licences.md"
COPYLEFT = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public License", re.IGNORECASE)
WEAK = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)

HEAD = """# Licences

Jiazheng is under the MIT licence (`LICENSE`). It depends on the packages below and ships none of their files.
No core dependency, direct or indirect, is under the GPL or the AGPL; a test holds this.
NumPy's and SciPy's wheels bundle OpenBLAS (BSD) and runtime libraries of GCC (GPL with the runtime library exception).
Licence expressions are those of the installed packages' metadata. Written by `make docs`.
"""


def main() -> int:
    """Write the page anew."""
    TARGET.write_text(page(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{TARGET.relative_to(ROOT)} written\n")
    return 0


def page() -> str:
    """Return the page: direct core dependencies, then those of each extra."""
    core, extras = declared()
    parts = [HEAD, "## Core\n\n" + table(core)]
    parts += [f"## Extra `{extra}`\n\n" + table(names) for extra, names in extras.items()]
    return "\n".join(parts)


def declared() -> tuple[list[str], dict[str, list[str]]]:
    """Return the names of the direct core dependencies and of each extra's, sorted, without the project itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    core = sorted(name_of(line) for line in project["dependencies"])
    own = canonical(project["name"])
    return core, {
        extra: sorted(name for name in map(name_of, lines) if name != own)
        for extra, lines in sorted(extras.items())
    }


def table(names: list[str]) -> str:
    """Return a Markdown table of packages and licences; what is not installed here keeps the line that it has."""
    known = written()
    lines = ["| package | licence |", "|---|---|"]
    lines += [f"| {name} | {licence(name) or known.get(name, 'not stated')} |" for name in names]
    return "\n".join(lines) + "\n"


def written() -> dict[str, str]:
    """Return the licence of each package as the page has it now."""
    text = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    return dict(re.findall(r"^\| (\S+) \| (.+) \|$", text, re.MULTILINE))


def licence(name: str) -> str:
    """Return the licence that an installed package declares, "" if the package is not installed.

    The SPDX expression is taken first, then the classifiers, then a short `License` field.
    """
    try:
        fields = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if fields.get("License-Expression"):
        return str(fields["License-Expression"])
    marker = "License :: "
    classified = [line for line in fields.get_all("Classifier") or [] if line.startswith(marker)]
    kinds = [line.removeprefix(marker).removeprefix("OSI Approved :: ") for line in classified]
    informative = [kind for kind in kinds if kind != "OSI Approved"]
    if informative:
        return "; ".join(informative)
    return next(iter((fields.get("License") or "not stated").splitlines()), "not stated")[:60]


def closure(names: list[str]) -> set[str]:
    """Return the packages that an installation of `names` brings along, without extras, those names included."""
    found: set[str] = set()
    waiting = [canonical(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name not in found and licence(name):
            found.add(name)
            waiting += [name_of(line) for line in metadata.requires(name) or [] if "extra ==" not in line]
    return found


def copyleft(names: set[str]) -> list[str]:
    """Return those packages whose licence is the GPL or the AGPL; the LGPL permits use as a library."""
    return sorted(name for name in names if is_copyleft(licence(name)))


def is_copyleft(text: str) -> bool:
    """Say whether a licence text names the GPL or the AGPL; an `OR` with another licence leaves the choice."""
    choices = re.split(r"\bOR\b", text)
    return all(COPYLEFT.search(choice) and not WEAK.search(choice) for choice in choices)


def name_of(requirement: str) -> str:
    """Return the package name that a requirement line begins with."""
    return canonical(re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0])


def canonical(name: str) -> str:
    """Return a package name in the form in which registries compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
