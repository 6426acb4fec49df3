"""A pressed choice proposes the customer's own words as a phrasing: the right words, once, and nothing private."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import change_owner, create_conversation, delete_conversation
from odziv.store.conversations.messages import Conflict, NewMessage, add_customer_message, append_message
from odziv.store.knowledge.phrasings import count_proposed, decide_phrasing, find_phrasing, list_proposed

A = {"title": "Return an item", "kind": "choice", "intent": "choose_article", "article": "orders/return"}
B = {"title": "Refund time", "kind": "choice", "intent": "choose_article", "article": "orders/refund-time"}
HELPED = {"title": "This helped", "kind": "helped", "intent": "feedback_positive", "article": "orders/return"}
PERSON = {"title": "None of these", "kind": "human", "intent": "request_human"}
CONSIDERED = [{"article": "orders/return", "language": "sl", "title": "Return an item", "confidence": 0.4}]


class Chat:
    """One customer and what the bot says to them."""

    def __init__(self, store: Store, language: str = "sl") -> None:
        self.store, self.id, self.sent = store, create_conversation(store, "demo", language).id, 0

    def say(self, text: str, button: dict | None = None) -> int:
        self.sent += 1
        return add_customer_message(self.store, self.id, f"c{self.sent}", text, "", button)[0].seq

    def offer(self, reply_to: int, *buttons: dict, considered: list | None = CONSIDERED) -> int:
        draft = NewMessage("bot", "Did you mean…", "", [*buttons, PERSON], considered=considered or [])
        with self.store.write() as connection:
            return append_message(connection, self.id, draft, reply_to=reply_to).seq

    def press(self, button: dict) -> int:
        return self.say(button["title"], button)

    def ask(self, text: str, *buttons: dict) -> None:
        """A question the bot asks back about."""
        self.offer(self.say(text), *(buttons or (A, B)))


@pytest.fixture
def chat(store: Store) -> Chat:
    return Chat(store)


def proposed(store: Store) -> list[tuple[str, str, str, int]]:
    return [(p.article, p.language, p.text, p.count) for p in list_proposed(store)]


def test_an_answer_in_doubt_that_helped_keeps_the_words_before_it(chat: Chat, store: Store):
    chat.ask("tole mi je preozko", HELPED)
    assert proposed(store) == []
    chat.press(HELPED)
    assert proposed(store) == [("orders/return", "sl", "tole mi je preozko", 1)]


def test_an_answer_that_was_sure_tells_nothing_new(chat: Chat, store: Store):
    sure = {name: value for name, value in HELPED.items() if name != "article"}
    chat.ask("kako vrnem čevlje", sure)
    chat.press(sure)
    assert proposed(store) == []


def test_a_choice_keeps_the_words_before_it(chat: Chat, store: Store):
    chat.ask("čevlji  so\nmi premajhni")
    assert proposed(store) == []
    chat.press(B)
    [kept] = list_proposed(store)
    assert (kept.article, kept.language, kept.text, kept.count) == (
        "orders/refund-time", "sl", "čevlji so mi premajhni", 1,
    )  # fmt: skip
    assert (kept.conversation_id, kept.seq, kept.status, kept.decided_by) == (chat.id, 1, "proposed", None)
    assert count_proposed(store) == 1


def test_of_two_tries_the_last_is_kept(chat: Chat, store: Store):
    chat.say("tole")
    chat.ask("denar nazaj")
    chat.press(A)
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 1)]


def test_a_bare_yes_is_not_the_phrasing_of_the_choice_after_it(chat: Chat, store: Store):
    chat.ask("denar nazaj")
    chat.offer(chat.say("ja"), A, B, considered=None)  # "which one?"
    chat.press(A)
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 1)]


def test_a_choice_of_an_older_message_keeps_the_words_it_was_offered_for(chat: Chat, store: Store):
    chat.ask("denar nazaj", A)
    chat.ask("kdaj pride", B)
    chat.press(A)
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 1)]


def test_what_is_written_after_the_choices_is_not_the_phrasing(chat: Chat, store: Store):
    """The customer was quicker than the bot: its choices answer the message before."""
    first = chat.say("denar nazaj")
    chat.say("halo??")
    chat.offer(first, A, B)
    chat.press(A)
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 1)]


@pytest.mark.parametrize(
    "button",
    [
        None,
        PERSON,
        {**A, "kind": "follow_up"},
        {"title": "x", "kind": "helped", "intent": "feedback_positive"},
        {**A, "article": None},
        {**A, "article": "orders/never-offered"},
    ],
)
def test_only_a_choice_that_was_offered_counts(chat: Chat, store: Store, button):
    chat.ask("denar nazaj")
    chat.say("Return an item", button)
    assert proposed(store) == []


def test_a_choice_after_a_pressed_button_keeps_nothing(chat: Chat, store: Store):
    chat.offer(chat.say("Ni pomagalo", {"title": "Ni pomagalo", "kind": "helped", "intent": "feedback_negative"}), A)
    chat.press(A)
    assert proposed(store) == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x" * 300, "x" * 300),
        ("x" * 301, None),
        ("kje je 123456, ana@posta.example", "kje je ⟨number⟩, ⟨e-mail⟩"),
        ("123456", None),
        ("040 123 456 / ana@posta.example", None),
        ("???", None),
        ("', \"); DROP TABLE phrasings; -- ⟨b⟩ 🐎", "', \"); DROP TABLE phrasings; -- ⟨b⟩ 🐎"),
        ("1@2.3 " * 50, None),
        ("ab 123456, " * 27, ("ab ⟨number⟩, " * 27).strip()),
    ],
)
def test_what_is_fit_to_be_kept(chat: Chat, store: Store, text, kept):
    chat.ask(text)
    chat.press(A)
    assert [phrasing.text for phrasing in list_proposed(store)] == ([kept] if kept else [])


def test_the_same_press_sent_sixteen_times_at_once_counts_once(chat: Chat, store: Store):
    chat.ask("denar nazaj")
    with ThreadPoolExecutor(16) as threads:
        calls = [
            threads.submit(add_customer_message, store, chat.id, "press", A["title"], "", A) for _ in range(16)
        ]  # fmt: skip
    assert sum(is_new for _, is_new in (call.result() for call in calls)) == 1
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 1)]


def test_pressing_again_counts_once_for_each_message(chat: Chat, store: Store):
    chat.ask("denar nazaj")
    for _ in range(3):
        chat.press(A)
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 1)]
    chat.ask("denar  nazaj ")
    chat.press(A)
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 2)]


def test_other_customers_raise_the_count_and_the_newest_is_linked(chat: Chat, store: Store):
    chat.ask("denar nazaj")
    chat.press(A)
    other = Chat(store)
    other.ask("denar nazaj")
    other.press(A)
    [kept] = list_proposed(store)
    assert (kept.count, kept.conversation_id) == (2, other.id)


def test_another_language_or_article_is_another_phrasing(chat: Chat, store: Store):
    for customer, choice in ((chat, A), (Chat(store, "hr"), A), (Chat(store), B)):
        customer.ask("denar")
        customer.press(choice)
    assert proposed(store) == [
        ("orders/refund-time", "sl", "denar", 1),
        ("orders/return", "hr", "denar", 1),
        ("orders/return", "sl", "denar", 1),
    ]


def test_a_press_that_is_refused_keeps_nothing(chat: Chat, store: Store):
    chat.ask("denar nazaj")
    with pytest.raises(Conflict):
        add_customer_message(store, chat.id, "c1", A["title"], "", A)
    assert proposed(store) == []


def test_a_press_while_a_person_has_the_conversation_tells_the_same(chat: Chat, store: Store):
    chat.ask("denar nazaj")
    with store.write() as connection:
        change_owner(connection, chat.id, "queued", agent_id=None)
    chat.press(A)
    assert proposed(store) == [("orders/return", "sl", "denar nazaj", 1)]


def test_a_decision_is_made_once_and_outlives_a_repeat(chat: Chat, store: Store, ana: Agent, marek: Agent):
    chat.ask("denar nazaj")
    chat.press(A)
    [kept] = list_proposed(store)
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda _: decide_phrasing(store, kept.id, "dismissed", ana.id), range(8)))
    assert won.count(True) == 1
    assert not decide_phrasing(store, kept.id, "accepted", marek.id)
    chat.ask("denar nazaj")
    chat.press(A)
    after = find_phrasing(store, kept.id)
    assert (after.status, after.decided_by, after.count) == ("dismissed", ana.id, 2) and after.decided_at
    assert list_proposed(store) == [] and count_proposed(store) == 0


def test_no_such_phrasing(store: Store, ana: Agent):
    assert find_phrasing(store, 77) is None
    assert not decide_phrasing(store, 77, "accepted", ana.id)


def test_the_list_has_an_end(chat: Chat, store: Store):
    for number in range(4):
        chat.ask(f"vprašanje {'abcd'[number]}")
        chat.press(A)
    assert [phrasing.text for phrasing in list_proposed(store, limit=2)] == ["vprašanje d", "vprašanje c"]
    assert count_proposed(store) == 4


def test_a_deleted_conversation_takes_its_words_along(chat: Chat, store: Store):
    chat.ask("denar nazaj")
    chat.press(A)
    delete_conversation(store, chat.id)
    assert proposed(store) == []
