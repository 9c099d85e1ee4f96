"""The journal: what has been recorded is never overwritten, and damage costs no more than what it touches.

One file a writer. A file is a sequence of records, each

    mark (8 bytes)  length (u32)  CRC-32 (u32)  body

with little-endian numbers; the length is that of the body, the checksum is over length and body. A body is two lines of
JSON in ASCII, a head and a detail, so the mark's first byte never stands in one. Heads are

    ["journal", format]                                          detail: who writes
    ["platform", key]                                            detail: a platform, once before its first run
    ["run", identity, status, attempt, digest, platform key]     detail: values, timings, notes, failure

What survives what: a record is handed to the system in one write, so it outlives the death of the process as soon as
:meth:`Journal.append` returns. It is forced to the disk (fsync) at most once a second and on closing, so a power
failure can cost the records since the last time; they are missing or torn, and their runs are made again. When a write
fails half-way (full disk) the half is cut off. A record that a crash tore stays: readers pass over it and say so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import struct
import sys
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import sim
from sim.experiments.layout import JOURNALS, sync_folder
from sim.experiments.outcome import Outcome
from sim.records.refusal import cannot_write

FORMAT = 1
SUFFIX = ".journal"
MARK = b"\x89JZR\r\n\x1a\n"
SYNC_EVERY_S = 1.0
OK = "ok"
FAILED = "failed"
_NUMBERS = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
_HEAD_BYTES = len(MARK) + _NUMBERS.size
_KEY_BYTES = 6


class Span(NamedTuple):
    """Where in a file the body of a whole record stands: bytes ``start`` up to, not including, ``end``."""

    start: int
    end: int


class Gap(NamedTuple):
    """Bytes of a file that are no whole record.

    Attributes:
        start: First damaged byte.
        end: First byte of the next whole record, or the file's length.
        torn: Whether the file ends here, as it does when a writer died or is just writing.
    """

    start: int
    end: int
    torn: bool


class Journal:
    """Writes one journal file.

    Args:
        folder: The study's folder.

    Raises:
        OutputError: The file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNALS / _file_name()
        self._platforms: set[str] = set()
        self._synced = time.monotonic()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._file = os.open(self.path, flags, 0o644)
            sync_folder(self.path.parent)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._length = 0
        self._write(["journal", FORMAT], _writer())

    def append(self, outcome: Outcome) -> None:
        """Record a run.

        Raises:
            OutputError: The system refuses to write; what was recorded before is unharmed.
        """
        key = self._platform(outcome.platform)
        status = OK if outcome.ok else FAILED
        head = ["run", outcome.identity, status, outcome.attempt, outcome.digest, key]
        self._write(head, _detail(outcome))
        if time.monotonic() - self._synced >= SYNC_EVERY_S:
            self._sync()

    def close(self) -> None:
        """Force everything to the disk and close the file."""
        try:
            self._sync()
        finally:
            os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _platform(self, platform: Mapping[str, Any]) -> str:
        key = platform_key(platform)
        if key not in self._platforms:
            self._write(["platform", key], platform)
            self._platforms.add(key)
        return key

    def _write(self, head: list[object], detail: Mapping[str, Any]) -> None:
        record = packed(_json(head) + b"\n" + _json(detail))
        try:
            self._write_all(record)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._length)
            raise cannot_write(self.path, error) from error
        self._length += len(record)

    def _write_all(self, record: bytes) -> None:
        left = memoryview(record)
        while left:
            left = left[os.write(self._file, left) :]

    def _sync(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._synced = time.monotonic()


def packed(body: bytes) -> bytes:
    """A body as a record."""
    checksum = zlib.crc32(body, zlib.crc32(_LENGTH.pack(len(body))))
    return MARK + _NUMBERS.pack(len(body), checksum) + body


def spans(data: bytes) -> Iterator[Span | Gap]:
    """Find all whole records of a file's content, and what lies between them.

    After damage the next whole record is looked for at the marks that follow, whatever the damaged record claims about
    its length.
    """
    position = 0
    while position < len(data):
        end = _end_of_record(data, position)
        if end:
            yield Span(position + _HEAD_BYTES, end)
        else:
            end = _next_record(data, position + 1)
            yield Gap(position, end, torn=end == len(data))
        position = end


def _end_of_record(data: bytes, position: int) -> int:
    """The end of the whole record that begins at `position`, or 0."""
    start = position + _HEAD_BYTES
    if start > len(data) or not data.startswith(MARK, position):
        return 0
    length, checksum = _NUMBERS.unpack_from(data, start - _NUMBERS.size)
    end: int = start + length
    if end > len(data) or checksum != zlib.crc32(data[start:end], zlib.crc32(_LENGTH.pack(length))):
        return 0
    return end


def _next_record(data: bytes, position: int) -> int:
    """Where the next whole record begins, or the data's end."""
    while (position := data.find(MARK, position)) >= 0:
        if _end_of_record(data, position):
            return position
        position += 1
    return len(data)


def read_heads(data: bytes, found: Sequence[Span]) -> list[list[Any]]:
    """The first lines of bodies; an empty head for a body that no version known here has written."""
    lines = [data[start : data.find(b"\n", start, end)] for start, end in found]
    try:  # one call for all of them takes a fifth of the time
        heads: list[list[Any]] = json.loads(b"[" + b",".join(lines) + b"]")
    except ValueError:
        heads = []
    return heads if len(heads) == len(lines) else [_head(line) for line in lines]


def _head(line: bytes) -> list[Any]:
    try:
        head = json.loads(line)
    except ValueError:
        return []
    return head if isinstance(head, list) else []


def read_detail(body: bytes) -> dict[str, Any]:
    """The second line of a body."""
    detail: dict[str, Any] = json.loads(body[body.index(b"\n") :])
    return detail


def platform_key(platform: Mapping[str, Any]) -> str:
    """A short name of a platform: equal for equal ones."""
    text = json.dumps(platform, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).hexdigest()


def _detail(outcome: Outcome) -> dict[str, Any]:
    detail: dict[str, Any] = {"values": outcome.values, "timings": outcome.timings}
    if outcome.notes:
        detail["notes"] = outcome.notes
    if outcome.failure is not None:
        detail["failure"] = asdict(outcome.failure)
    return detail


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()


def _writer() -> dict[str, Any]:
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": sim.__version__,
        "system": sys.platform,
    }


def _file_name() -> str:
    """A name that no other writer has; names sort by time."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    host = re.sub(r"[^A-Za-z0-9-]+", "_", socket.gethostname())[:32]
    return f"{now}-{host}-{os.getpid()}-{uuid.uuid4().hex[:8]}{SUFFIX}"
