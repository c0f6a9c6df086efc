"""Memory of a process that stays: given back to the system after work that took much of it."""

from __future__ import annotations

import ctypes
import gc
from functools import cache

_ALLOCATIONS = 20_000
"""Containers made, net of those freed, until the collector looks at the youngest."""
_ARENA_MAX = -8
_ARENAS = 2
"""glibc gives nearly every thread an arena of its own, each of which keeps what was freed in it: after 600 uploads
a server held 680 MB, with two arenas 410 MB, and after 1,000 no more than 425."""


def settle() -> None:
    """Prepares a process that has loaded what it needs: few arenas, and less garbage collection.

    What is loaded is not looked at again, and what is made less often, which takes a sixteenth off a search.
    """
    if (libc := _glibc()) is not None:
        libc.mallopt(_ARENA_MAX, _ARENAS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


def give_back() -> None:
    """Gives memory that is free back to the system; does nothing where the C library is not glibc."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
