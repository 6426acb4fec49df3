"""What share of customers' questions has an answer here at all? Learnt from the questions, without labels.

Calibration has to assume a share. One shop's customers write about little else than its articles, another's mostly
about everything else (in HINT3, half of all messages), and a confidence that is honest for the one misleads about the
other. So the share is estimated from the scores of the last questions, by expectation maximisation over the prior alone
(Saerens, Latinne and Decaestecker 2002), and every probability shifted by what it differs from the one assumed.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

MOST_QUESTIONS = 500  # the last ones of a language; what customers ask about changes
ASSUMED = 50  # questions that the assumed share counts for: a handful of odd ones changes nothing
LOWEST, HIGHEST = -1.6, 0.6  # of the shift, in log-odds; bolder than calibrated only by a little
STEPS = 2  # of estimation after each question: it goes on from the last estimate
STEPS_ANEW = 100  # where many are counted in at once
SAME = 64  # questions back, the same words are the same question: a turn asks more than once


class Score(NamedTuple):
    """A customer's question as it is kept: its language, and the log-odds that its best article answers it."""

    language: str
    odds: float


class Traffic:
    """The questions of late in one language, as log-odds that the best article answers. Thread-safe, holds no texts."""

    def __init__(self) -> None:
        self._odds: deque[float] = deque(maxlen=MOST_QUESTIONS)
        self._last: deque[int] = deque(maxlen=SAME)
        self._lock = threading.Lock()
        self._shift = 0.0

    @property
    def shift(self) -> float:
        """What to add to log-odds that were calibrated on the assumed share."""
        return self._shift

    def note(self, text: str, odds: float, answered: float) -> bool:
        """Count one question in: the calibrated log-odds of its best article. Return whether it counts.

        `answered` is the share of questions, 0 to 1, whose best article was right where `odds` were calibrated.
        """
        key = hash(text)
        with self._lock:
            if key in self._last or not 0 < answered < 1:
                return False
            self._last.append(key)
            self._odds.append(odds)
            self._estimate(answered, STEPS)
            return True

    def add(self, odds: Iterable[float], answered: float) -> None:
        """Count in what another process was asked, or this one before its start; the oldest first."""
        with self._lock:
            self._odds.extend(value for value in odds if math.isfinite(value))
            if self._odds and 0 < answered < 1:
                self._estimate(answered, STEPS_ANEW)

    def _estimate(self, answered: float, steps: int) -> None:
        assumed = np.log(answered / (1 - answered))
        known = np.fromiter(self._odds, dtype=float)
        for _ in range(steps):
            expected = (1 / (1 + np.exp(-(known + self._shift)))).sum()
            share = (expected + ASSUMED * answered) / (len(known) + ASSUMED)
            self._shift = float(np.clip(np.log(share / (1 - share)) - assumed, LOWEST, HIGHEST))


class TrafficByLanguage:
    """The traffic of each language, and which of its questions nobody has kept yet. Thread-safe."""

    def __init__(self) -> None:
        self._traffic: dict[str, Traffic] = {}
        self._new: deque[Score] = deque(maxlen=MOST_QUESTIONS)  # where nobody takes them, they don't pile up

    def of(self, language: str) -> Traffic:
        """Return that of one language."""
        return self._traffic.setdefault(language, Traffic())

    def note(self, language: str, text: str, odds: float, answered: float) -> None:
        """Count one question in, as `Traffic.note` does."""
        if self.of(language).note(text, odds, answered):
            self._new.append(Score(language, odds))

    def take_new(self) -> list[Score]:
        """Return those counted since the last call, the oldest first."""
        return [self._new.popleft() for _ in range(len(self._new))]
