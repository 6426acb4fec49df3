import numpy as np
import pytest

from kb.model.choices import without
from kb.model.phrasings import STRANGER
from kb.model.ridge import RIDGE, RidgeModel, kernel, together

TEXTS = [f"{start} {rest}" for start in ("where is my", "how do I return", "what does it cost to") for rest in
         ("parcel", "a tent today", "the boots please", "order then", "number five")]  # fmt: skip
LABELS = [i // 5 for i in range(15)]


@pytest.fixture(scope="module")
def model():
    from tests.fake_encoder import FakeEncoder

    return RidgeModel(FakeEncoder().encode_query(TEXTS), TEXTS, LABELS, ["en"] * 15, 4)


def refitted(model: RidgeModel, keep: np.ndarray, row: int) -> np.ndarray:
    """What a model fitted without some rows says about `row`, the long way."""
    near, labels = kernel(model._meaning, model._alike), np.array(LABELS)
    weight = np.bincount(labels, minlength=4)[labels] ** -0.5
    penalty = np.diag(RIDGE * weight.mean() / weight)[np.ix_(keep, keep)]
    return near[row][keep] @ np.linalg.solve(near[np.ix_(keep, keep)] + penalty, np.eye(4)[labels][keep])


def test_leaving_one_out_in_closed_form_is_what_refitting_says(model):
    keep = np.arange(15) != 7
    expected = together(refitted(model, keep, 7)[None], model._choices.left_out[[7]])
    assert np.allclose(model.left_out().fit[7], expected, atol=1e-4)


def test_leaving_an_article_out_in_closed_form_is_what_refitting_says(model):
    keep = np.array(LABELS) != 1
    assert np.allclose(model.values_without(np.arange(5, 10))[2], refitted(model, keep, 7), atol=1e-4)
    gone = model.article_left_out(model.left_out()).fit[7]
    chances = without(model._choices.left_out[[7]], 1)
    assert gone[1] == -1
    assert np.allclose(gone[[0, 2, 3]], together(refitted(model, keep, 7)[None], chances)[0, [0, 2, 3]], atol=1e-4)


def test_a_phrasing_is_recognised_and_an_article_without_phrasings_is_not(model):
    from tests.fake_encoder import FakeEncoder

    likeness = model.likeness(FakeEncoder().encode_query(["where is my tent"]), ["where is my tent"], ["en"])
    assert likeness.score[0].argmax() == 0
    assert likeness.similarity[0, 3] == -1


def test_its_own_text_does_not_count_when_left_out(model):
    assert (model.left_out().similarity[np.arange(15), LABELS] < 0.99).all()


def test_a_stranger_pulls_questions_like_it_away_from_every_article(model):
    from tests.fake_encoder import FakeEncoder

    def fit(*strangers: str) -> float:
        texts, labels = [*TEXTS, *strangers], [*LABELS, *(STRANGER for _ in strangers)]
        one = RidgeModel(FakeEncoder().encode_query(texts), texts, labels, ["en"] * len(texts), 4)
        question = ["where is my joke about a parcel"]
        return one.likeness(FakeEncoder().encode_query(question), question, ["en"]).fit[0, 0]

    assert fit("where is my joke", "a joke about a parcel") < 0.7 * fit()
    assert STRANGER not in model.labels
