"""Evidence: the committed page is that of its figures; every miss is discussed; interrupted studies go on."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.errors import UserError
from sim.experiments.calibration.calibrate import problem_of
from sim.experiments.calibration.calibration_file import read_calibration_file
from sim.experiments.calibration.targets import digest_of_file, read_targets
from sim.experiments.engines.engine import Stop, Work
from sim.experiments.engines.serial import SerialEngine
from sim.experiments.outcome import Outcome
from sim.experiments.statistics.interval import Interval
from sim.report.evidence.evidence import PARTS, Evidence, Held, discussed, held_of, number
from sim.report.evidence.evidence_file import read_discussions, read_evidence_file
from sim.report.evidence.study import Answers, Question, ask, missing_runs, question_of
from sim.report.evidence.validation_page import page
from tests.core.small import Town

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(ROOT.glob("scenarios/evidence/[!d]*.yaml"))
ROW = re.compile(
    r"^\| `(?P<name>\w+)` [^|]*\|[^|]*\| (?P<model>[^|]+?) \|(?: [^|]*\|)? (?P<published>\S+) "
    r"\((?P<low>\S+) to (?P<high>[^)\\]+)(?:\\\*)?\) \| (?P<verdict>[^|]+) \| (?P<input>yes|no)",
    re.MULTILINE,
)


def figure(text: str) -> float:
    return float(text.replace(",", ""))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def evidence_file(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def committed(file: Path) -> tuple[str, Path, Path]:
    content = read_evidence_file(file)
    paths = (file.parent / name for name in (content.page, content.targets, content.discussion))
    text, targets, discussion = paths
    return text.resolve().read_text(encoding="utf-8"), targets.resolve(), discussion


def test_the_committed_page_names_the_split_as_it_is(evidence_file: Path) -> None:
    text, targets, _ = committed(evidence_file)
    assert f"sha256 `{digest_of_file(targets)}`" in text, "jiazheng evidence writes the page anew"


def test_the_committed_page_has_every_figure_as_published(evidence_file: Path) -> None:
    text, targets, _ = committed(evidence_file)
    rows = {row["name"]: row for row in ROW.finditer(text)}
    figures = read_targets(targets).all
    assert list(rows) == list(figures)
    for name, one in figures.items():
        shown = tuple(rows[name][column] for column in ("published", "low", "high"))
        assert shown == (number(one.published), *map(number, one.ends))


def test_the_committed_page_judges_by_its_own_numbers(evidence_file: Path) -> None:
    text, targets, _ = committed(evidence_file)
    rows = {row["name"]: row for row in ROW.finditer(text)}
    figures = read_targets(targets)
    for row in rows.values():
        if row["model"] == "not observed":
            assert row["verdict"].startswith("**no**")
            continue
        value, low, high = (figure(text) for text in (row["model"].split()[0], row["low"], row["high"]))
        rounding = 0.006 * abs(value)  # three digits are printed
        if low + rounding < value < high - rounding:
            assert row["verdict"].startswith("yes"), row["name"]
        elif not low - rounding <= value <= high + rounding:
            assert row["verdict"].startswith("**no**"), row["name"]
    inside = sum(rows[name]["verdict"].startswith("yes") for name in figures.tests)
    assert f"**{inside} of {len(figures.tests)} tests are in range**" in text


def test_the_committed_page_discusses_every_miss_and_nothing_else(evidence_file: Path) -> None:
    text, _, discussion = committed(evidence_file)
    missed = [row["name"] for row in ROW.finditer(text) if row["verdict"].startswith("**no**")]
    headed = re.findall(r"^### (\w+):", text, re.MULTILINE)
    assert headed == missed
    assert set(read_discussions(discussion)) == set(missed)


def test_a_fit_reads_nothing_of_checks_and_tests() -> None:
    (file,) = (ROOT / "scenarios" / "calibration").glob("beijing.yaml")
    figures = read_targets(file.parent / read_calibration_file(file).targets)
    asked = set(problem_of(file).shared["outcomes"])
    fitted = {name for target in figures.targets.values() for name in target.outcomes}
    assert asked == fitted
    outside = {
        name for part in (figures.checks, figures.tests) for one in part.values() for name in one.outcomes
    }
    assert asked.isdisjoint(outside)


FIGURES = """\
schema_version: 1
targets:
  fill:
    {value: fill_rate, published: 0.9, low: 0.0, high: 1.0, discrepancy_sd: 0.1, grade: C, fact: T1, source: planted}
