"""The ``-o key=value`` options of the command line, as the topmost layer of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.scenario.compose import compose
from sim.scenario.faults import Findings, fault
from sim.scenario.keys import is_setting
from sim.scenario.merge import PARAMETERS, Layer, Path, command_line_layer
from sim.scenario.nodes import Entry, Mapping, Node, Place, Scalar, Sequence, quoted

COMMAND_LINE = "command line -o"
OPTIONS = {"--scale": "scale", "--seed": "seed", "--days": "period.days"}
"""Options that stand for a key; a message about such a value names the option that gave it."""
COMMAND_LINE_PLACES = (COMMAND_LINE, *(f"command line {option}" for option in OPTIONS))


def override_layer(options: Iterable[str], findings: Findings) -> Layer:
    """Return the layer of the options.

    Args:
        options: Each ``key=value``; the key is dotted, the value YAML (a scalar, or a list or mapping in flow style).
            A key that is none of a scenario's own is taken for the path of a fact. ``--scale=value`` and the like are
            the options that stand for a key.
        findings: Takes what is wrong.
    """
    return command_line_layer(COMMAND_LINE, _given(options, findings))


def _given(options: Iterable[str], findings: Findings) -> Iterator[tuple[Path, Node]]:
    for option in options:
        name, equals, text = option.partition("=")
        key = OPTIONS.get(name, name).strip()
        place = Place(f"command line {name}" if name in OPTIONS else COMMAND_LINE)
        if not equals or not key:
            findings.add(fault("override_form", place, found=quoted(option)))
            continue
        own = Findings()
        node = compose(text, place.file, own) or Scalar(None, "", place)
        if own.faults:
            findings.add(fault("override_value", place, key, problem=own.faults[0].message))
        else:
            yield _path(key), _placed(node, place)


def _path(key: str) -> Path:
    parts = tuple(key.split("."))
    if is_setting(parts):
        return parts
    return (PARAMETERS, ".".join(parts[1:]) if parts[0] == PARAMETERS and len(parts) > 1 else key)


def _placed(node: Node, place: Place) -> Node:
    """Return the node without the line numbers of its one-line text."""
    if isinstance(node, Scalar):
        return Scalar(node.value, node.text, place)
    if isinstance(node, Sequence):
        return Sequence(tuple(_placed(item, place) for item in node.items), place)
    return Mapping(tuple(Entry(key, place, _placed(inner, place)) for key, _, inner in node.entries), place)
