"""A YAML document as plain nodes, each with the file, line and column where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


class Place(NamedTuple):
    """Where something stands: a file as the user named it, line and column from 1 (0 for none)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; ``text`` is how it was written."""

    value: str | int | float | bool | None
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in the order of the file; no key comes twice."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> Entry | None:
        """Return the entry of a key, or None."""
        return next((entry for entry in self.entries if entry.key == key), None)


class Entry(NamedTuple):
    """A key, where the key stands, and what it holds."""

    key: str
    place: Place
    node: Node


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Plain:
    """Return the node's content as Python values."""
    if isinstance(node, Mapping):
        return {entry.key: plain(entry.node) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def shown(node: Node) -> str:
    """Return the content as a message quotes it, on one line and not too long."""
    return quoted(plain(node))


def quoted(value: object, longest: int = 60) -> str:
    """Return a value as a message quotes it: in YAML's flow style, on one line and not too long."""
    text = _flow(value)
    return text if len(text) <= longest else text[: longest - 4] + " ..."


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)
