"""The log of a conversation: numbers, repeats, buttons, internal notes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import (
    change_owner,
    create_conversation,
    find_conversation,
    set_language,
)
from odziv.store.conversations.messages import (
    Conflict,
    NewMessage,
    add_customer_message,
    append_message,
    find_button,
    list_messages,
    read_log,
)
from odziv.store.engine import LISTS
from tests.fakes import BUTTONS
from tests.fixtures import take_turn
from tests.waiting_turns import has_waiting_turns


@pytest.fixture
def conversation(store: Store):
    return create_conversation(store, "demo", "sl", "sl", "https://shop.example/cart")


def bot_says(store: Store, conversation_id: str, text: str, buttons=()) -> int:
    with store.write() as connection:
        return append_message(connection, conversation_id, NewMessage("bot", text, "", list(buttons))).seq


@pytest.mark.parametrize("sender", ["customer", "bot", "system", "agent"])
def test_what_was_appended_is_what_is_read(store: Store, conversation, ana: Agent, sender):
    draft = NewMessage(
        sender, "text", "<p>text</p>", list(BUTTONS), {"article": "a", "confidence": 0.5}, [{"article": "b"}],
        agent_id=ana.id if sender == "agent" else None, client_id="c1" if sender == "customer" else None,
    )  # fmt: skip
    with store.write() as connection:
        appended = append_message(connection, conversation.id, draft)
        bare = append_message(connection, conversation.id, NewMessage(sender, "bare", ""), reply_to=appended.seq)
    assert [appended, bare] == list_messages(store, conversation.id)
    assert appended.agent_name == (ana.name if sender == "agent" else None)


def test_sequence_numbers_have_no_gap_under_sixteen_threads(store: Store, conversation):
    def write(number: int) -> int:
        return add_customer_message(store, conversation.id, f"c{number}", f"text {number}", "")[0].seq

    with ThreadPoolExecutor(16) as threads:
        numbers = list(threads.map(write, range(160)))
    assert sorted(numbers) == list(range(1, 161))
    assert [(m.seq, m.client_id) for m in list_messages(store, conversation.id)] == sorted(
        (seq, f"c{number}") for number, seq in enumerate(numbers)
    )


def test_a_repeat_gives_the_first_message_and_asks_for_no_second_turn(store: Store, conversation):
    first, is_new = add_customer_message(store, conversation.id, "c1", "hello", "<p>hello</p>")
    again, is_new_again = add_customer_message(store, conversation.id, "c1", "hello", "<p>hello</p>")
    assert (is_new, is_new_again, again) == (True, False, first)
    assert take_turn(store).seq == 1
    assert not has_waiting_turns(store)


def test_the_same_message_sent_sixteen_times_at_once_is_stored_once(store: Store, conversation):
    with ThreadPoolExecutor(16) as threads:
        calls = [threads.submit(add_customer_message, store, conversation.id, "c1", "hello", "") for _ in range(16)]
    assert sum(is_new for _, is_new in (call.result() for call in calls)) == 1
    assert len(list_messages(store, conversation.id)) == 1


def test_a_client_id_with_another_text_conflicts_and_stores_nothing(store: Store, conversation):
    add_customer_message(store, conversation.id, "c1", "hello", "")
    with pytest.raises(Conflict):
        add_customer_message(store, conversation.id, "c1", "good bye", "")
    assert [m.text for m in list_messages(store, conversation.id)] == ["hello"]


def test_a_client_id_belongs_to_its_conversation(store: Store, conversation):
    other = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "hello", "")
    assert add_customer_message(store, other.id, "c1", "good bye", "")[1]


def test_a_message_to_no_conversation_is_a_key_error(store: Store):
    with pytest.raises(KeyError):
        add_customer_message(store, "missing", "c1", "hello", "")


def test_what_was_stored_comes_back_as_it_was(store: Store, conversation):
    text = "Žluťoučký kůň 🐎\n\tšel  \u2028 'x' \"y\" \\ %s"
    add_customer_message(store, conversation.id, "c1", text, "<p>…</p>")
    assert list_messages(store, conversation.id)[0].text == text


def test_everything_after_n_without_internal_notes(store: Store, conversation, ana: Agent):
    for number in range(3):
        add_customer_message(store, conversation.id, f"c{number}", "hello", "")
    with store.write() as connection:
        append_message(connection, conversation.id, NewMessage("agent", "a note", "", agent_id=ana.id, internal=True))
    assert [m.seq for m in list_messages(store, conversation.id, after=1)] == [2, 3]
    assert [m.seq for m in list_messages(store, conversation.id, after=1, internal=True)] == [2, 3, 4]
    shown, messages = read_log(store, conversation.id, after=3)
    assert (shown.last_seq, messages) == (4, [])


def test_a_resolved_conversation_is_reopened_by_its_customer(store: Store, conversation):
    with store.write() as connection:
        change_owner(connection, conversation.id, "resolved", agent_id=None)
    add_customer_message(store, conversation.id, "c1", "one more thing", "")
    reopened, turn = find_conversation(store, conversation.id), take_turn(store)
    assert (reopened.status, reopened.epoch) == ("bot", 2)
    assert (turn.seq, turn.epoch) == (1, 2)


@pytest.mark.parametrize(("status", "has_turn"), [("queued", True), ("open", False), ("spam", False)])
def test_the_bot_has_a_turn_while_a_person_is_waited_for_and_none_once_one_is_there(
    store: Store, conversation, status, has_turn
):
    with store.write() as connection:
        change_owner(connection, conversation.id, status, agent_id=None)
    add_customer_message(store, conversation.id, "c1", "still there?", "")
    assert has_waiting_turns(store) == has_turn


def test_by_mail_nothing_is_answered_while_a_person_is_waited_for(store: Store):
    mail = create_conversation(store, "demo", "en", channel="mail")
    with store.write() as connection:
        change_owner(connection, mail.id, "queued", agent_id=None)
    add_customer_message(store, mail.id, "c1", "still there?", "")
    assert not has_waiting_turns(store)


def test_change_owner_only_from_the_status_expected(store: Store, conversation):
    with store.write() as connection:
        assert not change_owner(connection, conversation.id, "open", agent_id=None, expect="queued")
        assert change_owner(connection, conversation.id, "queued", agent_id=None, expect="bot")
    assert (find_conversation(store, conversation.id).status, find_conversation(store, conversation.id).epoch) == (
        "queued",
        1,
    )


def test_a_new_language_is_told_once(store: Store, conversation):
    heard = []
    store.listen(heard.append)
    set_language(store, conversation.id, "pl")
    set_language(store, conversation.id, "pl")
    assert find_conversation(store, conversation.id).language == "pl"
    assert heard == [{conversation.id, LISTS}]


def test_a_button_by_its_place_even_in_an_older_message(store: Store, conversation):
    old = bot_says(store, conversation.id, "one", BUTTONS)
    bot_says(store, conversation.id, "two")
    assert find_button(store, conversation.id, "Refund time", (old, 0)) == BUTTONS[0]


def test_a_button_of_the_newest_bot_message_by_its_title(store: Store, conversation):
    bot_says(store, conversation.id, "one", BUTTONS)
    add_customer_message(store, conversation.id, "c1", "hm", "")
    assert find_button(store, conversation.id, "talk to a PERSON", None) == BUTTONS[2]


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("Something else", (1, 0)),  # the place is right, the words are not
        ("Refund time", (1, 99)),
        ("Refund time", (3, 0)),  # the customer's own message
        ("Refund time", (77, 0)),
        ("Refund time", None),  # by title only in the newest message
    ],
)
def test_text_that_presses_no_button_is_text(store: Store, conversation, title, place):
    bot_says(store, conversation.id, "one", BUTTONS)
    bot_says(store, conversation.id, "two")
    add_customer_message(store, conversation.id, "c1", "Refund time", "")
    assert find_button(store, conversation.id, title, place) is None


def test_no_button_where_the_bot_has_said_nothing(store: Store, conversation):
    assert find_button(store, conversation.id, "Refund time", None) is None
