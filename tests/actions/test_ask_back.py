from __future__ import annotations

import pytest

# A tracker of each language, what a matter is called, and what is said of it.
NAMED = [
    ("question_sl", "Zavijanje daril", "Žal nimam podatkov o temi »Zavijanje daril«. Želite, da vam odgovori"),
    ("second_question_hr", "Zamatanje", "Nažalost, o temi „Zamatanje” nemam podataka. Želite li da vam odgovori"),
    ("out_of_scope_pl", "Pakowanie", "Niestety nie mam informacji na temat „Pakowanie”. Czy przekazać to pytanie"),
    ("chosen_gone_en", "Gift wrapping", "I'm afraid I don't have any information about “Gift wrapping”. Would you"),
]


def test_choices_are_at_most_three_and_a_person(run, kb):
    kb.kind, kb.found = "suggest", ("orders/return", "orders/refund-time", "shops/hours", "orders/late-parcel")
    done = run("action_ask_back", "question_sl")
    assert [button["kind"] for button in done.payload["buttons"]] == ["choice", "choice", "choice", "human"]
    assert done.payload["buttons"][0]["intent"] == "choose_article"
    assert done.payload["buttons"][-1]["title"] == "Nič od tega, želim govoriti s človekom"
    assert done.payload["text"] == "Ste morda mislili kaj od tega?"
    assert len(done.payload["considered"]) == 4
    assert done.slots == {"expects": "choice", "unanswered": 1, "handoff_reason": None}


def test_choices_far_less_likely_than_the_first_are_not_offered(run, kb):
    kb.kind, kb.found = "suggest", ("orders/return", "orders/refund-time", "orders/late-parcel")
    kb.falls = 0.4
    buttons = run("action_ask_back", "question_sl").payload["buttons"]
    assert [button.get("article") for button in buttons] == ["orders/return", "orders/refund-time", None]


# How an answer that is in doubt begins.
IN_DOUBT = [
    ("question_sl", "sl", "Ne vem, ali prav razumem vaše vprašanje. Morda iščete tole:"),
    ("second_question_hr", "hr", "Ne znam razumijem li dobro vaše pitanje. Možda tražite ovo:"),
    ("out_of_scope_pl", "pl", "Nie wiem, czy dobrze rozumiem pytanie. Być może chodzi o to:"),
    ("chosen_gone_en", "en", "I'm not sure I understand your question. Perhaps this is what you're looking for:"),
]


@pytest.mark.parametrize(("tracker", "language", "said"), IN_DOUBT)
def test_the_only_article_that_may_be_meant_is_given_in_doubt(run, kb, tracker, language, said):
    kb.kind, kb.found = "suggest", ("orders/return",)
    intent = {"name": "ask_question", "confidence": 0.9}
    done = run("action_ask_back", tracker, intent=intent, text="ne štima mi tole", unanswered=0.0)
    title = kb.article("orders/return", language).title
    assert done.payload["text"].startswith(f"{said}\n\n**[{title}](")
    assert done.payload["answer"]["article"] == "orders/return"
    helped = [button for button in done.payload["buttons"] if button["kind"] == "helped"]
    assert [button["article"] for button in helped] == ["orders/return"]
    assert done.slots["unanswered"] == 1 and done.slots["expects"] is None


def test_a_second_answer_in_doubt_is_none(run, kb):
    kb.kind, kb.found = "suggest", ("orders/return",)
    done = run("action_ask_back", "question_sl", unanswered=2.0)
    assert done.follow_up == "action_hand_off" and done.slots["handoff_reason"] == "unanswered"


@pytest.mark.parametrize("evidence", [{"elsewhere": 0.5, "unanswered": 0.5}, {"elsewhere": 0.1, "unanswered": 0.65}])
def test_what_is_rather_about_something_else_stays_a_choice(run, kb, evidence):
    kb.kind, kb.found, kb.evidence = "suggest", ("orders/return",), evidence
    done = run("action_ask_back", "question_sl")
    assert "answer" not in done.payload and done.slots["expects"] == "choice"


def test_with_the_matter_named_the_only_article_stays_a_choice(run, kb):
    kb.kind, kb.found, kb.missing = "suggest", ("orders/return",), "Zavijanje daril"
    done = run("action_ask_back", "question_sl")
    assert "answer" not in done.payload and done.slots["expects"] == "choice"


