"""Where messages go that the intent model takes for something else."""

from __future__ import annotations

import pytest

from kb import Decision
from odziv.texts import say

LANGUAGES = ("sl", "hr", "pl", "en")


@pytest.fixture
def go(run_text):
    """Runs an action on a message with the intent it was taken for: the follow-up action, or what is said."""
    return run_text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("intent", "action"), [
    ("goodbye", "action_small_talk"), ("feedback_positive", "action_small_talk"), ("deny", "action_deny"),
    ("affirm", "action_affirm"), ("complaint", "action_hand_off"), ("request_human", "action_hand_off"),
    ("ask_question", "action_answer"), ("feedback_negative", "action_ask_back"),
])  # fmt: skip
def test_tears_are_no_goodbye_whatever_the_model_takes_them_for(go, intent, action, language):
    assert go(action, "😭😭😭", intent, language).follow_up == "action_note"


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("text", "note"), [
    ("😡", "upset"), ("👍", "pleased"), ("SM-123456", "number"), ("ana@shop.example", "email"), ("qwertz", "puzzled"),
    ("041 000 123", "phone"), ("https://shop.example/p/1", "link"), ("43", "size"),
])  # fmt: skip
def test_a_note_says_what_has_arrived_and_offers_a_person(go, text, note, language):
    payload = go("action_note", text, "affirm", language).payload
    assert payload["text"] == say("replies", f"note_{note}", language)
    assert [button["kind"] for button in payload["buttons"]] == ["human"]


@pytest.mark.parametrize("intent", ["greet", "affirm", "deny", "thanks"])
def test_small_talk_that_the_model_has_not_seen_is_a_question(go, intent):
    action = {"affirm": "action_affirm", "deny": "action_deny"}.get(intent, "action_small_talk")
    assert go(action, "sunday", intent, "en", certainty=0.46).follow_up == "action_answer"


@pytest.mark.parametrize("intent", ["greet", "affirm", "deny", "thanks"])
def test_small_talk_that_it_knows_stays_small_talk(go, intent):
    action = {"affirm": "action_affirm", "deny": "action_deny"}.get(intent, "action_small_talk")
    assert go(action, "hey there", intent, "en", certainty=0.8).follow_up is None


def test_a_question_in_small_talk_is_answered(go, kb):
    assert (
        go("action_small_talk", "hello, how do I return it", "greet", "en", certainty=0.7).follow_up == "action_answer"
    )
    kb.kind = "none"
    assert go("action_small_talk", "hello to all of you", "greet", "en", certainty=0.7).follow_up is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "Nočem govoriti s človekom, povejte mi ceno dostave"),
        ("hr", "Ne želim razgovarati s čovjekom, koliko košta dostava?"),
        ("pl", "Nie chcę rozmawiać z człowiekiem, ile kosztuje dostawa?"),
        ("en", "I don't want to talk to a person, just tell me the price"),
    ],
)
def test_a_refused_person_is_no_wish(go, kb, language, text):
    kb.kind = "none"
    assert go("action_hand_off", text, "request_human", language, certainty=0.99).follow_up == "action_answer"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "nočem preklicati naročila"),
        ("hr", "ne želim otkazati narudžbu"),
        ("pl", "nie chcę anulować zamówienia"),
        ("en", "don't cancel my order"),
    ],
)
@pytest.mark.parametrize("intent", ["ask_question", "deny", "complaint", "nlu_fallback"])
def test_who_refuses_an_undoing_is_not_told_how_to_do_it(go, language, text, intent):
    action = {"deny": "action_deny", "complaint": "action_hand_off"}.get(intent, "action_answer")
    assert go(action, text, intent, language).follow_up == "action_note"
    assert go("action_note", text, intent, language).payload["text"] == say("replies", "note_unwanted", language)


def test_a_doubtful_wish_that_has_an_answer_is_answered(go, kb):
    assert (
        go("action_hand_off", "call me when it's in", "request_human", "en", certainty=0.5).follow_up == "action_answer"
    )
    assert go("action_hand_off", "call me", "request_human", "en", certainty=0.7).payload == {
        "handoff": {"reason": "requested"}
    }
    kb.kind = "none"
    assert go("action_hand_off", "call me", "request_human", "en", certainty=0.5).payload == {
        "handoff": {"reason": "requested"}
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_hardly_a_wish_is_asked_about_before_anybody_is_fetched(go, kb, language):
    for kb.kind, action in (("none", "action_doubt"), ("suggest", "action_answer"), ("answer", "action_answer")):
        assert go("action_hand_off", "xyz", "request_human", language, certainty=0.35).follow_up == action
    kb.kind = "none"
    done = go("action_doubt", "xyz", "request_human", language, certainty=0.35)
    assert [button["kind"] for button in done.payload["buttons"]] == ["human", "go_on"]
    again = go("action_hand_off", "xyz", "request_human", language, certainty=0.35, expects="person")
    assert again.payload == {"handoff": {"reason": "requested"}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_may_want_a_person_is_asked_once_with_both_ways(go, kb, language):
    kb.kind = "none"
    done = go("action_doubt", "xyz kdo", "doubtful_human", language, certainty=0.2)
    assert done.payload["text"] == say("replies", "person_or_go_on", language)
    assert [button["kind"] for button in done.payload["buttons"]] == ["human", "go_on"]
    assert done.slots["expects"] == "person"
    again = go("action_doubt", "xyz kdo", "doubtful_human", language, certainty=0.2, expects="person")
    assert again.follow_up == "action_hand_off"


def test_a_doubtful_wish_is_answered_or_given_choices_where_there_are_any(go, kb):
    for kb.kind in ("answer", "suggest"):
        assert go("action_doubt", "who mends tents", "doubtful_human", "en", certainty=0.2).follow_up == "action_answer"


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_goes_on_with_the_assistant_is_asked_what_it_is_about(go, language):
    done = go("action_doubt", "/go_on", "go_on", language)
    assert done.payload["text"] == say("replies", "say_more", language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "to je obup, že dva tedna čakam in nihče se ne oglasi"),
        ("hr", "ovo je užas, dva tjedna čekam i nitko se ne javlja"),
        ("pl", "żenada, trzeci tydzień czekam i nikt nie odpisuje"),
        ("en", "this is ridiculous, two weeks and nobody answers"),
    ],
)
def test_anger_gets_a_person_and_the_answer_if_there_is_one(go, kb, language, text):
    asked = go("action_answer", text, "ask_question", language)
    assert asked.follow_up == "action_hand_off" and asked.slots["handoff_reason"] == "complaint"
    done = go("action_hand_off", text, "ask_question", language, handoff_reason="complaint")
    assert done.payload["handoff"] == {"reason": "complaint"}
    assert done.payload["text"].startswith(say("replies", "complaint", language))
    assert done.payload["answer"]["article"] == "orders/return"
    kb.kind = "none"
    done = go("action_hand_off", text, "ask_question", language, handoff_reason="complaint")
    assert "answer" not in done.payload and done.payload["handoff"] == {"reason": "complaint"}


