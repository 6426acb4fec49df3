"""What bench.questions counts."""

import pytest

from bench.questions import is_right, measure
from kb import Decision, Hit


class Told:
    """Answers each question as sure, or not, with the articles it is told."""

    def __init__(self, answers: dict[str, tuple[str, ...]], sure: set[str]) -> None:
        self._answers, self._sure = answers, sure

    def decide(self, text: str, language: str) -> Decision:
        hits = tuple(Hit(article, language, "", None, "", 0.5, {}) for article in self._answers[text])
        return Decision("answer" if text in self._sure else "suggest", language, hits, 0.5)


def test_a_question_may_have_more_than_one_right_article():
    hit = Hit("a/b", "en", "", None, "", 0.5, {})
    assert is_right({"article": "a/b"}, [hit]) and is_right({"article": ["c/d", "a/b"]}, [hit])
    assert not is_right({"article": ["c/d"]}, [hit]) and not is_right({"article": "a/b"}, [])


def test_of_what_was_sure_the_share_that_was_right_counts_what_nothing_answers():
    questions = [
        {"text": "one", "article": "a/b"},
        {"text": "two", "article": ["c/d", "e/f"]},
        {"text": "three", "article": "a/b"},
        {"text": "four", "article": None},
    ]
    answers = {"one": ("a/b",), "two": ("e/f",), "three": ("c/d", "a/b"), "four": ("a/b",)}
    row = measure(Told(answers, {"one", "two", "four"}), "en", questions)
    assert (row["sure"], row["of_sure_right"]) == (0.75, 2 / 3)
    assert (row["right_first"], row["right_sure"], row["wrong_sure"]) == pytest.approx((2 / 3, 2 / 3, 0))
    assert (row["right_in_three"], row["outside_sure"]) == (1, 1)
    assert measure(Told(answers, set()), "en", questions)["of_sure_right"] is None
