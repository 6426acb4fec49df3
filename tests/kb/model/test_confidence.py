import numpy as np
import pytest

from kb.model.confidence import CAREFUL, FLOOR, Outcomes, calibrate, expected_calibration_error
from kb.snapshot import pick


@pytest.fixture(autouse=True)
def no_question_repeats_a_phrasing(monkeypatch):
    """Here every question is drawn anew; what repeats add is tested on its own."""
    monkeypatch.setattr("kb.model.confidence.REPEATED_SHARE", 0.0)


def outcomes(count: int = 400, seed: int = 0, noise: float = 0.15) -> Outcomes:
    """Questions whose score tells, with noise, whether the answer is right; a quarter out of scope."""
    random = np.random.default_rng(seed)
    inside = random.uniform(size=count) < 0.75
    score = np.where(inside, random.uniform(0, 1, count), random.uniform(0, 0.6, count))
    right = inside & (score + random.normal(0, noise, count) > 0.4)
    return Outcomes(score, right, right, inside, np.ones(count))


def test_what_is_shown_as_sure_is_as_right_as_asked_for():
    calibration = calibrate(outcomes(2000), 0.9, 0.95)
    fresh = outcomes(5000, seed=1)
    shown = calibration.probability(fresh.score) >= calibration.answer_from
    weight = fresh.balanced_weight
    assert (weight * (shown & fresh.right)).sum() / (weight * shown).sum() >= 0.88
    assert calibration.coverage > 0.4


def test_what_is_told_of_questions_near_to_the_articles_is_what_they_get():
    """A third of what is asked here is near to the articles and in none, as calibration is told of its own."""
    own = outcomes(3000)
    calibration = calibrate(own, 0.9, 0.95, pick(own, ~own.in_scope))
    fresh = outcomes(9000, seed=3)
    asked = np.flatnonzero(fresh.in_scope)
    asked = np.append(asked, np.flatnonzero(~fresh.in_scope)[: len(asked) // 2])
    shown = calibration.probability(fresh.score[asked]) >= calibration.answer_from
    assert calibration.near_precision == pytest.approx(fresh.right[asked][shown].mean(), abs=0.03)
    assert 0.5 < calibration.near_precision < calibration.precision


def test_where_nothing_near_is_shown_as_sure_only_wrong_articles_count():
    own = outcomes(3000)
    far = Outcomes(np.zeros(9), *([np.zeros(9, dtype=bool)] * 3), np.ones(9))
    calibration = calibrate(own, 0.9, 0.95, far)
    shown = (calibration.probability(own.score) >= calibration.answer_from) & own.in_scope
    assert calibration.near_precision == pytest.approx(own.right[shown].mean())


def test_a_stricter_operator_gets_fewer_and_better_answers():
    lax, strict = (calibrate(outcomes(), wanted, 0.95) for wanted in (0.8, 0.95))
    assert strict.answer_from > lax.answer_from
    assert strict.coverage < lax.coverage and strict.precision > lax.precision


def test_questions_that_repeat_a_phrasing_let_more_be_answered(monkeypatch):
    without = calibrate(outcomes(2000), 0.9, 0.95)
    monkeypatch.setattr("kb.model.confidence.REPEATED_SHARE", 0.3)
    with_repeats = calibrate(outcomes(2000), 0.9, 0.95)
    assert with_repeats.answer_from < without.answer_from and with_repeats.coverage > without.coverage


def test_suggestions_keep_what_was_asked_for():
    calibration = calibrate(outcomes(2000), 0.9, 0.95)
    fresh = outcomes(5000, seed=2)
    kept = calibration.probability(fresh.score[fresh.right]) >= calibration.suggest_from
    assert kept.mean() >= 0.93
    assert calibration.suggest_from <= calibration.answer_from


def test_too_little_data_is_careful():
    assert calibrate(outcomes(30), 0.9, 0.95) is CAREFUL
    assert CAREFUL.is_careful


def test_scores_that_say_nothing_answer_nothing_below_the_floor():
    noise = outcomes(noise=50)
    calibration = calibrate(noise, 0.9, 0.95)
    assert calibration.answer_from >= FLOOR
    assert (calibration.probability(noise.score) >= calibration.answer_from).mean() < 0.2


def test_probability_rises_with_the_score():
    probability = calibrate(outcomes(), 0.9, 0.95).probability(np.linspace(0, 1, 11))
    assert (np.diff(probability) > 0).all() and 0 < probability[0] < probability[-1] < 1


@pytest.mark.parametrize(("probability", "right", "error"), [([0.95] * 2, [1, 0], 0.45), ([0.5, 0.5], [1, 0], 0.0)])
def test_expected_calibration_error(probability, right, error):
    assert expected_calibration_error(np.array(probability), np.array(right)) == pytest.approx(error)
