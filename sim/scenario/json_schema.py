"""The JSON Schema of a scenario file, as editors use it for completion, hints and checks.

It is built from the models and the facts, so it knows every key, unit and range. A file may leave out what the files
that it extends say: nothing but ``schema_version`` is required.
"""

from __future__ import annotations

from typing import Any

from sim.data import Fact, FactTree, load_facts
from sim.names import LANGUAGES, catalogue
from sim.scenario.keys import DISPATCH, POLICIES, POLICY
from sim.scenario.merge import PARAMETERS
from sim.scenario.policy_names import parameter_meaning, policy_meaning
from sim.scenario.regions import shared_facts
from sim.scenario.registry import registered_dispatchers, registered_policies
from sim.scenario.settings import FIRM_FORMS, POLICY_NAME, Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FACT_TYPES = {"number": "number", "text": "string", "boolean": "boolean", "list of numbers": "array"}
OWN_WORDS = ("title", "description", "unit", "ge", "le", "default", "low", "high", "source", "grade")
"""What pydantic or our models write beside the standard's words, or in English only."""

Schema = dict[str, Any]


def scenario_schema(region: str | None = None, lang: str = "en") -> Schema:
    """Return the schema.

    Args:
        region: Region whose own facts count too; None for those that all regions have.
        lang: Language of the hints.

    Raises:
        DataError: No such region, or a data file that is not well formed.
    """
    words = {name: pair[LANGUAGES.index(lang)] for name, pair in catalogue().items()}
    written = Settings.model_json_schema()
    schema = _inlined(written, written["$defs"], "setting", words)
    keys = schema["properties"]
    keys["extends"] = {"type": "string", "minLength": 1, "description": words["setting.extends"]}
    keys[DISPATCH] = _dispatch(words)
    keys[POLICIES] = _policies(words, lang)
    facts = load_facts(region) if region else shared_facts()
    keys[PARAMETERS] = _parameters(facts, words, lang)
    definitions = _policy_definitions(words, lang)
    return {
        "$schema": DIALECT,
        "title": "jiazheng",
        **schema,
        "required": ["schema_version"],
        "$defs": definitions,
    }


def _inlined(written: Schema, defs: Schema, name: str, words: dict[str, str]) -> Schema:
    """Return a part of pydantic's schema without references, nothing required, and hints in one language."""
    if "$ref" in written:
        return _inlined(defs[written["$ref"].rsplit("/", 1)[1]], defs, name, words)
    schema = {key: value for key, value in written.items() if key not in (*OWN_WORDS, "$defs", "required")}
    if "properties" in written:
        inside = written["properties"].items()
        schema["properties"] = {key: _inlined(value, defs, f"{name}.{key}", words) for key, value in inside}
    if "anyOf" in written:
        schema["anyOf"] = [_inlined(value, defs, name, words) for value in written["anyOf"]]
    unit = f" [{written['unit']}]" if "unit" in written else ""
    return schema | ({"description": words[name] + unit} if name in words else {})


def _dispatch(words: dict[str, str]) -> Schema:
    """Return the schema of the dispatchers: a choice among them for each form of firm."""
    choice = {
        "anyOf": [_dispatcher(name, words) for name in registered_dispatchers()],
        "description": words["setting.dispatch.policy"],
    }
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": dict.fromkeys(FIRM_FORMS, choice),
    }


def _dispatcher(name: str, words: dict[str, str]) -> Schema:
    model = registered_dispatchers()[name].model_json_schema()
    schema = _inlined(model, model.get("$defs", {}), f"dispatcher.{name}", words)
    policy = {"const": name, "description": words[f"dispatcher.{name}"]}
    return {**schema, "properties": {POLICY: policy, **schema.get("properties", {})}}


def _policies(words: dict[str, str], lang: str) -> Schema:
    """Return the schema of the policies: an entry named like a policy is that one, unless it says which it is."""
    own = {
        name: {
            "if": {"properties": {POLICY: {"const": name}}},
            "then": {"anyOf": [_of_policy(name), {"type": "null"}]},
            "else": {"$ref": "#/$defs/any_policy"},
            "description": getattr(policy_meaning(name), lang),
        }
        for name in registered_policies()
    }
    return {
        "type": ["object", "null"],
        "description": words["setting.policies"],
        "propertyNames": {"pattern": f"^{POLICY_NAME.pattern}$"},
        "properties": own,
        "additionalProperties": {"$ref": "#/$defs/any_policy"},
    }


def _policy_definitions(words: dict[str, str], lang: str) -> Schema:
    names = list(registered_policies())
    definitions = {f"policy_{name}": _policy(name, words, lang) for name in names}
    return definitions | {"any_policy": {"anyOf": [*map(_of_policy, names), {"type": "null"}]}}


def _of_policy(name: str) -> Schema:
    return {"$ref": f"#/$defs/policy_{name}"}


def _policy(name: str, words: dict[str, str], lang: str) -> Schema:
    model = registered_policies()[name]
    said = {f"policy.{name}.{one}": getattr(parameter_meaning(name, one), lang) for one in model.model_fields}
    written = model.model_json_schema()
    schema = _inlined(written, written.get("$defs", {}), f"policy.{name}", words | said)
    meaning = getattr(policy_meaning(name), lang)
    choice = {"const": name, "description": words["setting.policies.policy"]}
    return {**schema, "description": meaning, "properties": {POLICY: choice, **schema.get("properties", {})}}


def _parameters(facts: FactTree, words: dict[str, str], lang: str) -> Schema:
    """Return the schema of the facts' values: flat dotted keys, or nested mappings."""
    return {
        "type": ["object", "null"],
        "description": words["setting.parameters"],
        "properties": {path: _fact(fact, lang) for path, fact in facts.items()},
        "additionalProperties": {"type": "object"},
    }


def _fact(fact: Fact, lang: str) -> Schema:
    meaning = fact.meaning.zh if lang == "zh" else fact.meaning.en
    schema: Schema = {
        "type": FACT_TYPES[fact.kind],
        "description": f"{meaning} [{fact.unit}]",
        "default": fact.value,
    }
    if fact.allowed:
        schema["enum"] = list(fact.allowed)
    if isinstance(fact.value, tuple):
        length = len(fact.value)
        return schema | {"items": {"type": "number"}, "minItems": length, "maxItems": length}
    if fact.low is not None:
        schema["description"] += f", {fact.low} .. {fact.high}"
    return schema
