"""Remember what was read from a data file, under the hash of its text, in the user's cache folder.

Purely for speed: when the folder cannot be written or an entry is damaged, the file is simply read again. The
variable JIAZHENG_CACHE names another folder; set to nothing it turns remembering off.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

# Raised whenever the form of the entries changes, so that old ones are not read.
FORM = "facts-1"
ENTRIES_KEPT = 200


def folder() -> Path | None:
    """The cache folder, or None when remembering is turned off."""
    named = os.environ.get("JIAZHENG_CACHE")
    if named is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "jiazheng" / "cache" if base else None
    base = os.environ.get("XDG_CACHE_HOME")
    with suppress(RuntimeError):  # no home directory
        return (Path(base) if base else Path.home() / ".cache") / "jiazheng"
    return None


def recall(text: str) -> list[Any] | None:
    """What was remembered for this text, or None."""
    entry = _entry(text)
    if entry is None:
        return None
    try:
        rows = json.loads(entry.read_bytes())
    except (OSError, ValueError):
        return None
    return rows if isinstance(rows, list) else None


def remember(text: str, rows: list[Any]) -> None:
    """Remember `rows` (JSON values) for this text; say nothing if that cannot be done."""
    entry = _entry(text)
    if entry is None:
        return
    with suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        _forget_oldest(entry.parent)
        part = entry.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        part.replace(entry)  # readers see the whole entry or none


def _entry(text: str) -> Path | None:
    base = folder()
    if base is None:
        return None
    return base / "facts" / f"{sha256((FORM + text).encode()).hexdigest()}.json"


def _forget_oldest(entries: Path) -> None:
    aged = sorted(entries.iterdir(), key=lambda entry: entry.stat().st_mtime)
    for entry in aged[: max(0, len(aged) - ENTRIES_KEPT + 1)]:
        entry.unlink(missing_ok=True)
