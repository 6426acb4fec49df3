import numpy as np

from kb.model.traffic import ASSUMED, HIGHEST, LOWEST, MOST_QUESTIONS, Traffic

ANSWERED = 0.75  # the share assumed
KNOWN, STRANGE = 3.0, -3.0  # log-odds of a question that has an answer, and of one that has none


def asked(*odds: float) -> Traffic:
    traffic = Traffic()
    for number, value in enumerate(odds):
        traffic.note(f"question {number}", value, ANSWERED)
    return traffic


def test_nothing_asked_shifts_nothing():
    assert Traffic().shift == 0.0


def test_as_many_strangers_as_assumed_shift_little():
    assert abs(asked(*[KNOWN, KNOWN, KNOWN, STRANGE] * 50).shift) < 0.2


def test_more_strangers_make_it_careful_and_fewer_a_little_bolder():
    careful, bold = asked(*[KNOWN, STRANGE, STRANGE] * 50).shift, asked(*[KNOWN] * 200).shift
    assert LOWEST <= careful < -0.5 and 0.2 < bold <= HIGHEST


def test_the_estimate_comes_near_the_true_share():
    random = np.random.default_rng(1)
    is_known = random.random(400) < 0.4
    traffic = asked(*np.where(is_known, KNOWN, STRANGE) + random.normal(size=400))
    share = 1 / (1 + np.exp(-(np.log(ANSWERED / (1 - ANSWERED)) + traffic.shift)))
    assert abs(share - 0.4) < 0.12


def test_a_few_odd_questions_change_next_to_nothing():
    assert abs(asked(*[STRANGE] * 3).shift) < 0.3 and ASSUMED > 3


def test_no_flood_shifts_beyond_the_limits():
    assert asked(*[-50.0] * 2 * MOST_QUESTIONS).shift == LOWEST
    assert asked(*[50.0] * 2 * MOST_QUESTIONS).shift == HIGHEST


def test_the_same_question_within_a_turn_counts_once():
    once, often = Traffic(), Traffic()
    once.note("where is it", STRANGE, ANSWERED)
    for _ in range(20):
        often.note("where is it", STRANGE, ANSWERED)
    assert often.shift == once.shift


def test_what_was_asked_long_ago_is_forgotten():
    traffic = asked(*[STRANGE] * 100, *[KNOWN] * MOST_QUESTIONS)
    assert traffic.shift > 0


def test_without_calibration_nothing_is_learnt():
    traffic = Traffic()
    traffic.note("where is it", STRANGE, 0.0)
    assert traffic.shift == 0.0
