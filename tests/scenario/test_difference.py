"""The semantic difference of two scenarios."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import load_scenario
from sim.scenario.difference import differences

Write = Callable[..., Path]

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "scenarios" / "baseline.yaml"
SPEED = "travel.ebike.speed_km_per_h"


def test_a_scenario_does_not_differ_from_itself() -> None:
    assert differences(load_scenario(BASELINE), load_scenario(BASELINE)) == []


def test_comments_order_names_and_defaults_are_no_difference(write: Write) -> None:
    first = write("scale: 0.02\nseed: 1\n", name="a.yaml")
    text = "# words\nperiod: {warm_up_days: 7, days: 60, start: 2026-01-01}\nregion: beijing\nscale: 0.02\n"
    second = write(text, name="b.yaml", base="schema_version: 1\nname: {en: Another, zh: 另一个}\n")
    assert differences(load_scenario(first), load_scenario(second)) == []


def test_both_values_and_both_origins_are_given(write: Write) -> None:
    file = write(f"parameters: {{{SPEED}: 16}}\n")
    (scale, speed) = differences(load_scenario(file), load_scenario(file, ["scale=0.5", f"{SPEED}=14"]))
    assert (scale.key, scale.first, scale.second, scale.first_origin) == ("scale", 0.01, 0.5, None)
    assert scale.second_origin is not None and scale.second_origin.place == "command line -o"
    assert (speed.key, speed.first, speed.second, speed.unit) == (SPEED, 16, 14, "km/h")
    assert speed.first_origin is not None and speed.first_origin.place == f"{file.as_posix()}:5"


def test_the_facts_of_the_regions_are_marked() -> None:
    found = differences(load_scenario(BASELINE), load_scenario(BASELINE, ["region=zhongshan"]))
    regional = {one.key.split(".")[0] for one in found if one.regional}
    assert regional == {"region", "districts"}
    assert any(one.first is None for one in found) and any(one.second is None for one in found)
    assert next(one.key for one in found if not one.regional) == "region"


options = st.sampled_from(
    ["scale=0.02", "seed=2", f"{SPEED}=16", "period.days=200", "dispatch.agency={policy: batch}"]
)


@settings(max_examples=15, deadline=None)
@given(st.lists(options, unique=True, max_size=3), st.lists(options, unique=True, max_size=3))
def test_the_difference_is_symmetric_and_empty_only_for_the_same_run(
    some: list[str], others: list[str]
) -> None:
    first, second = load_scenario(BASELINE, some), load_scenario(BASELINE, others)
    there, back = differences(first, second), differences(second, first)
    assert [(one.key, one.first, one.second) for one in there] == [
        (one.key, one.second, one.first) for one in back
    ]
    assert (there == []) == (first.identity == second.identity)
