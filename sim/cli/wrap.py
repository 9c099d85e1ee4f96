"""Lines of a given width on the screen, for languages with spaces between words and for those without.

A wide character takes two columns and a line may end after it, so that Chinese text fills its lines; Latin words and
numbers stay whole, as does what is added in short brackets, and no line begins with a mark that belongs to what stands
before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BELONGS_TO_LAST = frozenset("，。、；：！？）》」』”’%/,.;:!?)]")
BELONGS_TO_NEXT = frozenset("（《「『“‘/([")
SHORT_BRACKETS = re.compile(r"（[^（）]{1,8}）")
JOINTS = re.compile(r"(?<=[/._-])")
"""Where a word that is wider than a line is parted first."""


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; all lines of a paragraph are indented as its first is.

    Args:
        text: Paragraphs, a line each.
        width: Columns; a word that has more is cut.
    """
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, width)]


def longest_piece(text: str) -> int:
    """Return the columns of the longest piece that is not cut."""
    from rich.cells import cell_len

    return max((cell_len(piece.strip()) for piece in _pieces(text)), default=0)


def _lines(paragraph: str, width: int) -> Iterator[str]:
    from rich.cells import cell_len

    words = paragraph.lstrip()
    indent = paragraph[: len(paragraph) - len(words)]
    line = indent
    for piece in _fitting(words, width - len(indent)):
        if line != indent and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = indent
        line += piece
    yield line.rstrip()


def _fitting(words: str, width: int) -> Iterator[str]:
    """Yield the pieces; of one that is wider than a line, its parts or its characters."""
    from rich.cells import cell_len

    def fits(piece: str) -> bool:
        return cell_len(piece.rstrip()) <= width

    for piece in _pieces(words):
        for part in [piece] if fits(piece) else JOINTS.split(piece):
            yield from [part] if fits(part) else part


def _pieces(words: str) -> Iterator[str]:
    """Yield what no line may be broken in, with the spaces that follow."""
    inside = {at for found in SHORT_BRACKETS.finditer(words) for at in range(found.start() + 1, found.end())}
    begin = 0
    for end in range(1, len(words)):
        if end not in inside and _may_break(words[end - 1], words[end]):
            yield words[begin:end]
            begin = end
    if words:
        yield words[begin:]


def _may_break(last: str, following: str) -> bool:
    """Whether a line may end between two characters."""
    if following == " ":
        return False
    if last == " ":
        return True
    if following in BELONGS_TO_LAST or last in BELONGS_TO_NEXT:
        return False
    return _is_wide(last) or _is_wide(following)


def _is_wide(character: str) -> bool:
    from rich.cells import cell_len

    return cell_len(character) == 2
