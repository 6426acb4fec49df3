"""A choice from "did you mean" is kept as the customer's phrasing, through the interface the widget uses."""

from __future__ import annotations

from odziv.store.knowledge.phrasings import list_proposed
from tests.fakes import CONSIDERED, PAYLOAD

CHOICES = [
    {"title": "Returning an item", "kind": "choice", "intent": "choose_article", "article": "orders/return"},
    {"title": "None of these", "kind": "human", "intent": "request_human"},
]
DID_YOU_MEAN = [{"custom": {"text": "Did you mean…", "buttons": CHOICES, "considered": CONSIDERED}}]


def ask_back(visitor, run_turns, services, text: str) -> None:
    services.bot.says = DID_YOU_MEAN
    visitor.say(text)
    run_turns()
    services.bot.says = [{"custom": PAYLOAD}]


def test_a_press_sent_twice_is_one_phrasing(visitor, run_turns, services, store):
    ask_back(visitor, run_turns, services, "tent too small, what now")
    for _ in range(2):
        assert visitor.press(2, 0, "Returning an item").status_code == 201
        run_turns()
    [kept] = list_proposed(store)
    assert (kept.article, kept.language, kept.text, kept.count, kept.seq) == (
        "orders/return", "en", "tent too small, what now", 1, 1,
    )  # fmt: skip
    assert visitor.messages()[-1]["answer"]["article"] == "orders/return"


def test_a_choice_typed_out_is_a_press_too(visitor, run_turns, services, store):
    ask_back(visitor, run_turns, services, "tent too small")
    visitor.say("returning an ITEM", "c2")
    assert [kept.text for kept in list_proposed(store)] == ["tent too small"]


def test_the_language_is_the_one_the_customer_switched_to(visitor, run_turns, services, store):
    services.knowledge.language = lambda text, **_: "sl"
    ask_back(visitor, run_turns, services, "šotor je premajhen")
    visitor.press(2, 0, "Returning an item")
    assert [kept.language for kept in list_proposed(store)] == ["sl"]


def test_a_follow_up_an_answer_and_a_person_keep_nothing(visitor, run_turns, services, store):
    visitor.say("how do I return this?")
    run_turns()
    for number, button in enumerate(PAYLOAD["buttons"]):
        visitor.press(2, number, button["title"], f"p{number}")
        run_turns()
    assert list_proposed(store) == []


def test_a_choice_of_another_conversation_is_just_text(visitor, open_conversation, run_turns, services, store):
    ask_back(visitor, run_turns, services, "tent too small")
    other = open_conversation()
    other.say("hello")
    run_turns()
    other.press(2, 0, "Returning an item")
    assert list_proposed(store) == []
