"""`@kernel`: how loops are compiled here, and a cache on disk that notices every change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

# Compiled code contains the kernels it calls, from whatever file; numba's cache only looks at the caller's own file.
# The text of all files with kernels is the stamp, so that an edit to any of them compiles again.
_TEXTS = (file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
_STAMP = hashlib.sha256(
    b"".join(text for text in _TEXTS if b"import kernel" in text or b"import part" in text)
).hexdigest()


def kernel(function: Function) -> Function:
    """Compile on first call, keep the result on disk, run without the interpreter's lock; no fastmath."""
    return _compiled(function)


def part(function: Function) -> Function:
    """A kernel that only kernels call: it has no door from Python, which would take a third of its compile time."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def _compiled(function: Function, **options: bool) -> Function:
    compile_later: Any = njit
    compiled = compile_later(cache=True, nogil=True, error_model="numpy", **options)(function)
    index: Any = getattr(compiled._cache, "_cache_file", None)  # absent where nothing can be cached
    if hasattr(index, "_source_stamp"):
        index._source_stamp = _STAMP
    kept: Function = compiled
    return kept
