"""Topics are learnt from vectors and from letters, each as if alone; what was learnt is the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from kb.model import topic_regression
from kb.model.logistic import probabilities
from kb.model.topic_regression import LEAST_TEXTS, batches, common_pieces, learn_regression

pytestmark = pytest.mark.encoder

POSTAGE = ["koliko stane poštnina", "kolika je poštarina", "ile kosztuje przesyłka", "how much is postage"]
RETURNS = ["kako vrnem čevlje", "kako vratiti cipele", "jak zwrócić buty", "how do I return boots"]
TYPED = ["kok pride postnina", "kolka je poštarna", "ile kosztuje przesylk", "wots the postige"]


@pytest.fixture
def learnt(monkeypatch):
    """What is learnt where the vectors tell the classes apart in their first number alone."""
    monkeypatch.setattr(topic_regression, "EPOCHS", 100)
    monkeypatch.setattr(topic_regression, "RATE", 0.03)
    texts = (POSTAGE + RETURNS) * LEAST_TEXTS
    labels = ([0] * 4 + [1] * 4) * LEAST_TEXTS
    vectors = np.zeros((len(texts), 4), dtype=np.float32)
    vectors[:, 0] = np.where(np.array(labels) == 0, 1, -1)
    return lambda: learn_regression(vectors, texts, np.array(labels), np.ones(3, dtype=np.float32))


def likelihood(learnt, vectors: np.ndarray, texts: list[str]) -> np.ndarray:
    return probabilities(np.hstack([vectors, learnt.pieces.directions(texts)]), learnt.weights)


def test_both_sides_tell_the_topic(learnt):
    model = learnt()
    by_letters = likelihood(model, np.zeros((4, 4), dtype=np.float32), TYPED)
    assert (by_letters.argmax(axis=1) == 0).all()
    by_vector = likelihood(model, np.array([[1, 0, 0, 0], [-1, 0, 0, 0]], dtype=np.float32), ["", "xyz"])
    assert by_vector.argmax(axis=1).tolist() == [0, 1]


def test_it_is_the_same_each_time_and_small(learnt):
    one, other = learnt(), learnt()
    assert (one.weights == other.weights).all() and (one.pieces.rows == other.pieces.rows).all()
    assert one.pieces.rows.dtype == np.int8 and np.abs(one.pieces.rows).max() == 127


def test_rare_pieces_are_not_learnt(monkeypatch):
    texts = ["račun"] * LEAST_TEXTS + ["paket"] * (LEAST_TEXTS - 1)
    names = common_pieces(texts)
    assert names.tolist() == sorted(set(names.tolist())) and len(names) == len(common_pieces(["račun"] * LEAST_TEXTS))
    monkeypatch.setattr(topic_regression, "MOST_PIECES", 2)
    assert len(common_pieces(texts)) == 2


def test_every_row_comes_once_before_any_comes_again():
    seen = np.concatenate(list(batches(700, 4)))
    assert sorted(seen[:512]) == sorted(set(seen[:512].tolist()))
    assert len(next(batches(3, 1))) == 3
