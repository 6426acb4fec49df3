"""What share of customers' questions has an answer here at all? Learnt from the questions, without labels.

Calibration has to assume a share. One shop's customers write about little else than its articles, another's mostly
about everything else (in HINT3, half of all messages), and a confidence that is honest for the one misleads about the
other. So the share is estimated from the scores of the last questions, by expectation maximisation over the prior alone
(Saerens, Latinne and Decaestecker 2002), and every probability shifted by what it differs from the one assumed.
"""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

MOST_QUESTIONS = 500  # the last ones of a language; what customers ask about changes
ASSUMED = 50  # questions that the assumed share counts for: a handful of odd ones changes nothing
LOWEST, HIGHEST = -1.6, 0.6  # of the shift, in log-odds; bolder than calibrated only by a little
STEPS = 2  # of estimation after each question: it goes on from the last estimate
SAME = 64  # questions back, the same words are the same question: a turn asks more than once


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

    def note(self, text: str, odds: float, answered: float) -> None:
        """Count one question in: the calibrated log-odds of its best article.

        `answered` is the share of questions, 0 to 1, whose best article was right where `odds` were calibrated.
        """
        key = hash(text)
        with self._lock:
            if key in self._last or not 0 < answered < 1:
                return
            self._last.append(key)
            self._odds.append(odds)
            assumed = np.log(answered / (1 - answered))
            known = np.fromiter(self._odds, dtype=float)
            for _ in range(STEPS):
                expected = (1 / (1 + np.exp(-(known + self._shift)))).sum()
                share = (expected + ASSUMED * answered) / (len(known) + ASSUMED)
                self._shift = float(np.clip(np.log(share / (1 - share)) - assumed, LOWEST, HIGHEST))
