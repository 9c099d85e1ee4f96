"""Read a YAML data file into leaves (mappings with a `value`), each with its dotted path and line.

The YAML reader builds marked nodes, which is exact and slow; what it read is remembered under the hash of the
file's text (see `memo`), so that a second reading costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.data import memo
from sim.errors import DataError, Fault
from sim.names import Message, data_fault

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A fact as written: its dotted path, its line, and the keys below it as plain values."""

    path: str
    line: int
    keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LeafFile:
    """A data file after reading.

    Attributes:
        file: name to show in messages.
        leaves: the facts, in the file's order.
        faults: what is wrong with its form (YAML errors, duplicate keys, values without a fact around them).
    """

    file: str
    leaves: tuple[Leaf, ...]
    faults: tuple[Fault, ...]


def read_leaves(path: Path, shown_as: str) -> LeafFile:
    """Read the YAML file at `path`; messages call it `shown_as`. Faults of form are returned, not raised.

    Raises:
        DataError: the file cannot be read, or is not UTF-8.
    """
    text = read_text(path, shown_as)
    remembered = memo.recall(text)
    if remembered is not None:
        return LeafFile(shown_as, tuple(Leaf(*row) for row in remembered), ())
    read = _parse(text, shown_as)
    if not read.faults:
        memo.remember(text, [[leaf.path, leaf.line, leaf.keys] for leaf in read.leaves])
    return read


def read_text(path: Path, shown_as: str) -> str:
    """The file's text; a `DataError` with the reason when it cannot be read as UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")  # spreadsheet programs write a byte-order mark
    except UnicodeDecodeError as error:
        fault = Fault(data_fault("not_utf8", byte=error.start), shown_as)
    except OSError as error:
        fault = Fault(data_fault("unreadable", reason=error.strerror), shown_as)
    raise DataError(str(fault), (fault,))


def _parse(text: str, shown_as: str) -> LeafFile:
    # Imported here: a remembered file needs no YAML reader.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return LeafFile(shown_as, (), (Fault(data_fault("not_yaml", problem=error.problem), shown_as, line),))
    except YAMLError as error:
        return LeafFile(shown_as, (), (Fault(data_fault("not_yaml", problem=error), shown_as),))
    walk = _Walk(shown_as)
    leaves = tuple(walk.leaves(root, ""))
    return LeafFile(shown_as, leaves, tuple(walk.faults))


class _Walk:
    """One pass over the nodes of a file, collecting the faults of form on its way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def leaves(self, node: Any, path: str) -> Iterator[Leaf]:
        """The leaves at and below `node`."""
        if not _is_mapping(node):
            self._fault(
                node, data_fault("no_group", name=path) if path else data_fault("file_no_group"), path
            )
            return
        for name, child, line in self._entries(node, path):
            below = f"{path}.{name}" if path else name
            if _is_mapping(child) and any(key.value == "value" for key, _ in child.value):
                keys = {key: self._plain(item, below) for key, item, _ in self._entries(child, below)}
                yield Leaf(below, line, keys)
            else:
                yield from self.leaves(child, below)

    def _entries(self, node: Any, path: str) -> Iterator[tuple[str, Any, int]]:
        """Key, value node and line of each entry; a key that comes twice is a fault and is left out."""
        seen: dict[str, int] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen:
                self._fault(key, data_fault("key_twice", name=name, line=seen[name]), path)
            elif not name or "." in name:
                self._fault(key, data_fault("key_form", name=repr(name)), path)
            else:
                seen[name] = line
                yield name, child, line

    def _plain(self, node: Any, path: str) -> Plain:
        if _is_mapping(node):
            return {name: self._plain(child, path) for name, child, _ in self._entries(node, path)}
        if isinstance(node.value, list):
            return [self._plain(child, path) for child in node.value]
        try:
            return _scalar(node)
        except ValueError:
            self._fault(node, data_fault("value_unreadable", found=repr(node.value)), path)
            return None

    def _fault(self, node: Any, message: Message, path: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 0
        self.faults.append(Fault(message, self.file, line, path))


def _is_mapping(node: Any) -> bool:
    return node is not None and node.tag == "tag:yaml.org,2002:map"


def _scalar(node: Any) -> str | int | float | bool | None:
    reader = _SCALARS.get(node.tag.rpartition(":")[2])
    text = str(node.value)
    return reader(text) if reader else text


_SCALARS: dict[str, Callable[[str], str | int | float | bool | None]] = {
    "int": lambda text: int(text.replace("_", ""), 0),
    "float": lambda text: float(text.replace(".inf", "inf").replace(".nan", "nan")),
    "bool": lambda text: text.lower() == "true",
    "null": lambda text: None,
}
