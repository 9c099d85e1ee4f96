"""A comparison end to end on the small town: paired worlds, the common past, what is recorded and what is shown."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sim.errors import UserError
from sim.experiments.compared import ABOUT, FILE, Compared
from sim.experiments.comparison import Comparison, Source, compare, first_measured_day
from sim.experiments.engines.serial import SerialEngine
from sim.experiments.replication import branch_min, replicate
from sim.experiments.store import read_store
from tests.core.small import LIVELY, Town

DAYS = 36
SETTINGS = (f"period.days={DAYS}", "period.start=2026-03-01", "scale=0.06", "period.warm_up_days=5", *LIVELY)
POLICY = """\
policies:
  elder_voucher:
    announced: 2026-03-11
    begins: 2026-03-13
    take_up_probability: 1
    least_disability: mild
    approval_mean_days: 0
    home_share: {share}
    institution_share: {share}
"""


def of(*files: str, settings: tuple[str, ...] = SETTINGS, replications: int = 2) -> Comparison:
    return Comparison(tuple(Source.of(file, settings) for file in files), replications)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def files(town: Town) -> dict[str, str]:
    """The baseline, the voucher, and the voucher that pays nothing."""
    town(*SETTINGS)
    base = town.file
    made = {"baseline": str(base)}
    for name, share in (("voucher", 0.9), ("nothing", 0.0)):
        path = base.with_name(f"{name}.yaml")
        text = f"schema_version: 1\nextends: {base.name}\nname: {{en: {name}, zh: {name}}}\n"
        path.write_text(text + POLICY.format(share=share), encoding="utf-8")
        made[name] = str(path)
    return made


@pytest.fixture(scope="module")
def found(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Compared:
    comparison = of(files["baseline"], files["voucher"], files["nothing"])
    return compare(comparison, tmp_path_factory.mktemp("compare"), SerialEngine())


def test_outcomes_count_from_the_announcement_on(files: dict[str, str]) -> None:
    scenarios = of(files["baseline"], files["voucher"]).scenarios
    assert first_measured_day(scenarios) == 10
    assert branch_min(scenarios) == 10 * 1440.0
    assert first_measured_day(scenarios[:1]) == 5


def test_a_policy_that_pays_nothing_changes_nothing(found: Compared) -> None:
    rows = [row for row in found.rows if row.policy == 2]
    assert len(rows) > 50
    assert all(row.difference.estimate == 0.0 and row.difference.half_width == 0.0 for row in rows)


def test_a_policy_that_pays_shows_in_the_treated_and_in_public_money(found: Compared) -> None:
    rows = {(row.outcome, row.scope): row for row in found.rows if row.policy == 1}
    assert rows["treated_support", "treated"].difference.estimate > 0.0
    assert rows["treated_own_spending", "treated"].difference.estimate < 0.0
    assert rows["treated_households", "treated"].difference.estimate == 0.0
    assert rows["government_outlay", "city"].difference.estimate > 0.0
    assert rows["fill_rate", "city"].together.half_width >= rows["fill_rate", "city"].difference.half_width


def test_branched_futures_give_the_same_as_whole_runs(files: dict[str, str]) -> None:
    payload = {
        "scenarios": [{"file": files[name], "overrides": list(SETTINGS)} for name in ("baseline", "voucher")],
        "seed": 7, "from_day": 10,
    }  # fmt: skip
    branched, whole = (replicate({**payload, "branch": branch}) for branch in (True, False))
    assert branched["values"] == whole["values"]
    assert branched["digest"] == whole["digest"]
    assert branched["timings"]["past_s"] > 0.0 == whole["timings"]["past_s"]


def test_the_treated_are_billed_for_the_measured_days_and_no_others(files: dict[str, str]) -> None:
    """Whatever the first measured day, a household pays and gets about as much a month."""
    shared = {
        "scenarios": [{"file": files[name], "overrides": list(SETTINGS)} for name in ("baseline", "voucher")],
        "seed": 7, "branch": True,
    }  # fmt: skip
    # The policy pays from day 12 on; months end on days 31 and 36, so that day 29 lies just before a month's bills.
    long, short = (replicate({**shared, "from_day": day})["values"] for day in (12, 29))
    name = "treated_own_spending/treated/all"
    assert short[f"0/{name}"] == pytest.approx(long[f"0/{name}"], rel=0.35)
    name = "treated_support/treated/all"
    assert short[f"1/{name}"] == pytest.approx(long[f"1/{name}"], rel=0.5)


def test_more_replications_are_added_to_those_there(files: dict[str, str], tmp_path: Path) -> None:
    pair = (files["baseline"], files["voucher"])
    short = (*SETTINGS, "period.days=12")
    first = compare(of(*pair, settings=short), tmp_path, SerialEngine())
    before = read_store(tmp_path).entries
    second = compare(of(*pair, settings=short, replications=3), tmp_path, SerialEngine())
    after = read_store(tmp_path).entries
    assert len(before) == 2
    assert len(after) == 3
    assert all(after[identity].digest == entry.digest for identity, entry in before.items())
    assert {row.replications for row in first.rows} == {2}
    assert max(row.replications for row in second.rows) == 3


def test_what_was_found_lies_in_the_folder(found: Compared) -> None:
    with (found.folder / FILE).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found.rows)
    assert float(rows[0]["baseline"]) == found.rows[0].baseline
    about = json.loads((found.folder / ABOUT).read_text(encoding="utf-8"))
    assert about["replications"] == 2
    assert about["branch_min"] == 10 * 1440.0


def test_worlds_of_different_length_cannot_be_compared(files: dict[str, str]) -> None:
    other = Path(files["voucher"]).with_name("long.yaml")
    text = "schema_version: 1\nextends: voucher.yaml\nperiod: {days: 77}\n"
    other.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="region, period and scale must be those of the baseline"):
        of(files["baseline"], str(other), settings=()).plan(2)
