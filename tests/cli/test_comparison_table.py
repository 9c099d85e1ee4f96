"""What is shown of a comparison, on rows made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from sim.cli.comparison_table import Wanted, group_name, show_comparison
from sim.cli.face import WIDTH, Face
from sim.experiments.compared import Budget, Compared, Row
from sim.experiments.sequential import Look
from sim.experiments.statistics import Decision, Interval, Verdict
from sim.names import LANGUAGES
from sim.records.indicators import INDICATORS

MAIN = [one for one in INDICATORS.values() if one.main]
REGION = "zhongshan"
Shown = Callable[..., list[str]]


def row(outcome: str, unit: str, baseline: float, estimate: float, half: float, **more: object) -> Row:
    """A row of the whole region, the joint interval twice as wide as the pointwise one."""
    made = Row(
        policy=1,
        outcome=outcome,
        scope="city",
        group="all",
        unit=unit,
        replications=12,
        baseline=baseline,
        value=baseline + estimate,
        difference=Interval(estimate, estimate - half, estimate + half, 0.95),
        together=Interval(estimate, estimate - 2.0 * half, estimate + 2.0 * half, 0.95),
        verdict=Verdict.NOT_DECIDED,
        variance_ratio=8.25 if half else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


FILL = row("fill_rate", "share", 0.7105, 0.0012, 0.00075)
WAIT = row("wait", "days", 0.0375, 0.0041, 0.0012, verdict=Verdict.WORSE)
WORKERS = row("workers", "workers", 1200.0, 0.0, 0.0, verdict=Verdict.NO_DIFFERENCE)
BY_DISTRICT = (
    replace(FILL, scope="district", group="shiqi"),
    replace(WAIT, scope="district", group="shiqi"),
    replace(FILL, scope="district", group="old_town"),
    replace(WORKERS, scope="district", group="guzhen"),
)


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Shown:
    """Show rows and return the lines."""

    def show(
        *rows: Row,
        lang: str = "en",
        missing: tuple[str, ...] = (),
        wanted: Wanted | None = None,
        **more: Any,
    ) -> list[str]:
        found = Compared(
            folder=Path("results"),
            titles=({"en": "As it is", "zh": "现状"}, {"en": "A voucher", "zh": "补贴"}),
            rows=rows,
            from_date="2026-03-01",
            to_date="2026-06-30",
            scale=0.01,
            failed=0,
            missing={1: missing},
            seconds_saved=0.0,
            **more,
        )
        show_comparison(Face(lang=lang), found, wanted or Wanted(REGION))
        return capsys.readouterr().out.splitlines()

    return show


def numbers_of(lines: list[str], name: str) -> list[str]:
    """The numbers in the first line that begins so; an interval is three words."""
    line = next(line for line in lines if line.startswith(name))
    return [word for word in line.split() if word[0] in "+-.>0123456789"]


def test_budgets_and_precision_are_told(shown: Shown) -> None:
    look = Look(Decision.BUDGET_USED_UP, 50, 50, 170, "fill_rate", 0.0123, 0.005)
    lines = " ".join(shown(FILL, budgets=(Budget(1, 12, 0.874, 3),), look=look))
    assert "The budget of A voucher: 87% of it was used on average, and nothing was left in 3 of 12" in lines
    assert "The budget of 50 replications is used up before the precision was reached: Fill rate of" in lines
    assert "interval reaches 1.23 %, target 0.5 %; about 170 replications would be needed" in lines
    reached = " ".join(shown(FILL, look=replace(look, decision=Decision.ENOUGH, counted=44)))
    assert "Precision reached with 44 replications" in reached
    assert "budget" not in " ".join(shown(FILL))


def test_shares_are_in_per_cent_and_their_differences_in_points(shown: Shown) -> None:
    lines = shown(FILL)
    assert numbers_of(lines, "Fill rate") == ["71.0", "+0.12", "-0.03", "..", "+0.27"]
    assert "ended, %" in lines
    assert "Shares are in %, their differences in percentage points." in lines


def test_without_shares_points_are_not_spoken_of(shown: Shown) -> None:
    assert not any("percentage points" in line for line in shown(WAIT))


def test_a_short_time_is_in_minutes_in_the_whole_row(shown: Shown) -> None:
    lines = shown(WAIT)
    assert numbers_of(lines, "From order") == ["54.0", "+5.9", "+2.4", "..", "+9.4"]
    assert any(line.startswith("min") for line in lines)


def test_what_never_differs_is_named_below_the_table(shown: Shown) -> None:
    assert "Equal in every replication: Workers" in shown(FILL, WORKERS)


def test_details_follow_the_table(shown: Shown) -> None:
    lines = shown(FILL, WAIT, wanted=Wanted(REGION, details=True))
    after = lines[lines.index("In detail, each outcome for itself") :]
    assert after[1].split() == ["Outcome", "With", "policy", "Difference", "95%", "pointwise", "Pairing"]
    cells = numbers_of(after, "Fill rate")
    assert cells == ["71.2", "+0.120", "+0.045", "..", "+0.195", "8.25"]
    assert any("pointwise interval" in line for line in after)
    assert not any("pointwise" in line for line in shown(FILL, WAIT))


@pytest.mark.parametrize(("ratio", "text"), [(None, "-"), (1.0, "1.00"), (8_000_000.0, ">99,999")])
def test_what_pairing_saves(ratio: float | None, text: str, shown: Shown) -> None:
    lines = shown(replace(FILL, variance_ratio=ratio), wanted=Wanted(REGION, details=True))
    after = lines[lines.index("In detail, each outcome for itself") :]
    assert numbers_of(after, "Fill rate")[-1] == text


def test_groups_are_blocks_below_their_names(shown: Shown) -> None:
    lines = shown(FILL, *BY_DISTRICT, wanted=Wanted(REGION, ("district",)))
    lines = lines[lines.index("By district (means of 12 replications)") :]
    assert [line for line in lines[2:] if line and "+0.12" not in line and "+5.9" not in line][:2] == [
        "Shiqi", "  ended, %",
    ]  # fmt: skip
    assert lines.index("Shiqi") < lines.index("old_town"), "a group without a name goes by its id"
    assert sum(line.startswith("  Fill rate") for line in lines) == 2
    assert "Outcomes that are equal in every replication are left out." in lines
    assert "All are equal for: Guzhen" in lines
    assert not any("By district" in line for line in shown(FILL, *BY_DISTRICT))


def test_details_of_groups_are_below_their_names_too(shown: Shown) -> None:
    lines = shown(*BY_DISTRICT, wanted=Wanted(REGION, ("district",), details=True))
    assert lines.count("Shiqi") == 2
    assert lines.count("Guzhen") == 0


def test_a_scope_in_which_nothing_differs_says_so(shown: Shown) -> None:
    lines = shown(FILL, BY_DISTRICT[-1], wanted=Wanted(REGION, ("district",), details=True))
    assert "All are equal for: Guzhen" in lines
    assert lines.count("In detail, each outcome for itself") == 1


def test_outcomes_that_were_not_always_observed_are_counted(shown: Shown) -> None:
    missing = ("wait/district/shiqi", "fill_rate/city/all", "certified_share/district/shiqi")
    lines = shown(FILL, *BY_DISTRICT, missing=missing, wanted=Wanted(REGION, ("district",)))
    main = 1 + INDICATORS["certified_share"].main
    said = [line for line in lines if line.startswith("Left out because not every")]
    assert said == [
        "Left out because not every replication has observed them: 1 outcomes",
        f"Left out because not every replication has observed them: {main} outcomes",
    ]


def test_outcomes_beside_the_main_ones_are_shown_on_demand(shown: Shown) -> None:
    other = next(one for one in INDICATORS.values() if not one.main)
    made = row(other.id, other.unit, 1.0, 0.5, 0.1)
    assert len(shown(FILL, made, wanted=Wanted(REGION, all_outcomes=True))) > len(shown(FILL, made))


@pytest.mark.parametrize(
    ("scope", "group", "names"),
    [
        ("district", "shiqi", ("Shiqi", "石岐街道")),
        ("income_fifth", "1", ("Poorest fifth", "最低收入组（20%）")),
        ("origin", "guangxi", ("Guangxi", "广西")),
        ("firm_form", "none", ("None", "无")),
        ("district", "atlantis", ("atlantis", "atlantis")),
    ],
)
def test_groups_have_names_in_both_languages(scope: str, group: str, names: tuple[str, str]) -> None:
    assert tuple(group_name(scope, group, lang, REGION) for lang in LANGUAGES) == names


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_fits_80_columns(lang: str, shown: Shown) -> None:
    city = [row(one.id, one.unit, 123_456.7, -1_234_567.8, 2_345_678.9) for one in MAIN]
    district = [replace(one, scope="district", group="shiqi") for one in city]
    origin = [replace(one, scope="origin", group="other") for one in city]
    wanted = Wanted(REGION, ("district", "origin"), details=True)
    lines = shown(*city, *district, *origin, lang=lang, wanted=wanted)
    assert max(map(cell_len, lines)) <= WIDTH
    interval = "-5,925,926 .. +3,456,790"
    assert sum(interval in line for line in lines) == 3 * sum(one.unit != "share" for one in MAIN)


def test_chinese_names_and_units_are_not_torn(shown: Shown) -> None:
    city = [row(one.id, one.unit, 123.4, -1234.5, 2345.6) for one in MAIN]
    lines = shown(*city, lang="zh", wanted=Wanted(REGION, details=True))
    assert all(line.count("（") == line.count("）") for line in lines)
