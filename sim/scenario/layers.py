"""Read a scenario file and the files that it extends, each as a layer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from sim.scenario.compose import compose
from sim.scenario.faults import Findings, fault
from sim.scenario.merge import Layer, layer_of
from sim.scenario.nodes import Entry, Mapping, Place, Scalar, shown
from sim.scenario.source import read_source

LONGEST_CHAIN = 16
"""Files that may extend one another."""

EXTENDS = "extends"


class Chain(NamedTuple):
    """A file and those that it extends.

    Attributes:
        layers: What each says, the lowest first.
        rooted: Whether the lowest extends nothing; else a file below it could not be had, and a fault says so.
    """

    layers: list[Layer]
    rooted: bool


def read_layers(file: str | Path, findings: Findings) -> Chain:
    """Return a file's layers, the one that extends nothing first.

    Faults of all files of the chain are collected; a file that cannot be read ends the chain.
    """
    shown_as = _portable(str(file))
    layers: list[Layer] = []
    seen: list[Path] = []
    path: Path | None = Path(file)
    rooted = False
    named_at = Entry("", Place(shown_as), Scalar(shown_as, shown_as, Place(shown_as)))
    while path is not None:
        if not _may_follow(path, shown_as, seen, named_at, findings):
            break
        seen.append(_identity(path))
        root = _read(path, shown_as, named_at, findings)
        if root is None:
            break
        base = root.get(EXTENDS)
        layers.append(layer_of(shown_as, _without(root, EXTENDS), findings))
        path, shown_as = _base_file(base, path, shown_as, findings)
        named_at = base or named_at
        rooted = base is None
    return Chain(layers[::-1], rooted)


def _read(path: Path, shown_as: str, named_at: Entry, findings: Findings) -> Mapping | None:
    text = read_source(path, shown_as, findings, named_at.place, named_at.key)
    if text is None:
        return None
    known = len(findings.faults)
    root = compose(text, shown_as, findings)
    if isinstance(root, Mapping):
        return root
    if root is not None:
        findings.add(fault("not_mapping", Place(shown_as, 1), found=shown(root)))
    elif len(findings.faults) == known:
        findings.add(fault("file_empty", Place(shown_as)))
    return None


def _may_follow(path: Path, shown_as: str, seen: list[Path], named_at: Entry, findings: Findings) -> bool:
    if _identity(path) in seen:
        findings.add(fault("extends_cycle", named_at.place, EXTENDS, name=shown_as))
        return False
    if len(seen) >= LONGEST_CHAIN:
        findings.add(fault("extends_too_deep", named_at.place, EXTENDS, limit=LONGEST_CHAIN))
        return False
    return True


def _base_file(base: Entry | None, path: Path, shown_as: str, findings: Findings) -> tuple[Path | None, str]:
    if base is None:
        return None, shown_as
    if not isinstance(base.node, Scalar) or not isinstance(base.node.value, str):
        findings.add(fault("extends_not_text", base.place, EXTENDS, found=shown(base.node)))
        return None, shown_as
    name = base.node.value
    return path.parent / name, _portable(os.path.join(os.path.dirname(shown_as), name))  # noqa: PTH118, PTH120


def _portable(name: str) -> str:
    """Return a file's name as messages show it, alike on every system."""
    return os.path.normpath(name).replace(os.sep, "/")


def _identity(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _without(root: Mapping, key: str) -> Mapping:
    return Mapping(tuple(entry for entry in root.entries if entry.key != key), root.place)
