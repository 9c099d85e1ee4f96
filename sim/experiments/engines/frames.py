"""Messages between a driver and its workers: a length (u32, big-endian) and that many bytes of JSON."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

_LENGTH = struct.Struct(">I")


def send(pipe: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write a message, in one piece: several threads may do so at a time.

    Raises:
        OSError: The other side is gone.
    """
    body = json.dumps(message, separators=(",", ":")).encode()
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> dict[str, Any] | None:
    """Read a message; None when the other side is gone, also in the middle of one."""
    length = pipe.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    size: int = _LENGTH.unpack(length)[0]
    body = pipe.read(size)
    if len(body) < size:
        return None
    message: dict[str, Any] = json.loads(body)
    return message
