"""``jiazheng trace`` as a person calls it."""

from __future__ import annotations

from pathlib import Path

from sim.errors import EXIT_USER_ERROR
from sim.model import MarketModel
from sim.scenario import load_scenario

from .conftest import BASELINE, ROOT, Call

VOUCHER = str(ROOT / "scenarios" / "elder_voucher.yaml")
SMALL = ("--scale", "0.0002", "--days", "6", "-o", "period.warm_up_days=0")


def test_one_actor_must_be_named(call: Call) -> None:
    for actors in ((), ("--household", "1", "--worker", "2")):
        result = call("trace", BASELINE, VOUCHER, *actors)
        assert result.status == EXIT_USER_ERROR
        assert "give one of --household, --worker, --company" in result.err


def test_a_key_of_nobody_is_refused(call: Call) -> None:
    result = call("trace", BASELINE, VOUCHER, *SMALL, "--worker", "7")
    assert result.status == EXIT_USER_ERROR
    assert "there is nobody with the key 7" in result.err


def test_worlds_that_part_for_a_worker_are_shown(call: Call, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = f"schema_version: 1\nextends: {Path(BASELINE).as_posix()}\nname: {{en: Other, zh: 其他}}\n"
    other.write_text(f"{text}parameters: {{travel.ebike.speed_km_per_h: 12}}\n", encoding="utf-8")
    scenario = load_scenario(BASELINE, ["scale=0.0002", "period.days=6", "period.warm_up_days=0"])
    model = MarketModel(scenario)
    model.advance_to(model.end_min)
    workers = model.tables["workers"].used
    rides = workers["completed"] * (workers["has_ebike"] == 1)
    key = str(int(workers["key"][int(rides.argmax())]))
    result = call("trace", BASELINE, str(other), *SMALL, "--worker", key, "--quiet")
    assert result.status == 0, result.err
    assert "The worlds part in the hour before 2026-01-0" in result.out
    same = call("trace", BASELINE, BASELINE, *SMALL, "--worker", key, "--quiet")
    assert "The worlds never part for this actor" in same.out
