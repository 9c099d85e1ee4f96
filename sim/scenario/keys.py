"""The keys of a scenario file: kind, range, unit and default of each, read off the models.

Messages ("needed: ..."), did-you-mean, ``explain`` and the editors' schema all ask here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from sim.names import label
from sim.scenario.registry import registered_dispatchers, registered_policies
from sim.scenario.settings import FIRM_FORMS, DispatchChoice, Settings

KINDS = {"integer": "integer", "number": "number", "string": "text", "boolean": "boolean", "array": "list"}

GROUP = "group"
DISPATCH = "dispatch"
CALENDAR = "calendar"
POLICY = "policy"
POLICIES = "policies"
SERVICES = "services"
NO_WORDS = ("", "1", "share", "probability")
"""Units that need no words: the range says enough."""


@dataclass(frozen=True)
class Key:
    """What may stand under a key.

    Attributes:
        path: The key, as parts.
        kind: integer, number, text, date, boolean, choice, list or group.
        low, high: Ends of the range, None for none.
        low_open: Whether ``low`` itself is excluded.
        allowed: The values of a choice, or the keys of a group.
        unit: Unit, or "".
        default: Value when the key is left out, None for none.
        required: Whether it must be given.
        documented_low, documented_high: Ends of what the source covers, None for none; narrower than the range.
        source: Where the default comes from, or the range it was assumed in; "" for none.
        grade: Grade of the source, A, B or C; "" for none.
    """

    path: tuple[str, ...]
    kind: str
    low: float | str | None = None
    high: float | str | None = None
    low_open: bool = False
    allowed: tuple[str, ...] = ()
    unit: str = ""
    default: Any = None
    required: bool = False
    documented_low: float | None = None
    documented_high: float | None = None
    source: str = ""
    grade: str = ""

    @property
    def dotted(self) -> str:
        """The key as people write it."""
        return ".".join(self.path)

    def say(self, lang: str) -> str:
        """Say what may stand there: kind, range and unit, or what is allowed."""
        kind = label(f"kind.{self.kind}", lang)
        if self.allowed:
            return f"{kind}: {', '.join(self.allowed)}"
        return ", ".join(
            [kind, *interval_words(self.low, self.high, self.low_open, lang), *unit_words(self.unit, lang)]
        )


def interval_words(low: object, high: object, low_open: bool, lang: str) -> list[str]:
    """Say a range in words; nothing for an end that is None."""
    words = []
    if low is not None:
        words.append(label("kind.above" if low_open else "kind.at_least", lang).format(low))
    if high is not None:
        words.append(label("kind.at_most", lang).format(high))
    return words


def unit_words(unit: str, lang: str) -> list[str]:
    """Say a unit in words; nothing where there is none."""
    return [label("kind.unit", lang).format(unit)] if unit not in NO_WORDS else []


def is_documented(key: Key, value: object) -> bool:
    """Whether a value lies within what the key's source covers; one that is no number, or without such ends, does."""
    if not isinstance(value, (int, float)) or key.documented_low is None or key.documented_high is None:
        return True
    return key.documented_low <= value <= key.documented_high


def is_setting(path: tuple[str, ...]) -> bool:
    """Whether a key is one of a scenario's own (else it may be the path of a fact)."""
    if path[:1] == (POLICIES,):
        return True
    if path[:1] == (DISPATCH,):
        return len(path) == 1 or path[1] in FIRM_FORMS
    return path in setting_keys() or (path[0] == CALENDAR and len(path) > 1)


@lru_cache(maxsize=1)
def setting_keys() -> Mapping[tuple[str, ...], Key]:
    """Return all keys but those of the dispatchers' and the policies' parameters, groups included."""
    schema = Settings.model_json_schema()
    keys = {key.path: key for key in _keys_of(schema, schema["$defs"], ())}
    for form in FIRM_FORMS:
        choice = DispatchChoice.model_fields[POLICY]
        keys[DISPATCH, form] = Key((DISPATCH, form), GROUP, allowed=(POLICY, "..."))
        keys[DISPATCH, form, POLICY] = Key((DISPATCH, form, POLICY), "text", default=choice.default)
    keys[SERVICES,] = Key((SERVICES,), SERVICES, default="all")
    keys[DISPATCH,] = Key((DISPATCH,), GROUP, allowed=FIRM_FORMS)
    return keys


def parameter_keys(group: str, policy: str, above: tuple[str, ...] = ()) -> Mapping[tuple[str, ...], Key]:
    """Return the keys of a dispatcher's or a policy's parameters; none for an unknown one.

    Args:
        group: ``DISPATCH`` or ``POLICIES``.
        policy: Name of the dispatcher or the policy.
        above: Key of the group that the parameters stand in.
    """
    model = (registered_policies() if group == POLICIES else registered_dispatchers()).get(policy)
    return model_keys(model, above) if model else {}


def model_keys(model: type[BaseModel], above: tuple[str, ...]) -> Mapping[tuple[str, ...], Key]:
    """Return the keys of a model, groups included."""
    schema = model.model_json_schema()
    return {key.path: key for key in _keys_of(schema, schema.get("$defs", {}), above)}


def _keys_of(schema: Mapping[str, Any], defs: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[Key]:
    required = schema.get("required", ())
    for name, written in schema.get("properties", {}).items():
        path = (*above, name)
        described = _described(written, defs)
        yield _key(path, described, name in required)
        yield from _keys_of(described, defs, path)


def _described(written: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a property's schema with its reference, or its one alternative that is not null, put in its place."""
    if "$ref" in written:
        return {**defs[written["$ref"].rsplit("/", 1)[1]], **written}
    alternatives = [entry for entry in written.get("anyOf", ()) if entry.get("type") != "null"]
    return {**_described(alternatives[-1], defs), **written} if alternatives else dict(written)


def _key(path: tuple[str, ...], schema: Mapping[str, Any], required: bool) -> Key:
    choice = tuple(map(str, schema.get("enum", ()) or ([schema["const"]] if "const" in schema else ())))
    inside = tuple(schema.get("properties", ()))
    low = schema.get("exclusiveMinimum", schema.get("minimum", schema.get("ge")))
    return Key(
        path,
        _kind(schema, choice),
        low=low,
        high=schema.get("maximum", schema.get("le")),
        low_open="exclusiveMinimum" in schema,
        allowed=choice or inside,
        unit=schema.get("unit", ""),
        default=schema.get("default"),
        required=required,
        documented_low=schema.get("low"),
        documented_high=schema.get("high"),
        source=schema.get("source", ""),
        grade=schema.get("grade", ""),
    )


def _kind(schema: Mapping[str, Any], choice: tuple[str, ...]) -> str:
    if choice:
        return "choice"
    if schema.get("format") == "date":
        return "date"
    return KINDS.get(schema.get("type", ""), GROUP)
