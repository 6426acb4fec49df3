"""Waits for what other threads do."""

from __future__ import annotations

import threading
from collections.abc import Callable


def wait_until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns as soon as it is so. Raises AssertionError when it is not within that time."""
    ends = threading.Event()
    for _ in range(int(seconds * 100)):
        if is_so():
            return
        ends.wait(0.01)
    raise AssertionError("it did not come about")