@pytest.mark.parametrize(("tracker", "name", "said"), NAMED)
def test_a_matter_without_an_article_is_named_and_a_person_offered(run, kb, tracker, name, said):
    kb.kind, kb.missing = "none", name
    intent = {"name": "ask_question", "confidence": 0.9}
    done = run("action_ask_back", tracker, intent=intent, text="zavijete kot darilo?", unanswered=0.0)
    assert done.payload["text"].startswith(said)
    assert [button["kind"] for button in done.payload["buttons"]] == ["human"]
    assert done.slots == {"expects": "person", "unanswered": 1, "handoff_reason": "requested"}
    assert done.payload["considered"][0]["missing"] == {"topic": "near/gift-wrapping", "name": name}


def test_a_matter_without_an_article_is_named_before_choices(run, kb):
    kb.kind, kb.missing = "suggest", "Zavijanje daril"
    done = run("action_ask_back", "question_sl")
    assert done.payload["text"].endswith("o temi »Zavijanje daril«. Ste morda mislili kaj od tega?")
    assert done.slots["expects"] == "choice"


def test_what_is_answered_is_no_gap(run, kb):
    kb.kind = "suggest"
    assert all("missing" not in each for each in run("action_ask_back", "question_sl").payload["considered"])


def test_with_nothing_near_one_open_question(run, kb):
    kb.kind = "none"
    done = run("action_ask_back", "question_sl")
    assert done.payload["text"].startswith("Oprostite, na to še nimam pravega odgovora.")
    assert done.slots["expects"] == "rephrase" and done.slots["unanswered"] == 1
    assert "handoff" not in done.payload


def test_the_second_miss_in_a_row_brings_a_person(run, kb):
    kb.kind = "none"
    done = run("action_ask_back", "second_question_hr")
    assert done.follow_up == "action_hand_off" and not done.payloads
    assert done.slots == {"handoff_reason": "low_confidence"}


def test_after_an_open_question_choices_may_still_help_once(run, kb):
    kb.kind = "suggest"
    assert run("action_ask_back", "second_question_hr").slots["unanswered"] == 2
    done = run("action_ask_back", "second_question_hr", unanswered=2.0)
    assert done.follow_up == "action_hand_off" and done.slots == {"handoff_reason": "unanswered"}


def test_off_topic_gets_a_line_that_says_what_the_bot_is_for(run, kb):
    kb.kind = "none"
    assert run("action_ask_back", "out_of_scope_pl").payload["text"].startswith("W tym niestety nie mogę pomóc.")


def test_an_unhelpful_answer_counts_and_is_not_looked_up(run, kb):
    done = run("action_ask_back", "not_helpful_sl")
    assert done.payload["text"].startswith("Žal mi je, da to ni pomagalo.") and not kb.asked
    assert done.slots["unanswered"] == 1


def test_what_sounds_unhelped_before_anything_was_tried_is_a_question(run, kb):
    kb.kind = "answer"
    assert run("action_ask_back", "misread_sl").follow_up == "action_answer"
    kb.kind = "suggest"
    assert run("action_ask_back", "misread_sl").slots["expects"] == "choice"
    kb.kind = "none"
    done = run("action_ask_back", "misread_sl")
    assert done.payload["text"].startswith("Oprostite, na to še nimam pravega odgovora.")
    assert set(kb.asked) == {("dobil sem modro jakno namesto zelene", "sl")}


def test_a_pressed_button_is_never_a_question(run, kb):
    done = run("action_ask_back", "misread_sl", text="/feedback_negative")
    assert done.payload["text"].startswith("Žal mi je, da to ni pomagalo.") and not kb.asked


def test_after_a_question_back_unhelped_is_unhelped(run, kb):
    assert run("action_ask_back", "misread_sl", unanswered=1.0).follow_up == "action_hand_off" and not kb.asked


def test_unhelpful_twice_brings_a_person(run):
    done = run("action_ask_back", "not_helpful_again_sl")
    assert done.follow_up == "action_hand_off" and done.slots == {"handoff_reason": "unanswered"}


def test_the_choice_that_is_gone_gets_an_open_question(run, kb):
    done = run("action_ask_back", "chosen_gone_en")
    assert done.slots["expects"] == "rephrase" and not kb.asked


def test_unhelpful_for_who_has_asked_before_brings_a_person_at_once(run, kb):
    said = "Že tretjič vas sprašujem isto, vaš odgovor mi ne pomaga: kje so moje točke?"
    done = run("action_ask_back", "not_helpful_sl", text=said)
    assert done.follow_up == "action_hand_off" and done.slots == {"handoff_reason": "unanswered"}
    kb.kind = "none"
    assert run("action_ask_back", "question_sl", text=said).payloads  # the bot has not had its try yet
