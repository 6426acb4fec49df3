import numpy as np
import pytest

import kb.snapshot
from kb.model.logistic import HELD_EVERY, LogisticModel, probabilities, regress
from kb.model.phrasings import STRANGER
from tests.fake_encoder import FakeEncoder

OPENINGS = ("where is my", "how do I return", "what does it cost to send")
THINGS = ("parcel", "a tent", "the boots", "an order", "number five", "a lamp", "the stove", "my bag")
TEXTS = [f"{opening} {thing}" for opening in OPENINGS for thing in THINGS] + ["tell me a joke", "who won the match"]
LABELS = [number // len(THINGS) for number in range(24)] + [STRANGER, STRANGER]


@pytest.fixture(scope="module")
def model():
    return LogisticModel(FakeEncoder().encode_query(TEXTS), TEXTS, LABELS, ["en"] * len(TEXTS), 4)


def likeness(model, *texts):
    return model.likeness(FakeEncoder().encode_query(list(texts)), list(texts), ["en"] * len(texts))


def test_a_question_fits_its_article_and_a_stranger_none(model):
    found = likeness(model, "where is my blanket", "tell me a joke please")
    assert found.fit[0].argmax() == 0 and found.fit[0, 0] > 0.5
    assert found.fit[1].max() < found.fit[0].max()
    assert found.fit[0, 3] < 1e-6 and found.similarity[0, 3] == -1  # an article without phrasings


def test_held_phrasings_are_not_known_to_the_model_that_judges_them(model):
    assert list(model.held) == [row for row in range(26) if row % HELD_EVERY == HELD_EVERY - 1]
    held = model.left_out()
    assert held.fit.shape == (len(model.held), 4)
    assert (held.similarity[np.arange(len(model.held)), model.labels[model.held]] < 0.99).all()


def test_without_its_article_a_phrasing_fits_it_not_at_all(model):
    gone = model.article_left_out(model.left_out())
    rows = np.arange(len(model.held))
    assert (gone.fit[rows, model.labels[model.held]] == -1).all()


def test_the_slope_is_that_of_the_loss():
    from kb.model.logistic import loss_and_slope

    random = np.random.default_rng(0)
    features, columns = random.normal(size=(12, 3)).astype(np.float32), np.arange(12) % 4
    share, flat = np.full(12, 1 / 12, dtype=np.float32), random.normal(size=16)
    _, slope = loss_and_slope(features, columns, share, 0.1, 4, flat)
    for place in range(16):
        step = np.zeros(16)
        step[place] = 1e-2
        ahead, behind = (loss_and_slope(features, columns, share, 0.1, 4, flat + sign * step)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((ahead - behind) / 2e-2, abs=2e-3)


def test_a_class_without_rows_is_never_expected():
    weights = regress(np.eye(4, dtype=np.float32), np.array([0, 0, 2, 2]), np.ones(4), 5)
    expected = probabilities(np.eye(4, dtype=np.float32), weights)
    assert np.allclose(expected.sum(axis=1), 1) and (expected[:, [1, 3, 4]] < 1e-6).all()
    assert list(expected.argmax(axis=1)) == [0, 0, 2, 2]


def test_a_large_knowledge_base_learns_this_way_and_answers_alike(monkeypatch, open_kb):
    monkeypatch.setattr(kb.snapshot, "MOST_FOR_RIDGE", 0)
    large = open_kb()
    assert isinstance(large._snapshot.model, LogisticModel)
    for article in large.articles("en"):
        if article.questions:
            assert large.search(article.questions[0], "en")[0].article == article.id
