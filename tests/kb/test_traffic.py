import math

import numpy as np
import pytest

from kb.model.traffic import ASSUMED, HIGHEST, LOWEST, MOST_QUESTIONS, Score, Traffic, TrafficByLanguage

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


def test_what_others_were_asked_counts_as_if_it_had_been_asked_here():
    odds = [*[KNOWN, STRANGE, STRANGE] * 50]
    elsewhere, traffic = asked(*odds), Traffic()
    traffic.add(odds, ANSWERED)
    assert traffic.shift == pytest.approx(elsewhere.shift, abs=0.01)


def test_of_others_questions_too_only_the_last_count():
    traffic = Traffic()
    traffic.add([STRANGE] * 100 + [KNOWN] * MOST_QUESTIONS, ANSWERED)
    assert traffic.shift == pytest.approx(asked(*[KNOWN] * MOST_QUESTIONS).shift, abs=0.01)


def test_what_is_no_number_does_not_count():
    traffic = Traffic()
    traffic.add([math.nan, math.inf, -math.inf], ANSWERED)
    assert traffic.shift == 0.0
    traffic.add([STRANGE] * 100, ANSWERED)
    assert traffic.shift == pytest.approx(asked(*[STRANGE] * 100).shift, abs=0.01)


def test_questions_added_before_there_is_a_calibration_count_with_the_first_one():
    traffic = Traffic()
    traffic.add([STRANGE] * 100, 0.0)
    assert traffic.shift == 0.0
    traffic.note("where is it", STRANGE, ANSWERED)
    assert traffic.shift < -0.5


def test_each_question_is_taken_once_for_keeping_with_its_language():
    traffic = TrafficByLanguage()
    for language, text in (("sl", "kje je"), ("sl", "kje je"), ("pl", "gdzie jest"), ("hr", "gdje je")):
        traffic.note(language, text, STRANGE, ANSWERED if language != "hr" else 0.0)
    assert traffic.take_new() == [Score("sl", STRANGE), Score("pl", STRANGE)]
    assert traffic.take_new() == []
    assert traffic.of("sl").shift < 0 == traffic.of("hr").shift


def test_where_nobody_takes_them_the_last_ones_wait():
    traffic = TrafficByLanguage()
    for number in range(MOST_QUESTIONS + 5):
        traffic.note("sl", f"question {number}", float(number), ANSWERED)
    assert [score.odds for score in traffic.take_new()] == [float(n) for n in range(5, MOST_QUESTIONS + 5)]
