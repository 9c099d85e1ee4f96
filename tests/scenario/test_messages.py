"""The catalogue of messages: what the code says is there, in both languages, with the same gaps."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from sim.names import catalogue

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = {
    name: pair
    for name, pair in catalogue().items()
    if name.startswith(("message.", "cli.", "kind.", "data_fault."))
}


def gaps(text: str) -> list[str]:
    return sorted(field for _, field, _, _ in Formatter().parse(text) if field is not None)


@pytest.mark.parametrize("name", MESSAGES)
def test_both_languages_have_the_same_gaps(name: str) -> None:
    english, chinese = MESSAGES[name]
    assert set(gaps(english)) == set(gaps(chinese))


def test_every_message_is_said_somewhere() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "sim").rglob("*.py"))
    words = set(re.findall(r"[\"']([a-z_0-9]+)[\"']", code))
    assert {name for name in MESSAGES if name.startswith("message.")} <= {f"message.{word}" for word in words}


def test_every_fault_that_is_raised_has_a_message() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "sim" / "scenario").glob("*.py"))
    said = set(re.findall(r"(?:fault|_fault|_refuse|_add|refuse)\(\s*\"([a-z_0-9]+)\"", code))
    assert len(said) > 25
    assert {f"message.{name}" for name in said} <= set(MESSAGES)


def test_every_fault_of_a_data_file_is_in_the_catalogue_and_the_other_way_round() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "sim").rglob("*.py"))
    said = set(re.findall(r"data_fault\(\s*\"([a-z_0-9]+)\"", code))
    assert len(said) > 40
    known = {name.removeprefix("data_fault.") for name in MESSAGES if name.startswith("data_fault.")}
    assert said <= known
    words = set(re.findall(r"\"([a-z_0-9]+)\"", code))
    by_kind = {f"unknown_{kind}{near}" for kind in ("quantity", "region_fact") for near in ("", "_near")}
    assert known <= words | by_kind | {"unit_of_text", "unit_of_boolean"}
