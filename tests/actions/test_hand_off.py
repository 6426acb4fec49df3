from __future__ import annotations

import pytest


def test_asked_for_the_notice_of_the_web_process_is_enough(run):
    done = run("action_hand_off", "request_human_en")
    assert done.payload == {"handoff": {"reason": "requested"}}
    assert done.slots == {"unanswered": 0, "expects": None, "handoff_reason": None}


def test_anger_is_met_with_understanding_and_a_person(run):
    done = run("action_hand_off", "complaint_sl")
    assert done.payload["handoff"] == {"reason": "complaint"}
    assert done.payload["text"].startswith("Žal mi je za takšno izkušnjo")


@pytest.mark.parametrize("reason", ["unanswered", "low_confidence"])
def test_giving_up_names_the_reason_an_earlier_action_found(run, reason):
    done = run("action_hand_off", "second_question_hr", handoff_reason=reason)
    assert done.payload == {"text": "Žao mi je, na to nemam pouzdan odgovor.", "handoff": {"reason": reason}}


def test_asking_for_a_person_weighs_more_than_an_earlier_reason(run):
    assert run("action_hand_off", "request_human_en", handoff_reason="article").payload["handoff"] == {
        "reason": "requested"
    }


def test_danger_is_called_so_when_the_model_is_sure(run):
    done = run("action_hand_off", "complaint_sl", intent={"name": "danger", "confidence": 0.9})
    assert done.payload == {"handoff": {"reason": "danger"}}


def test_what_may_be_danger_goes_to_a_person_without_a_word_of_it_where_nothing_is_known(run, kb):
    """A broken lamp was told that nothing matters more now, and to call 112."""
    kb.kind = "none"
    done = run("action_hand_off", "complaint_sl", intent={"name": "danger", "confidence": 0.89})
    assert done.payload["handoff"] == {"reason": "unanswered"}


@pytest.mark.parametrize("kind", ["suggest", "answer"])
def test_and_is_answered_where_something_is(run, kb, kind):
    kb.kind = kind
    assert (
        run("action_hand_off", "complaint_sl", intent={"name": "danger", "confidence": 0.89}).follow_up
        == "action_answer"
    )


@pytest.mark.parametrize("kind", ["none", "answer"])
def test_what_only_sounds_like_danger_is_looked_up(run, kb, kind):
    kb.kind = kind
    done = run("action_hand_off", "complaint_sl", intent={"name": "danger", "confidence": 0.59})
    assert done.follow_up == "action_answer" and not done.payloads


def test_and_goes_to_a_person_when_that_was_given_up(run):
    danger = {"name": "danger", "confidence": 0.5}
    done = run("action_hand_off", "complaint_sl", intent=danger, handoff_reason="low_confidence", unanswered=1)
    assert done.payload["handoff"] == {"reason": "low_confidence"}
