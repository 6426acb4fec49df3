"""The vectors of what was asked last: a turn asks about the same words several times."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

REMEMBERED = 64  # questions, for as long as it takes to answer them


class QueryVectors:
    """The vectors of what was asked last; thread-safe."""

    def __init__(self, encoder):
        self._encoder = encoder
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, lines: Sequence[str]) -> list[np.ndarray]:
        """Return a vector (dimension,) for each line, not to be written to; the unknown ones are embedded at once."""
        with self._lock:
            found = {line: self._known[line] for line in lines if line in self._known}
        missing = [line for line in dict.fromkeys(lines) if line not in found]
        if missing:
            vectors = np.asarray(self._encoder.encode_query(missing, show_progress_bar=False), dtype=np.float32)
            found.update(zip(missing, vectors, strict=True))
        with self._lock:
            for line in lines:
                self._known[line] = found[line]
                self._known.move_to_end(line)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return [found[line] for line in lines]
