"""Which article is asked about, if one of them is: the logistic regression beside the ridge one."""

import numpy as np
import pytest

from kb.model.choices import FOLDS, Choices, without
from kb.model.lexical import CharGrams
from kb.model.logistic import leading
from kb.model.phrasings import STRANGER
from tests.fake_encoder import FakeEncoder

OPENINGS = ("where is my", "how do I return", "what does it cost to send")
THINGS = ("parcel", "a tent", "the boots", "an order", "number five", "a lamp")
TEXTS = [f"{opening} {thing}" for opening in OPENINGS for thing in THINGS] + ["tell me a joke", "who won the match"]
LABELS = np.array([number // len(THINGS) for number in range(18)] + [STRANGER, STRANGER])
GRAMS = CharGrams(TEXTS)


def learn(labels: np.ndarray = LABELS, classes: int = 4) -> Choices:
    return Choices(FakeEncoder().encode_query(TEXTS), GRAMS.rows, labels, np.ones(len(labels)), classes)


def chances(choices: Choices, *texts: str) -> np.ndarray:
    return choices.chances(FakeEncoder().encode_query(list(texts)), GRAMS.transform(texts))


def test_a_question_is_about_one_article_or_another_and_never_one_without_phrasings():
    found = chances(learn(), "where is my blanket", "how do I return a stove")
    assert list(found.argmax(axis=1)) == [0, 1]
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5) and (found[:, 3] < 1e-6).all()


def test_strangers_take_no_part():
    other = LABELS.copy()
    other[-2:] = STRANGER
    assert np.allclose(chances(learn(other), "a joke"), chances(learn(), "a joke"))
    with_them = np.where(LABELS == STRANGER, 3, LABELS)
    assert chances(learn(with_them), "tell me a joke")[0, 3] > 0.5


def test_a_phrasing_is_judged_by_what_has_not_seen_it():
    odd = LABELS.copy()
    odd[0] = 2  # stands alone in its article's words, so that only having seen it makes it likely
    choices = learn(odd)
    assert choices.left_out[0, 2] < 0.5 < chances(choices, TEXTS[0])[0, 2]
    assert choices.left_out.shape == (len(TEXTS), 4)
    fold = np.arange(18) % FOLDS
    again = choices._regress(np.flatnonzero(fold != 0))
    assert again.shape == choices._weights.shape and not np.allclose(again, choices._weights)


def test_what_only_leaving_out_needs_can_be_let_go():
    choices = learn()
    before = chances(choices, "where is my hat")
    assert choices.left_out is choices.left_out
    choices.forget_fitting()
    assert not {"_features", "left_out"} & set(vars(choices))
    assert (chances(choices, "where is my hat") == before).all()


def test_without_an_article_the_others_share_what_it_had():
    found = without(np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]]), 0)
    assert np.allclose(found, [[0, 0.6, 0.4], [0, 0, 0]])


@pytest.mark.parametrize("rows", [0, 1])
def test_of_hardly_any_phrasings_nothing_is_learnt_and_nothing_breaks(rows):
    grams = CharGrams(TEXTS[:rows])
    assert leading(grams.rows).shape[1] == 0
    vectors = FakeEncoder().encode_query(TEXTS[:rows]).reshape(rows, 64)
    few = Choices(vectors, grams.rows, LABELS[:rows], np.ones(rows), 1)
    found = few.chances(FakeEncoder().encode_query(["a"]), grams.transform(["a"]))
    assert found.shape == (1, 1) and few.left_out.shape == (rows, 1) and np.isfinite(found).all()
