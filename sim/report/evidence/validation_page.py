"""The page of evidence: Markdown that depends on nothing but the runs, the figures and what is written about misses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.report.evidence.evidence import ELSEWHERE, Evidence, Held, number
from sim.report.evidence.study import Question, about

HEAD = """\
# Validation: {name}

What the model says beside what was published. This page is written by

```sh
jiazheng evidence {command}
```

and not by hand. The figures and their split into fitted, checked and tested stand in one file, which was fixed before
any fit: `{targets}`, sha256 `{digest}`. No fit sees a test.

**{share}**{rest}.

## How to read this page

- **Model** is the mean over {replications} replications, with a 95% interval of that mean: it holds the chance of the
  draws and neither the uncertainty of the parameters nor that of the sources.{sets}
- **Published** is the figure as printed, with its range. A star marks a range of plus and minus a fifth, taken where
  the source gives none: a convention that was set before the runs, and no statement about the source.
- **In range** asks whether the model's mean lies in the range, ends included; *open* is added where the interval holds
  an end of the range, so that other seeds could decide otherwise.
- **Used as input** counts the parameters whose source is the same observation (named below). Such a test is near to an
  input: it says whether the mechanisms keep the value that was put in, and is weak evidence.
- Grade A was read in a source, B is a recalled official statistic, C an assumption. Marks stand in
  [sources.md](sources.md).
- Most figures are of China, of platforms or of other years; a model of one region in one year need not meet them all.
  A miss that is understood is worth more than a match that was tuned; every miss is discussed at the end.

Runs: region `{region}`, scale {scale}, {days} days from {start} of which {warm_up_days} are warm-up, seeds {seeds};
first run `{run}`.
"""
PART_HEADS = {
    "targets": "## 1. Fitted targets\n\nA calibration may move parameters until these agree.\n",
    "checks": "## 2. Consistency checks\n\nAssumptions of grade C: looked at, never fitted, and no evidence.\n",
    "tests": "## 3. Tests\n\nGrade A, read in a source, never used in a fit.\n",
}
ELSEWHERE_HEAD = """\
## 4. Figures of elsewhere, no tests here

Published of another region or of the country, and named by `{file}`; of this region none was read. They show how the
model carries over, and no range is asked of them: for these rows there is no evidence.
"""
TITLES = ("figure", "unit", "model (95%)", "published (range)", "in range", "used as input", "source")
SETS_SAID = (
    " **Sets** is the range of the middle 90% of the {count} parameter sets that a calibration has left."
)
OTHERS = {"targets": "fitted figures", "checks": "consistency checks"}
FIRST_INPUTS = 4


def page(question: Question, evidence: Evidence) -> str:
    """Return the page's text."""
    parts = [_head(question, evidence)]
    for name, head in PART_HEADS.items():
        held = evidence.part(name)
        parts.append(head + "\n" + (_table(held) if held else "None.\n"))
    parts.append(_elsewhere(question, evidence))
    parts += [_inputs(evidence), _caveats(evidence), _misses(evidence)]
    return "\n".join(part for part in parts if part)


def _head(question: Question, evidence: Evidence) -> str:
    content = question.content
    sets = SETS_SAID.format(count=len(question.sets)) if question.sets else ""
    return HEAD.format(
        name=content.name.en,
        command=f"scenarios/evidence/{question.file.name}",
        targets=f"scenarios/calibration/{question.path(content.targets).name}",
        digest=question.digest,
        share=f"{_share(evidence, 'tests')} tests are in range",
        rest="".join(
            f", of the {words} {_share(evidence, part)}"
            for part, words in OTHERS.items()
            if evidence.part(part)
        ),
        replications=content.replications,
        sets=sets,
        **about(question),
    )


def _share(evidence: Evidence, part: str) -> str:
    return f"{evidence.inside(part)} of {len(evidence.part(part))}"


def _table(held: Sequence[Held]) -> str:
    with_sets = any(one.sets is not None for one in held)
    titles = [*TITLES[:3], *(("sets (90%)",) if with_sets else ()), *TITLES[3:]]
    return _lines(titles, (_row(one, with_sets=with_sets) for one in held))


def _elsewhere(question: Question, evidence: Evidence) -> str:
    held = evidence.part(ELSEWHERE)
    if not held or question.content.elsewhere is None:
        return ""
    head = ELSEWHERE_HEAD.format(
        file=f"scenarios/calibration/{question.path(question.content.elsewhere).name}"
    )
    titles = ("figure", "unit", "model (95%)", "published elsewhere (range)", "source")
    rows = ((_name(one), one.unit, _model(one), _published(one), _source(one)) for one in held)
    return f"{head}\n{_lines(titles, rows)}"


def _row(one: Held, *, with_sets: bool) -> list[str]:
    verdict = ("yes" if one.in_range else "**no**") + ("" if one.is_decided else ", open")
    sets = [] if not with_sets else ["" if one.sets is None else " to ".join(map(number, one.sets))]
    return [
        _name(one),
        one.unit,
        _model(one),
        *sets,
        _published(one),
        verdict,
        f"yes ({len(one.inputs)})" if one.inputs else "no",
        _source(one),
    ]


def _name(one: Held) -> str:
    return f"`{one.name}` {one.figure.name.en if one.figure.name else one.name}"


def _published(one: Held) -> str:
    low, high = map(number, one.figure.ends)
    star = "\\*" if one.figure.range_by_rule else ""
    return f"{number(one.figure.published)} ({low} to {high}{star})"


def _source(one: Held) -> str:
    return f"{one.figure.source} [{', '.join(one.figure.marks)}], {one.figure.grade}"


def _model(one: Held) -> str:
    if one.interval is None:
        return number(None)
    return f"{number(one.value)} ({number(one.interval.low)} to {number(one.interval.high)})"


def _inputs(evidence: Evidence) -> str:
    rows = [
        f"- `{one.name}`: {_some(one.inputs)}"
        for name in ("checks", "tests")
        for one in evidence.part(name)
        if one.inputs
    ]
    if not rows:
        return ""
    head = "## Near to inputs\n\nParameters that rest on the same observation as a check or a test.\n"
    return "\n".join((head, *rows)) + "\n"


def _some(paths: Sequence[str]) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:FIRST_INPUTS])
    more = len(paths) - FIRST_INPUTS
    return f"{shown} and {more} more" if more > 0 else shown


def _caveats(evidence: Evidence) -> str:
    rows = [f"- `{one.name}`: {one.figure.caveat}" for one in evidence.held if one.figure.caveat]
    if not rows:
        return ""
    return "\n".join(("## Where definitions differ\n", *rows)) + "\n"


def _misses(evidence: Evidence) -> str:
    head = "## Every miss\n"
    if not evidence.misses:
        return f"{head}\nNone.\n"
    said = [_miss(one, evidence.discussions[one.name]) for one in evidence.misses]
    return "\n".join((head, *said))


def _miss(one: Held, text: str) -> str:
    low, high = map(number, one.figure.ends)
    head = f"### {one.name}: {number(one.value)} against {number(one.figure.published)} ({low} to {high})"
    return f"{head}\n\n{text}\n"


def _lines(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    lines += [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"
