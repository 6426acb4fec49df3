"""One estimate of how many questions have an answer, for all processes and over restarts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from kb.model.traffic import MOST_QUESTIONS, Score, Traffic
from odziv.cases.learning.question_scores import QuestionScores
from odziv.store.knowledge.question_scores import share_scores
from odziv.store.schema import question_scores
from tests.fakes import FakeKnowledge

ANSWERED = 0.75
KNOWN, STRANGE = 3.0, -3.0


class Asked(FakeKnowledge):
    """A knowledge base that was asked what `new` says; `traffic` is what it makes of that and of others' questions."""

    def __init__(self) -> None:
        super().__init__()
        self.new: list[Score] = []
        self.told: list[Score] = []
        self.traffic = Traffic()
        self.kb = SimpleNamespace(take_scores=self._take, add_scores=self._add)

    def ask(self, *odds: float, language: str = "sl") -> None:
        self.new += [Score(language, value) for value in odds]

    def _take(self) -> list[Score]:
        taken, self.new = self.new, []
        return taken

    def _add(self, scores) -> None:
        scores = list(scores)
        self.told += scores
        self.traffic.add([score.odds for score in scores], ANSWERED)


@pytest.fixture
def process(store):
    """Begins another process on the same store: what it was asked, and its task."""

    def begin() -> tuple[Asked, QuestionScores]:
        knowledge = Asked()
        return knowledge, QuestionScores(store, knowledge)

    return begin


def count_of(store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(question_scores)).scalar_one()


def test_a_restart_goes_on_where_it_was(process):
    before, task = process()
    before.ask(KNOWN, STRANGE, STRANGE)
    task._run_once()
    after, task = process()
    task._run_once()
    assert after.told == [Score("sl", KNOWN), Score("sl", STRANGE), Score("sl", STRANGE)]
    assert after.traffic.shift < 0


def test_several_processes_come_to_one_estimate_whoever_is_asked(process):
    (one, first), (two, second) = process(), process()
    one.ask(*[STRANGE] * 40)
    two.ask(*[KNOWN] * 20)
    for task in (first, second, first):
        task._run_once()
    assert sorted(one.told) == [Score("sl", KNOWN)] * 20
    assert sorted(two.told) == [Score("sl", STRANGE)] * 40
    for task in (first, second):
        task._run_once()
    assert len(one.told) == 20 and len(two.told) == 40


def test_what_others_ask_while_one_is_asked_too_is_told_once(process):
    (one, first), (two, second) = process(), process()
    for number in range(5):
        one.ask(float(number))
        two.ask(float(-number))
        first._run_once()
        second._run_once()
    first._run_once()
    assert [score.odds for score in two.told] == [float(n) for n in range(5)]
    assert [score.odds for score in one.told] == [float(-n) for n in range(5)]


def test_of_each_language_the_last_are_kept(process, store):
    knowledge, task = process()
    knowledge.ask(*[STRANGE] * (MOST_QUESTIONS - 20))
    knowledge.ask(1.0, 2.0, language="pl")
    task._run_once()
    for _ in range(3):
        knowledge.ask(*[KNOWN] * 30)
        task._run_once()
    scores, _ = share_scores(store, [], 0, MOST_QUESTIONS)
    slovenian = [odds for language, odds in scores if language == "sl"]
    assert slovenian == [STRANGE] * (MOST_QUESTIONS - 90) + [KNOWN] * 90
    assert [odds for language, odds in scores if language == "pl"] == [1.0, 2.0]


def test_nothing_is_written_where_nothing_was_asked(process, store):
    _, task = process()
    writes = []
    write, store.write = store.write, lambda: writes.append(1) or write()
    task._run_once()
    assert writes == [] and count_of(store) == 0


def test_what_a_store_that_is_away_did_not_take_is_kept_later(process, store):
    knowledge, task = process()
    knowledge.ask(KNOWN)
    write = store.write
    store.write = lambda: 1 / 0
    assert task._try_once() is not None
    store.write = write
    knowledge.ask(STRANGE)
    task._run_once()
    assert share_scores(store, [], 0, MOST_QUESTIONS)[0] == [("sl", KNOWN), ("sl", STRANGE)]


def test_what_was_asked_last_is_kept_at_the_end(process, store):
    knowledge, task = process()
    task.start()
    task.stop()
    assert count_of(store) == 0
    knowledge, task = process()
    task._run_once()
    knowledge.ask(KNOWN)
    task.stop()
    assert count_of(store) == 1


def test_a_task_that_never_began_opens_no_knowledge_base_to_end(store):
    class Closed:
        @property
        def kb(self):
            return pytest.fail("opening it takes seconds")

    QuestionScores(store, Closed()).stop()


def test_no_text_and_nobody_is_in_the_table():
    assert set(question_scores.c.keys()) == {"id", "language", "odds"}
