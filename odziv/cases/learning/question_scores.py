"""Keeps how many questions have an answer here: one estimate for all processes, which a restart doesn't begin anew."""

from __future__ import annotations

from collections import deque

from kb.model.traffic import MOST_QUESTIONS, Score
from odziv.cases.knowledge import KnowledgeBeside
from odziv.processes.periodic import PeriodicTask
from odziv.store import Store
from odziv.store.knowledge.question_scores import share_scores

PAUSE_SECONDS = 10.0


class QuestionScores(PeriodicTask):
    """Writes what the knowledge base was asked behind the turns, and tells it what other processes were asked.

    Only what was asked in the last seconds before a kill is lost.
    """

    def __init__(self, store: Store, knowledge: KnowledgeBeside) -> None:
        super().__init__("question-scores", pause=PAUSE_SECONDS)
        self._store, self._knowledge = store, knowledge
        self._own: deque[Score] = deque(maxlen=MOST_QUESTIONS)  # a store that is away for long gets the last ones
        self._after = 0
        self._has_run = False

    def stop(self, timeout: float = 10.0) -> None:
        """Ends, with all that was asked kept."""
        super().stop(timeout)
        if self._has_run and not self._thread.is_alive():
            self._try_once()

    def _run_once(self) -> None:
        self._has_run = True
        kb = self._knowledge.kb
        self._own.extend(kb.take_scores())
        others, self._after = share_scores(self._store, self._own, self._after, MOST_QUESTIONS)
        self._own.clear()
        kb.add_scores(Score(*each) for each in others)
