"""Put layers on top of one another, key by key, and remember who set what.

A later layer's value replaces an earlier one's. Groups are merged by key, lists are replaced whole. A group that
chooses between alternatives (a dispatcher or a policy by ``policy``, a law by ``law``) is replaced whole by a layer
that names the choice, so that the parameters of another choice do not linger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.scenario.faults import Findings, fault
from sim.scenario.nodes import Mapping, Node, Place, Scalar, plain

Path = tuple[str, ...]

PARAMETERS = "parameters"
CHOOSERS = {"dispatch": "policy", "policies": "policy", "laboratory": "law"}
"""Which key chooses, by the group that it stands in."""
MAY_BE_EMPTY = (PARAMETERS, "dispatch", "recording", "policies", "period")
"""Groups that may stand empty in a file, as when all below is commented out; they then say nothing."""


class Origin(NamedTuple):
    """A value that a key was given, and where."""

    value: Any
    file: str
    line: int

    @property
    def place(self) -> str:
        """File and line as messages show them."""
        return f"{self.file}:{self.line}" if self.line else self.file


class Statement(NamedTuple):
    """One key with its value, as one place says it."""

    path: Path
    node: Node
    place: Place


@dataclass(frozen=True)
class Layer:
    """What one file, or the command line, says.

    Attributes:
        file: Its name in messages.
        statements: Its keys with their values, groups unfolded.
        groups: Where each group of keys begins.
    """

    file: str
    statements: tuple[Statement, ...]
    groups: dict[Path, Place]


@dataclass
class Merged:
    """The layers so far as one.

    Attributes:
        active: The value in force of each key.
        chains: All values that a key was given, the one in force last.
        groups: Where each group was last opened.
        rooted: Whether the lowest file is there; else what it would have set is unknown, and not to be missed.
    """

    active: dict[Path, Statement] = field(default_factory=dict)
    chains: dict[Path, tuple[Origin, ...]] = field(default_factory=dict)
    groups: dict[Path, Place] = field(default_factory=dict)
    rooted: bool = True

    def with_layer(self, layer: Layer) -> Merged:
        """Return what results when ``layer`` is put on top."""
        result = Merged(dict(self.active), dict(self.chains), {**self.groups, **layer.groups}, self.rooted)
        for statement in layer.statements:
            if CHOOSERS.get(statement.path[0]) == statement.path[-1]:
                result._forget(statement.path[:-1])
        for statement in layer.statements:
            result._put(statement)
        return result

    def _put(self, statement: Statement) -> None:
        path = statement.path
        if isinstance(statement.node, Mapping) and self._below(path):
            return
        self._forget(path)
        for length in range(1, len(path)):
            self.active.pop(path[:length], None)
        self.active[path] = statement
        origin = Origin(plain(statement.node), statement.place.file, statement.place.line)
        self.chains[path] = (*self.chains.get(path, ()), origin)

    def _below(self, path: Path) -> list[Path]:
        return [known for known in self.active if known[: len(path)] == path and known != path]

    def _forget(self, group: Path) -> None:
        for path in self._below(group):
            del self.active[path]

    def content(self) -> dict[str, Any]:
        """Return the values in force as nested dictionaries."""
        result: dict[str, Any] = {}
        for path, statement in self.active.items():
            inner = result
            for key in path[:-1]:
                inner = inner.setdefault(key, {})
            inner[path[-1]] = plain(statement.node)
        return result

    def place_of(self, path: Path) -> Place:
        """Return where a key, or else the innermost group around it, was set."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.active:
                return self.active[path[:length]].place
            if path[:length] in self.groups:
                return self.groups[path[:length]]
        return self.groups.get((), Place(""))


def layer_of(file: str, root: Mapping, findings: Findings) -> Layer:
    """Return what a file's mapping says, groups unfolded."""
    groups: dict[Path, Place] = {(): root.place}
    statements: dict[Path, Statement] = {}
    for statement in _statements(root, (), groups):
        first = statements.setdefault(statement.path, statement)
        if first is not statement:
            findings.add(
                fault("duplicate_key", statement.place, dotted(statement.path), first=first.place.line)
            )
    return Layer(file, tuple(statements.values()), groups)


def command_line_layer(file: str, given: Iterable[tuple[Path, Node]]) -> Layer:
    """Return the layer of the command line's options; of two values for a key the later one holds."""
    groups: dict[Path, Place] = {}
    statements: list[Statement] = []
    for path, node in given:
        if isinstance(node, Mapping) and node.entries:
            groups[path] = node.place
            statements.extend(_statements(node, path, groups))
        else:
            statements.append(Statement(path, node, node.place))
    return Layer(file, tuple(statements), groups)


def dotted(path: Path) -> str:
    """Return a key as people write it; a fact goes by its own path."""
    return ".".join(path[1:] if path[:1] == (PARAMETERS,) and len(path) > 1 else path)


def _statements(root: Mapping, above: Path, groups: dict[Path, Place]) -> Iterator[Statement]:
    for key, place, node in root.entries:
        path = _path(above, key)
        if isinstance(node, Mapping) and node.entries:
            groups[path] = place
            yield from _statements(node, path, groups)
        elif not _says_nothing(path, node):
            yield Statement(path, node, place)


def _path(above: Path, key: str) -> Path:
    """Return a key's path; below ``parameters`` dots and nesting are the same thing."""
    if above[:1] == (PARAMETERS,) and len(above) > 1:
        return (PARAMETERS, f"{above[1]}.{key}")
    return (*above, key)


def _says_nothing(path: Path, node: Node) -> bool:
    empty = isinstance(node, Mapping) or (isinstance(node, Scalar) and node.value is None)
    return empty and len(path) == 1 and path[0] in MAY_BE_EMPTY
