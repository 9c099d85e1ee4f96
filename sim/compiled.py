"""Compiled kernels: numba with a disk cache that cannot go stale.

Numba's cache watches only the file that holds a function, not the files of the functions that it calls. The cache
folder therefore carries a digest of every source file that holds kernels, or the columns and the numbers that these
read: a changed callee is a new folder.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_PACKAGE = Path(__file__).parent
_CACHE_VARIABLE = "NUMBA_CACHE_DIR"


def _sources_digest() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        text = path.read_bytes()
        if b"@kernel" in text or path.parent.name == "state" or path.name in {"rng.py", "vocabulary.py"}:
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(text)
    return digest.hexdigest()


def _cache_root() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))


def _point_numba_at_the_cache() -> None:
    if _CACHE_VARIABLE not in os.environ:
        os.environ[_CACHE_VARIABLE] = str(_cache_root() / "jiazheng" / f"kernels-{_sources_digest()}")


_point_numba_at_the_cache()

import numba  # noqa: E402  the cache folder must be set before numba reads its configuration
import numpy as np  # noqa: E402


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` on first use, without fast-math, so that a result is the same on every call path."""
    compiled: Callable[P, R] = numba.njit(cache=True, error_model="numpy")(function)
    return compiled


@kernel
def wide(number: int) -> int:
    """Return a number from a narrow column as a 64-bit integer: one compiled version of a kernel serves all columns."""
    return np.int64(number)  # type: ignore[return-value]


_SCALARS = {
    "int": numba.int64,
    "float": numba.float64,
    "bool": numba.boolean,
    "np.uint64": numba.uint64,
}


def entry(compiled: Callable[P, R]) -> Callable[P, R]:
    """Return a kernel as the event loop calls it: with one signature, straight into machine code.

    Numba looks at the type of every argument of every call; for the table arrays that costs more than most kernels.
    Here the first call fixes the signature: numbers by their annotations, everything else by what is passed. Later
    calls are hardly checked: an array whose items have another size raises a ``TypeError``, one that is strided or
    whose items merely have the same size does not. So arrays come from the tables, or are made contiguous where they
    enter. Other kernels call the kernel itself, not its entry.
    """
    kernel_of: Any = compiled
    if not hasattr(kernel_of, "overloads"):  # NUMBA_DISABLE_JIT=1: the function is plain Python
        return compiled
    code: Any = None

    @functools.wraps(compiled)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        nonlocal code
        if code is None:
            code = _machine_code(kernel_of, args)
        return code(*args, **kwargs)  # type: ignore[no-any-return]

    return call


def _machine_code(compiled: Any, args: tuple[object, ...]) -> Any:
    typeof: Any = numba.typeof
    annotations = [
        parameter.annotation for parameter in inspect.signature(compiled.py_func).parameters.values()
    ]
    signature = tuple(
        _SCALARS[annotation] if annotation in _SCALARS else typeof(argument)
        for annotation, argument in zip(annotations, args, strict=True)
    )
    compiled.compile(signature)
    return compiled.overloads[signature].entry_point
