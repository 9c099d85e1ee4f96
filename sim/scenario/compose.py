"""From YAML text to nodes, in one pass over the parser's events and within limits.

The limits hold before anything is built: a document that is nested too deep, has too many nodes, or unfolds through
aliases into too many (an "alias bomb") is refused while it is being read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from sim.scenario.faults import Findings, ScenarioFault, fault
from sim.scenario.nodes import Entry, Mapping, Node, Place, Scalar, Sequence
from sim.scenario.scalars import resolve

DEEPEST = 24
"""Levels of nesting; a scenario needs about six."""
MOST_NODES = 100_000
"""Nodes of a document after aliases are unfolded."""

YAML_VERSION = (1, 2)
CORE_TAGS = ("str", "int", "float", "bool", "null", "map", "seq")
_CORE = "tag:yaml.org,2002:"


class Refused(Exception):
    """The document cannot be read on; the reason stands in the findings."""


def compose(text: str, file: str, findings: Findings) -> Node | None:
    """Return the only document in ``text``; None when it is empty or cannot be read.

    Args:
        text: The YAML text.
        file: Its name in messages.
        findings: Takes what is wrong, with line and column.
    """
    composer = _Composer(file, findings)
    try:
        return composer.document(YAML(typ="safe", pure=True).parse(text))
    except Refused:
        return None
    except MarkedYAMLError as error:
        findings.add(_syntax_fault(error, file))
    except (YAMLError, ReaderError) as error:
        findings.add(_reader_fault(error, text, file))
    return None


def _syntax_fault(error: MarkedYAMLError, file: str) -> ScenarioFault:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    problem = str(error.problem or error.context)
    if "'\\t'" in problem:
        return fault("tab", place)
    if error.context_mark and mark and error.context_mark.line != mark.line:
        return fault("yaml_syntax_since", place, problem=problem, line=error.context_mark.line + 1)
    return fault("yaml_syntax", place, problem=problem)


def _reader_fault(error: Exception, text: str, file: str) -> ScenarioFault:
    position = getattr(error, "position", None)
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
    return fault("yaml_character", Place(file, line), problem=str(error).split("\n", maxsplit=1)[0])


class _Composer:
    """Builds nodes from events; one object a document."""

    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.nodes = 0
        self.keys: list[str] = []

    def document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                if root is not None:
                    self._refuse("several_documents", event)
                self._check_version(event)
            elif kind not in {"StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"}:
                root = self._node(event, events, 0)
        return None if isinstance(root, Scalar) and root.text == "" else root

    def _check_version(self, event: Any) -> None:
        if event.version not in {None, YAML_VERSION}:
            self._fault("yaml_version", self._place(event), version=".".join(map(str, event.version)))

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        kind = type(event).__name__
        if depth > DEEPEST:
            self._refuse("too_deep", event, limit=DEEPEST)
        if kind == "AliasEvent":
            return self._alias(event)
        before = self.nodes
        self._count(1, event)
        if kind == "ScalarEvent":
            node: Node = self._scalar(event)
        elif kind == "SequenceStartEvent":
            node = self._sequence(event, events, depth)
        else:
            node = self._mapping(event, events, depth)
        if event.anchor:
            self.anchors[event.anchor] = (node, self.nodes - before)
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            self._fault("unknown_anchor", self._place(event), anchor=event.anchor)
            return Scalar(None, "", self._place(event))
        node, size = self.anchors[event.anchor]
        self._count(size, event)
        return node

    def _count(self, size: int, event: Any) -> None:
        self.nodes += size
        if self.nodes > MOST_NODES:
            self._refuse("too_many_nodes", event, limit=MOST_NODES)

    def _scalar(self, event: Any) -> Scalar:
        place = self._place(event)
        tag = self._tag(event)
        text = str(event.value)
        if tag == "str" or not event.implicit[0]:
            return Scalar(text, text, place)
        try:
            value = resolve(text)
        except ValueError:
            self._fault("number_too_long", place, length=len(text))
            value = None
        if isinstance(value, float) and not abs(value) < float("inf"):
            self._fault("not_finite", place, value=text)
        return Scalar(value, text, place)

    def _sequence(self, event: Any, events: Iterator[Any], depth: int) -> Sequence:
        self._tag(event)
        items = [self._node(inner, events, depth + 1) for inner in _until(events, "SequenceEndEvent")]
        return Sequence(tuple(items), self._place(event))

    def _mapping(self, event: Any, events: Iterator[Any], depth: int) -> Mapping:
        self._tag(event)
        entries: dict[str, Entry] = {}
        for inner in _until(events, "MappingEndEvent"):
            key = self._node(inner, events, depth + 1)
            name = self._key(key)
            self.keys.append(name or "")
            node = self._node(next(events), events, depth + 1)
            if name in entries:
                self._fault("duplicate_key", key.place, first=entries[name].place.line)
            elif name is not None:
                entries[name] = Entry(name, key.place, node)
            self.keys.pop()
        return Mapping(tuple(entries.values()), self._place(event))

    def _key(self, key: Node) -> str | None:
        """Return a key's text; a fault and None if it is none."""
        if not isinstance(key, Scalar) or not key.text:
            self._fault("key_not_text", key.place)
            return None
        if key.text == "<<":
            self._fault("merge_key", key.place)
            return None
        return key.text

    def _tag(self, event: Any) -> str:
        """Return the short name of a core tag, "" where none is written; a fault for any other."""
        tag = str(event.tag or "")
        name = tag.removeprefix(_CORE)
        if not tag or tag == "!" or name in CORE_TAGS:
            return name
        written = f"!!{name}" if tag.startswith(_CORE) else tag
        self._fault("tag_refused", self._place(event), tag=written)
        return ""

    def _fault(self, code: str, place: Place, **details: object) -> None:
        self.findings.add(fault(code, place, ".".join(self.keys), **details))

    def _refuse(self, code: str, event: Any, **details: object) -> None:
        self._fault(code, self._place(event), **details)
        raise Refused

    def _place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


def _until(events: Iterator[Any], end: str) -> Iterator[Any]:
    """Give the events up to the one that ends the collection; who takes them may take more in between."""
    for event in events:
        if type(event).__name__ == end:
            return
        yield event
