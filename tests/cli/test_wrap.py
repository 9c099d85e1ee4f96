"""Lines by their width on the screen."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.cells import cell_len

from sim.cli.face import Face
from sim.cli.wrap import BELONGS_TO_LAST, BELONGS_TO_NEXT, longest_piece, wrapped

CHARACTERS = st.text(st.sampled_from("ab 12,.%/政策基准，。（）“"), max_size=60)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("  one two", 5, ["  one", "  two"]),
        ("一二三四五", 4, ["一二", "三四", "五"]),
        ("一二三，四五", 6, ["一二", "三，四", "五"]),
        ("请求（单/月）", 9, ["请求", "（单/月）"]),
        ("共 12,345 次", 8, ["共", "12,345", "次"]),
        ("在 95 of 100 次里", 9, ["在 95 of", "100 次里"]),
        ("价格（元/小时）", 12, ["价格", "（元/小时）"]),
        ("orders/worker-day", 10, ["orders/", "worker-day"]),
        ("policies.elder_voucher.home", 15, ["policies.elder_", "voucher.home"]),
        ("abcdef", 4, ["abcd", "ef"]),
        ("", 4, [""]),
        ("a\nb c", 9, ["a", "b c"]),
    ],
)
def test_lines_end_where_a_reader_expects_it(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(CHARACTERS, st.integers(2, 30))
def test_every_line_fits_and_nothing_is_lost(text: str, width: int) -> None:
    text = text.strip()
    lines = wrapped(text, width)
    assert max(map(cell_len, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(CHARACTERS, st.integers(10, 30))
def test_marks_stay_where_they_belong(text: str, width: int) -> None:
    words = text.strip()
    assume(longest_piece(words) <= width)
    at = 0
    for line in wrapped(words, width)[:-1]:
        at = words.index(line, at) + len(line)
        if words[at] != " ":
            assert words[at] not in BELONGS_TO_LAST
            assert words[at - 1] not in BELONGS_TO_NEXT


def test_a_paragraph_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    Face().text("同一表中的各区间在 100 次比较里有 95 次同时成立。" * 5)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert max(map(cell_len, lines)) <= 80


def test_columns_of_numbers_are_never_narrowed(capsys: pytest.CaptureFixture[str]) -> None:
    interval = "-1,234,567 .. +1,234,567"
    Face().table(["名称", "区间", "结论"], [("很长的名称" * 20, interval, "尚不能判断" * 20)], numbers=[1])
    lines = capsys.readouterr().out.splitlines()
    assert sum(interval in line for line in lines) == 1
    assert max(map(cell_len, lines)) <= 80
