"""What an unquoted YAML value is: the core schema of YAML 1.2, and nothing cleverer.

``12:30``, ``no`` and ``2026-01-01`` stay text. The rules are those of the YAML 1.2.2 specification, section 10.3.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST_NUMBER = 40
"""Characters; no setting needs more, and Python's conversion of long digit strings is slow."""

_NULL = re.compile(r"(?:null|Null|NULL|~|)")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?(?:\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN")

Value = str | int | float | bool | None

_RULES: tuple[tuple[re.Pattern[str], Callable[[str], Value]], ...] = (
    (_NULL, lambda text: None),
    (_BOOL, lambda text: text.lower() == "true"),
    (_INT, int),
    (_OCTAL, lambda text: int(text[2:], 8)),
    (_HEX, lambda text: int(text[2:], 16)),
    (_FLOAT, float),
    (_NOT_FINITE, lambda text: float(text.replace(".", "").lower())),
)
_NUMBERS = (_INT, _OCTAL, _HEX, _FLOAT)


def resolve(text: str) -> Value:
    """Return the value of an unquoted scalar.

    Raises:
        ValueError: It is a number of more characters than ``LONGEST_NUMBER``.
    """
    for pattern, convert in _RULES:
        if pattern.fullmatch(text):
            if pattern in _NUMBERS and len(text) > LONGEST_NUMBER:
                raise ValueError(f"a number of {len(text)} characters")
            return convert(text)
    return text


def is_number(value: object) -> bool:
    """Whether a value is a text that would be a number without its quotes."""
    try:
        return isinstance(value, str) and isinstance(resolve(value), (int, float))
    except ValueError:
        return False
