from __future__ import annotations


def test_yes_to_a_person_hands_off_because_the_article_says_so(run):
    assert run("action_affirm", "yes_to_person_en").follow_up == "action_hand_off"
    assert run("action_hand_off", "yes_to_person_en").payload == {"handoff": {"reason": "article"}}


def test_yes_to_the_only_choice_gives_it(run):
    done = run("action_affirm", "yes_to_one_choice_en")
    assert done.payload["answer"]["article"] == "orders/return" and done.slots["unanswered"] == 0


def test_yes_to_several_choices_asks_which(run):
    done = run("action_affirm", "yes_to_choices_en")
    assert done.payload["text"] == "Which of these would you like to know about?"
    titles = [button["title"] for button in done.payload["buttons"]]
    assert titles[:2] == ["Returning an item", "When you get your money back"]


def test_yes_to_an_open_question_asks_for_words(run):
    done = run("action_affirm", "yes_to_nothing_pl", expects="rephrase", unanswered=1.0)
    assert done.payload["text"] == "Proszę krótko opisać, o co chodzi." and "unanswered" not in done.slots


def test_yes_to_an_answer_is_gladly_heard_and_yes_to_nothing_leads_on(run):
    assert run("action_affirm", "yes_to_answer_sl").responses == ["utter_glad"]
    assert run("action_affirm", "yes_to_nothing_pl").responses == ["utter_anything_else"]


def test_no_to_a_person_leads_on(run):
    done = run("action_deny", "no_to_person_en")
    assert done.responses == ["utter_anything_else"] and done.follow_up is None
    assert done.slots == {"expects": None, "handoff_reason": None}


def test_no_to_choices_or_to_an_answer_asks_back(run):
    assert run("action_deny", "no_to_choices_hr").follow_up == "action_ask_back"
    assert run("action_deny", "no_to_answer_sl").follow_up == "action_ask_back"


def test_no_to_choices_counts_as_the_second_miss(run, kb):
    done = run("action_ask_back", "no_to_choices_hr")
    assert done.follow_up == "action_hand_off" and not kb.asked
