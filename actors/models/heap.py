"""The C heap of a process that runs a model: what one call frees, the next call takes again.

A model allocates and frees tens of MB in every call. Where the heap gives them back each time, the pages are made
anew each time, and embedding ran at a fifth of its speed (measured with the small trim threshold that the other
processes of the stack have). So the freed memory stays while calls come, and goes back when they stop. Only glibc
knows these calls (https://man7.org/linux/man-pages/man3/mallopt.3.html); elsewhere both functions do nothing.
"""

from __future__ import annotations

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_MIB: Final = 1024 * 1024
_KEPT_MIB: Final = 128  # at the top of a heap; a batch of 512 tokens needs about a hundred
_MAPPED_MIB: Final = 32  # the largest threshold that mallopt takes: smaller blocks come from the heap


def keep_freed() -> None:
    """Keep freed memory for the next call, in the whole process. May be called again."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_MMAP_THRESHOLD, _MAPPED_MIB * _MIB)
        libc.mallopt(_TRIM_THRESHOLD, _KEPT_MIB * _MIB)


def give_back() -> None:
    """Return all freed memory to the system; takes some milliseconds."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
