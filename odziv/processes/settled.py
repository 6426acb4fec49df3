"""What a process does once it has begun to serve: what it loaded stays, and what loading took is given back."""

from __future__ import annotations

import ctypes
import gc


def settle() -> None:
    """Looks no more for garbage among what is loaded by now, and gives free memory back to the system.

    To look took a worker a third of a second at a time. Memory that was needed to load, 58 MB of a worker's, is kept by
    glibc otherwise; another C library may have no such call.
    """
    gc.collect()
    gc.freeze()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