def test_trouble_without_a_word_of_what_is_asked_about(go, kb):
    assert go("action_deny", "ne dela", "deny", "sl").follow_up == "action_note"
    assert go("action_deny", "koda ne prime", "deny", "sl").follow_up == "action_answer"
    kb.kind = "none"
    assert go("action_deny", "koda ne prime", "deny", "sl").follow_up == "action_note"


@pytest.mark.parametrize(
    ("language", "text"), [("sl", "mail ne pride"), ("hr", "mail ne stiže"), ("pl", "mail nie przychodzi"),
                           ("en", "the mail won't come")]
)  # fmt: skip
@pytest.mark.parametrize("intent", ["ask_question", "feedback_negative", "deny", "out_of_scope"])
def test_trouble_that_may_be_one_of_several_gets_choices_and_goes_round_in_no_circle(go, kb, language, text, intent):
    kb.kind = "suggest"
    assert go("action_answer", text, intent, language).follow_up == "action_ask_back"
    done = go("action_ask_back", text, intent, language)
    assert done.follow_up is None and done.slots["expects"] == "choice"


@pytest.mark.parametrize(
    ("language", "before", "text"),
    [
        ("sl", "pozabil sem geslo", "mail ne pride"),
        ("hr", "zaboravila sam lozinku", "mail ne dolazi"),
        ("pl", "zapomniałem hasła", "mail nie przychodzi"),
        ("en", "forgot my password", "the mail doesn't come"),
    ],
)
def test_trouble_with_what_was_just_answered_goes_on_from_it(run, monkeypatch, kb, language, before, text):
    kb.kind = "suggest"
    monkeypatch.setattr("actions.entrance.continues", lambda *asked, **more: Decision("answer", language, (), 0.9))
    events = [
        {"event": "user", "text": before},
        {"event": "bot", "data": {"custom": {"answer": {"article": "orders/return"}}}},
    ]
    taken = {"name": "feedback_negative", "confidence": 0.9}
    for action in ("action_ask_back", "action_deny"):
        done = run(action, "question_sl", text=text, intent=taken, language=language, events=events)
        assert done.follow_up == ("action_answer" if action == "action_ask_back" else "action_ask_back")
    asked = {"name": "ask_question", "confidence": 0.9}
    done = run("action_answer", "question_sl", text=text, intent=asked, language=language, events=events)
    assert done.follow_up != "action_note"


def test_a_pressed_button_is_never_looked_into(go):
    assert go("action_deny", "/deny", "deny", "en").follow_up is None


IN_POLISH = [
    {"event": "user", "text": "ile kosztuje zwrot"},
    {"event": "bot", "data": {"custom": {"answer": {"article": "orders/return", "language": "pl"}}}},
]


@pytest.mark.parametrize("action", ["action_small_talk", "action_hand_off", "action_ask_back", "action_affirm"])
def test_the_last_answer_is_given_in_the_language_that_is_spoken_now(run, action):
    said = {"text": "in English please", "language": "en", "intent": {"name": "affirm", "confidence": 0.9}}
    assert run(action, "question_sl", events=IN_POLISH, **said).follow_up == "action_answer"
    answer = run("action_answer", "question_sl", events=IN_POLISH, **said).payload["answer"]
    assert (answer["article"], answer["language"]) == ("orders/return", "en")


def test_but_not_twice_in_the_same(run):
    said = {"text": "in English please", "language": "en", "intent": {"name": "affirm", "confidence": 0.9}}
    before = [IN_POLISH[0], {"event": "bot", "data": {"custom": {"answer": {"article": "a/b", "language": "en"}}}}]
    assert run("action_affirm", "question_sl", events=before, **said).follow_up != "action_answer"


@pytest.mark.parametrize(("intent", "certainty"), [("doubtful_human", 0.14), ("request_human", 0.35)])
def test_a_doubtful_wish_that_goes_on_from_the_answer_is_a_question(run, monkeypatch, intent, certainty):
    monkeypatch.setattr("actions.entrance.continues", lambda *args, **more: Decision("answer", "sl", (), 0.9))
    said = {"text": "in kolk me to pride", "language": "sl", "intent": {"name": intent, "confidence": certainty}}
    action = "action_doubt" if intent == "doubtful_human" else "action_hand_off"
    assert run(action, "question_sl", events=IN_POLISH, **said).follow_up == "action_answer"
