"""The pages about scenario files hold what they promise: every file on them is valid, every key is there."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.scenario import load_scenario
from sim.scenario.keys import setting_keys

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("scenario_files.md", "textbook_queues.md")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The blocks of a page that are marked with a language ("" for none)."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)
    return [text for marked, text in found if marked == language]


@pytest.mark.parametrize("name", PAGES)
def test_every_scenario_on_the_pages_is_valid(name: str, tmp_path: Path) -> None:
    found = blocks(name, "yaml")
    assert found
    for text in found:
        file = tmp_path / "on_page.yaml"
        file.write_text(text.replace("../scenarios/", f"{ROOT.as_posix()}/scenarios/"), encoding="utf-8")
        assert load_scenario(file).settings.name.zh


def commands() -> list[str]:
    lines = [line for name in PAGES for text in blocks(name, "") for line in text.splitlines()]
    return [line.split("#")[0].strip() for line in lines if line.startswith("jiazheng")]


@pytest.mark.parametrize("command", [line for line in commands() if "run" in line.split()])
def test_the_options_of_every_run_on_the_pages_are_valid(command: str, tmp_path: Path) -> None:
    import shlex

    words = shlex.split(command)
    file = ROOT / words[2]
    if not file.exists():
        file = tmp_path / "mine.yaml"
        file.write_text(blocks(PAGES[0], "yaml")[0], encoding="utf-8")
    result = CliRunner().invoke(app, ["validate", str(file), *words[3:]])
    assert result.exit_code == 0, result.output


def test_the_refusals_on_the_page_are_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = blocks(PAGES[0], "yaml")[0].splitlines()
    text[7] = "period: {start: 2026-01-01, days: 365, warmup_days: 28}"
    text[8] = "scale: 5"
    Path("mine.yaml").write_text("\n".join(text), encoding="utf-8")
    said = CliRunner().invoke(app, ["validate", "mine.yaml"]).stderr
    shown = next(block for block in blocks(PAGES[0], "") if "warmup_days" in block)
    assert shown.replace("mine.yaml:4", "mine.yaml:8") == said


def test_every_key_stands_on_a_page() -> None:
    text = page(PAGES[0]) + page(PAGES[1])
    for key in setting_keys().values():
        if key.kind != "group" and key.path[0] not in {"dispatch", "calendar"}:
            assert f"`{key.dotted}`" in text, key.dotted


def erlang_b(servers: int, offered: float) -> float:
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = offered * blocked / (busy + offered * blocked)
    return blocked


def test_the_numbers_of_theory_are_those_of_the_files() -> None:
    text = page(PAGES[1])

    def queue(name: str) -> tuple[int, float, float]:
        laboratory = load_scenario(ROOT / "scenarios" / f"{name}.yaml").settings.laboratory
        assert laboratory is not None
        return laboratory.servers, laboratory.arrivals_per_hour, 60 / laboratory.service_time.mean_min

    _, arrivals, rate = queue("queue_mm1")
    assert f"{60 * (arrivals / rate) / (rate - arrivals):.0f} min" in text
    servers, arrivals, rate = queue("queue_mmc")
    load = arrivals / rate
    blocked = erlang_b(servers, load)
    waits = blocked / (1 - load / servers * (1 - blocked))
    assert f"P(wait) = {waits:.4f}" in text
    assert f"mean wait {60 * waits / (servers * rate - arrivals):.1f} min" in text
    _, arrivals, rate = queue("queue_md1")
    assert f"{60 * (arrivals / rate) / (2 * rate * (1 - arrivals / rate)):.0f} min" in text
    servers, arrivals, rate = queue("queue_erlang_b")
    assert f"{erlang_b(servers, arrivals / rate):.4f}" in text
    _, arrivals, rate = queue("queue_erlang_a")
    assert math.isclose(arrivals / rate, 5) and "mean 5" in text