tests:
  share:
    {value: fill_rate@-7..-1, published: 0.5, low: 0.0, high: 1.0, grade: A, fact: V008c, source: planted}
  price:
    value: price_per_visit/service/hourly_cleaning@-7..-1
    over: price_per_visit/service/hourly_cleaning@-21..-15
    published: 100.0
    low: 80.0
    high: 120.0
    range_by_rule: true
    grade: A
    fact: T3
    source: planted
"""
FILE = """\
schema_version: 1
name: {en: A town, zh: 小城}
scenario: town.yaml
overrides: [scale=0.1, period.days=50]
targets: figures.yaml
discussion: discussion.yaml
page: page.md
replications: 2
"""
DISCUSSION = "schema_version: 1\ndiscussions:\n  price: Nobody pays {published} times as much; the model has {value}.\n"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Question, Answers, Path]:
    folder = tmp_path_factory.mktemp("evidence")
    Town(folder)
    for name, text in (("figures", FIGURES), ("evidence", FILE), ("discussion", DISCUSSION)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    question = question_of(folder / "evidence.yaml")
    with pytest.raises(UserError, match="stopped"):
        ask(question, folder / "study", Stopped())
    return question, ask(question, folder / "study", SerialEngine()), folder


class Stopped:
    """Makes one run and hears the wish to stop."""

    def outcomes(self, work: Work, stop: Stop) -> Generator[Outcome]:
        yield next(iter(SerialEngine().outcomes(work, stop)))
        raise UserError("stopped")


class Idle:
    """Fails when it is asked for a run."""

    def outcomes(self, work: Work, stop: Stop) -> Generator[Outcome]:
        raise AssertionError(f"{len(work.runs)} runs were asked for again")
        yield


def test_recorded_runs_are_not_made_again(asked: tuple[Question, Answers, Path]) -> None:
    question, answers, folder = asked
    assert missing_runs(question, folder / "study") == 0
    assert missing_runs(question, folder / "nowhere") == 2
    assert not (folder / "nowhere").exists()
    assert ask(question, folder / "study", Idle()) == answers
    assert len(answers.runs) == 2


def test_the_page_is_that_of_the_runs(asked: tuple[Question, Answers, Path]) -> None:
    question, answers, _ = asked
    held = held_of(question, answers)
    text = page(question, discussed(question, held))
    assert text == page(question, discussed(question, held_of(question, answers)))
    assert question.digest in text
    assert "**1 of 2 tests are in range**" in text
    by_name = {one.name: one for one in held}
    assert by_name["share"].inputs, "V008c is the source of a parameter"
    assert not by_name["price"].inputs
    ratios = [one.figure.of(values) for one in held if one.name == "price" for values in answers.runs]
    assert by_name["price"].value == pytest.approx(sum(filter(None, ratios)) / 2)
    assert f"Nobody pays 100 times as much; the model has {number(by_name['price'].value)}." in text
    names = [row["name"] for row in ROW.finditer(text)]
    assert names == ["fill", "share", "price"]


FAULTS = {
    "missing": ("discussions: {}\n", "price is missed (", "has no discussion"),
    "in range": (DISCUSSION.split("\n", 1)[1] + "  share: Why.\n", "share is in range (", "remove it"),
    "unknown": (DISCUSSION.split("\n", 1)[1] + "  prise: Why.\n", "for prise", "did you mean price?"),
}


@pytest.mark.parametrize(("content", "first", "second"), FAULTS.values(), ids=FAULTS)
def test_a_discussion_too_few_or_too_many_is_an_error(
    asked: tuple[Question, Answers, Path], content: str, first: str, second: str
) -> None:
    question, answers, folder = asked
    other = folder / "other.yaml"
    other.write_text(f"schema_version: 1\n{content}", encoding="utf-8")
    question = replace(question, content=question.content.model_copy(update={"discussion": other.name}))
    with pytest.raises(UserError) as told:
        discussed(question, held_of(question, answers))
    assert first in str(told.value)
    assert second in str(told.value)


def test_the_command_writes_the_page(asked: tuple[Question, Answers, Path]) -> None:
    _, _, folder = asked
    arguments = ["evidence", str(folder / "evidence.yaml"), "--into", str(folder / "study"), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["figures"]["price"]["in_range"] is False
    assert (folder / "page.md").read_text(encoding="utf-8").startswith("# Validation: A town\n")


def test_parameter_sets_are_run_and_their_range_is_shown(asked: tuple[Question, Answers, Path]) -> None:
    _, answers, folder = asked
    table = folder / "sets.csv"
    rows = ("weight,parameters.visits.cancel_probability", "0.5,0.0", "0.5,0.4")
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    file = folder / "with_sets.yaml"
    file.write_text(f"{FILE}sets: sets.csv\n", encoding="utf-8")
    wider = question_of(file)
    found = ask(wider, folder / "study", SerialEngine())
    assert found.runs == answers.runs
    (fill,) = (one for one in held_of(wider, found) if one.name == "fill")
    assert fill.sets is not None
    low, high = fill.sets
    assert high - low > 0.1, "a household that cancels 4 of 10 visits is served less often"
    assert "sets (90%)" in page(wider, discussed(wider, held_of(wider, found)))


ELSEWHERE = """\
schema_version: 1
checks:
  fill: {value: fill_rate, published: 5.0, low: 4.0, high: 6.0, grade: C, fact: T9, source: planted}
  visits: {value: visits_per_active_day/all, published: 90.0, low: 80.0, high: 99.0, grade: C, fact: T8, source: far}
