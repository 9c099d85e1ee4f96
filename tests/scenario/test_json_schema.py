"""The editors' schema says what validation says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.data import load_facts
from sim.scenario.json_schema import DIALECT, scenario_schema
from sim.scenario.keys import setting_keys
from sim.scenario.regions import shared_facts
from sim.scenario.registry import registered_dispatchers, registered_policies


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return scenario_schema()


def at(schema: dict[str, Any], *path: str) -> dict[str, Any]:
    """The schema of a key; the alternative that is not null where there are two."""
    for name in path:
        inner = [entry for entry in schema.get("anyOf", []) if "properties" in entry]
        schema = (inner[0] if inner else schema)["properties"][name]
    return schema


def test_it_is_json_of_a_known_dialect(schema: dict[str, Any]) -> None:
    assert json.loads(json.dumps(schema))["$schema"] == DIALECT


def test_nothing_but_the_version_is_required_for_a_file_may_extend_another(schema: dict[str, Any]) -> None:
    assert schema["required"] == ["schema_version"]
    assert json.dumps(schema).count('"required"') == 1


def test_unknown_keys_are_errors(schema: dict[str, Any]) -> None:
    assert schema["additionalProperties"] is False
    assert at(schema, "period")["additionalProperties"] is False


def test_every_key_is_there_with_its_meaning(schema: dict[str, Any]) -> None:
    for key in setting_keys().values():
        if key.kind != "group" and key.path[0] != "dispatch":
            assert at(schema, *key.path)["description"], key.dotted
    assert at(schema, "extends")["type"] == "string"


def test_ranges_and_choices_are_those_of_the_models(schema: dict[str, Any]) -> None:
    assert at(schema, "scale")["exclusiveMinimum"] == 0
    assert at(schema, "scale")["maximum"] == 1
    assert at(schema, "recording", "detail")["enum"] == ["none", "indicators", "tables"]
    assert at(schema, "schema_version")["const"] == 1


def test_every_dispatcher_is_a_choice_with_its_parameters(schema: dict[str, Any]) -> None:
    choices = at(schema, "dispatch", "outlet")["anyOf"]
    named = {choice["properties"]["policy"]["const"]: set(choice["properties"]) for choice in choices}
    assert named == {
        name: {"policy", *model.model_fields} for name, model in registered_dispatchers().items()
    }


def test_an_entry_named_like_a_policy_has_its_parameters_and_any_other_may_be_any_policy(
    schema: dict[str, Any],
) -> None:
    policies, definitions = schema["properties"]["policies"], schema["$defs"]
    models = registered_policies()
    assert set(policies["properties"]) == set(models)
    for name, model in models.items():
        own = policies["properties"][name]
        assert own["if"] == {"properties": {"policy": {"const": name}}}
        assert own["then"]["anyOf"] == [{"$ref": f"#/$defs/policy_{name}"}, {"type": "null"}]
        assert set(definitions[f"policy_{name}"]["properties"]) == {"policy", *model.model_fields}
        assert definitions[f"policy_{name}"]["additionalProperties"] is False
    references = [entry.get("$ref") for entry in definitions["any_policy"]["anyOf"]]
    assert references == [*(f"#/$defs/policy_{name}" for name in models), None]
    assert policies["additionalProperties"] == {"$ref": "#/$defs/any_policy"}


@pytest.mark.parametrize(("lang", "words"), [("en", "Part of the price"), ("zh", "份额")])
def test_a_parameter_of_a_policy_has_range_unit_and_meaning(lang: str, words: str) -> None:
    share = scenario_schema(lang=lang)["$defs"]["policy_elder_voucher"]["properties"]["home_share"]
    assert (share["type"], share["minimum"], share["maximum"]) == ("number", 0, 1)
    assert words in share["description"] and "[share]" in share["description"]
    assert not {"low", "high", "source", "grade"} & set(share)


def test_every_shared_fact_is_offered(schema: dict[str, Any]) -> None:
    offered = at(schema, "parameters")["properties"]
    assert set(offered) == set(shared_facts())
    speed = offered["travel.ebike.speed_km_per_h"]
    assert speed["type"] == "number" and "km/h" in speed["description"]
    assert offered["services.hourly_cleaning.month_index"]["minItems"] == 12


def test_a_regions_own_facts_can_be_offered_too() -> None:
    found = scenario_schema("zhongshan", "zh")
    assert set(at(found, "parameters")["properties"]) == set(load_facts("zhongshan"))
    assert at(found, "scale")["description"].startswith("模拟规模")
