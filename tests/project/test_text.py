"""What stands in the repository stands on its own: no machine, no region in code, no long function, live links."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("sim", "scenarios", "tests", "benchmarks", "tools", "docs", "constraints", "notebooks", ".ci")
SUFFIXES = {".py", ".pyi", ".md", ".toml", ".yaml", ".yml", ".txt", ".sh", ".csv", ".cff", ""}
MACHINE = re.compile(r"(?<![\w.~$}])/(?:root|home/\w+|work)/|[A-Z]:\\Users|(?<!\w)pypi\.org|python[h]osted")
LONGEST_FUNCTION = 60


def texts() -> Iterator[Path]:
    """Yield the project's text files."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in SUFFIXES - {""})
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_file_names_a_machine_or_a_registry() -> None:
    read = partial(Path.read_text, encoding="utf-8", errors="replace")
    named = {str(path.relative_to(ROOT)) for path in texts() if MACHINE.search(read(path))}
    assert named == set()


@pytest.mark.parametrize(
    "text", ["see /" + "root/x", "'/" + "home/me/x'", "C:\\" + "Users\\me", "https://pypi." + "org/simple"]
)
def test_a_machine_would_be_seen(text: str) -> None:
    assert MACHINE.search(text)


def test_no_module_names_a_region() -> None:
    regions = {path.stem for path in (ROOT / "sim" / "data" / "regions").iterdir()} - {
        "__init__",
        "__pycache__",
    }
    assert regions
    word = re.compile("|".join(rf"\b{re.escape(region)}\b" for region in sorted(regions)), re.IGNORECASE)
    modules = (ROOT / "sim").rglob("*.py")
    assert [str(path) for path in modules if word.search(path.read_text(encoding="utf-8"))] == []


def test_no_function_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in (ROOT / "sim").rglob("*.py")
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda path: path.name
)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (page.parent / link).exists()] == []