"""


def test_figures_of_elsewhere_are_shown_and_not_judged(asked: tuple[Question, Answers, Path]) -> None:
    _, _, folder = asked
    (folder / "other_figures.yaml").write_text(ELSEWHERE, encoding="utf-8")
    file = folder / "carried_over.yaml"
    file.write_text(f"{FILE}elsewhere: other_figures.yaml\n", encoding="utf-8")
    question = question_of(file)
    assert list(question.elsewhere) == ["visits"], "a figure of the region's own comes first"
    found = held_of(question, ask(question, folder / "carried_over", SerialEngine()))
    text = page(question, discussed(question, found))
    assert "| `visits` visits | orders/worker-day | " in text.partition("## 4. Figures of elsewhere")[2]
    assert "### visits" not in text
    assert "**1 of 2 tests are in range**" in text


def test_a_service_that_there_is_not_is_refused(asked: tuple[Question, Answers, Path]) -> None:
    _, _, folder = asked
    (folder / "wrong.yaml").write_text(FIGURES.replace("hourly_cleaning", "hourly_cleanin"), encoding="utf-8")
    file = folder / "wrong_evidence.yaml"
    file.write_text(FILE.replace("figures", "wrong"), encoding="utf-8")
    with pytest.raises(UserError, match=r"hourly_cleanin, which there is not \(did you mean hourly_cleaning"):
        question_of(file)


def held(low: float, high: float, at: tuple[float, float, float]) -> Held:
    figures = {"value": "fill_rate", "published": (low + high) / 2, "low": low, "high": high}
    target = read_targets_of(**figures)
    return Held("tests", "one", target, Interval(at[1], at[0], at[2], 0.95), None, ())


def read_targets_of(**values: object) -> object:
    from sim.experiments.calibration.targets import Target

    return Target.model_validate({**values, "grade": "A", "fact": "F1", "source": "planted"})


@pytest.mark.parametrize(
    ("at", "in_range", "is_decided"),
    [
        ((0.4, 0.5, 0.6), True, True),
        ((0.1, 0.25, 0.4), True, False),
        ((0.1, 0.15, 0.3), False, False),
        ((0.0, 0.1, 0.15), False, True),
    ],
)
def test_in_range_is_asked_of_the_mean_and_open_of_the_interval(
    at: tuple[float, float, float], in_range: bool, is_decided: bool
) -> None:
    one = held(0.2, 0.8, at)
    assert (one.in_range, one.is_decided) == (in_range, is_decided)
    evidence = Evidence((one,), {})
    assert [len(evidence.part(part)) for part in PARTS] == [0, 0, 1]
    assert evidence.inside("tests") == int(in_range)


def test_what_was_not_observed_is_missed() -> None:
    one = replace(held(0.2, 0.8, (0.4, 0.5, 0.6)), interval=None)
    assert not one.in_range
    assert one.value is None
    assert Evidence((one,), {}).misses == (one,)
