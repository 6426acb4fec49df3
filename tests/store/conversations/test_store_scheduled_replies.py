"""Replies that can be taken back: unseen and unnumbered until they are sent, and then sent once, whatever happens."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from odziv.store import Store
from odziv.store.conversations.attachments import AttachmentUnknown, add_written, find_public_attachment
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.spam import mark_spam
from odziv.store.conversations.turns import finish_turn_with_handoff
from odziv.store.engine import LISTS
from odziv.store.handoffs.handoff import add_agent_message, claim, list_handoffs_of, list_queue, release
from odziv.store.handoffs.leases import list_lapsed, take_back, transfer_to_agent, transfer_to_queue
from odziv.store.handoffs.scheduled_replies import (
    REMEMBERED_MS,
    TakenBack,
    find_next_reply,
    forget_taken_back,
    list_due_replies,
    list_scheduled_replies,
    schedule_reply,
    send_due_replies,
    take_back_reply,
)
from odziv.store.handoffs.snoozes import snooze
from tests.fixtures import open_again, take_turn

NOTICE = NewMessage("system", "a notice", "<p>a notice</p>")
DUE = 5000


@pytest.fixture
def taken(store: Store, ana) -> str:
    """A conversation that Ana has."""
    conversation = create_conversation(store, "demo", "sl")
    add_customer_message(store, conversation.id, "c1", "a person, please", "")
    assert finish_turn_with_handoff(store, take_turn(store), "requested", "sl", NOTICE)
    assert claim(store, list_queue(store)[0].id, ana.id, NOTICE).won
    return conversation.id


def reply(agent, text: str = "hello", client_id: str | None = None) -> NewMessage:
    return NewMessage("agent", text, f"<p>{text}</p>", agent_id=agent.id, client_id=client_id)


def texts(store: Store, conversation_id: str) -> list[str]:
    return [m.text for m in list_messages(store, conversation_id)]


def test_a_scheduled_reply_is_not_in_the_log_and_has_no_number(store, taken, ana):
    last = list_messages(store, taken)[-1].seq
    scheduled = schedule_reply(store, taken, reply(ana), DUE)
    assert (scheduled.text, scheduled.agent_name, scheduled.send_at) == ("hello", "Ana", DUE)
    assert "hello" not in texts(store, taken)
    assert list_due_replies(store, DUE - 1) == [] and find_next_reply(store) == DUE
    customer, _ = add_customer_message(store, taken, "c2", "still there?", "")
    assert customer.seq == last + 1  # no gap is kept for it
    assert list_due_replies(store, DUE) == [taken]
    send_due_replies(store, taken, DUE)
    sent = list_messages(store, taken, after=customer.seq)
    assert [(m.seq, m.text, m.html, m.agent_name) for m in sent] == [(last + 2, "hello", "<p>hello</p>", "Ana")]
    assert list_scheduled_replies(store, taken) == [] and find_next_reply(store) is None


def test_several_are_sent_in_the_order_they_were_written(store, taken, ana):
    for number in range(4):
        schedule_reply(store, taken, reply(ana, f"part {number}"), DUE)
    send_due_replies(store, taken, DUE)
    assert texts(store, taken)[-4:] == [f"part {number}" for number in range(4)]


def test_what_is_due_is_sent_and_what_was_written_later_can_still_be_taken_back(store, taken, ana):
    schedule_reply(store, taken, reply(ana, "first"), DUE)
    later = schedule_reply(store, taken, reply(ana, "second"), DUE + 1)
    send_due_replies(store, taken, DUE)
    assert texts(store, taken)[-1] == "first" and list_scheduled_replies(store, taken) == [later]
    assert take_back_reply(store, taken, later.id, ana.id) == "second"
    send_due_replies(store, taken, DUE + 1)
    assert "second" not in texts(store, taken)


def test_what_is_scheduled_survives_a_restart(store, taken, ana):
    schedule_reply(store, taken, reply(ana), DUE)
    store.close()
    again = open_again(store)
    assert list_due_replies(again, DUE) == [taken]
    send_due_replies(again, taken, DUE)
    assert texts(again, taken).count("hello") == 1
    again.close()


def test_only_the_author_takes_it_back_and_only_before_it_is_sent(store, taken, ana, marek):
    scheduled = schedule_reply(store, taken, reply(ana), DUE)
    assert take_back_reply(store, taken, scheduled.id, marek.id) is None
    assert take_back_reply(store, "another", scheduled.id, ana.id) is None
    assert take_back_reply(store, taken, scheduled.id, ana.id) == "hello"
    assert take_back_reply(store, taken, scheduled.id, ana.id) == "hello"  # the first answer may have got lost
    assert list_due_replies(store, DUE) == [] and "hello" not in texts(store, taken)
    second = schedule_reply(store, taken, reply(ana, "second"), DUE)
    send_due_replies(store, taken, DUE)
    assert take_back_reply(store, taken, second.id, ana.id) is None


def test_a_race_of_sending_and_taking_back_has_one_winner(store, taken, ana):
    for number in range(12):
        scheduled, start = schedule_reply(store, taken, reply(ana, f"n{number}"), DUE), threading.Barrier(2)

        def send(start=start):
            start.wait()
            send_due_replies(store, taken, DUE)

        def undo(start=start, scheduled=scheduled):
            start.wait()
            return take_back_reply(store, taken, scheduled.id, ana.id)

        with ThreadPoolExecutor(2) as threads:
            sending, undone = threads.submit(send), threads.submit(undo).result()
            sending.result()
        assert texts(store, taken).count(f"n{number}") == (0 if undone else 1)


def test_a_repeated_request_holds_nothing_twice(store, taken, ana):
    first = schedule_reply(store, taken, reply(ana, client_id="a1"), DUE)
    assert schedule_reply(store, taken, reply(ana, client_id="a1"), DUE + 999) == first
    send_due_replies(store, taken, DUE)
    assert schedule_reply(store, taken, reply(ana, client_id="a1"), DUE + 999).text == "hello"
    assert list_due_replies(store, DUE + 999) == [] and texts(store, taken).count("hello") == 1


def test_a_late_repeat_does_not_bring_back_what_was_taken_back(store, taken, ana):
    scheduled = schedule_reply(store, taken, reply(ana, client_id="a1"), DUE)
    take_back_reply(store, taken, scheduled.id, ana.id)
    with pytest.raises(TakenBack):
        schedule_reply(store, taken, reply(ana, client_id="a1"), DUE)
    forget_taken_back(store, DUE + REMEMBERED_MS)
    with pytest.raises(TakenBack):
        schedule_reply(store, taken, reply(ana, client_id="a1"), DUE)
    forget_taken_back(store, DUE + REMEMBERED_MS + 1)
    assert schedule_reply(store, taken, reply(ana, client_id="a1"), DUE)


def test_a_note_under_the_same_id_does_not_keep_it_from_being_sent(store, taken, ana):
    schedule_reply(store, taken, reply(ana, client_id="a1"), DUE)
    note = NewMessage("agent", "a note", "", agent_id=ana.id, internal=True, client_id="a1")
    assert add_agent_message(store, taken, ana.id, note)
    send_due_replies(store, taken, DUE)
    assert texts(store, taken)[-1] == "hello" and list_scheduled_replies(store, taken) == []


def test_nobody_else_holds_a_reply(store, taken, marek, ana):
    assert schedule_reply(store, taken, reply(marek), DUE) is None
    assert schedule_reply(store, "missing", reply(ana), DUE) is None
    assert find_next_reply(store) is None


def let_go(store, taken, ana, marek, how):
    if how in {"resolved", "bot"}:
        assert release(store, taken, ana.id, how, NOTICE)
    elif how == "colleague":
        assert transfer_to_agent(store, taken, ana.id, marek.id, None, NOTICE)
    elif how == "queue":
        assert transfer_to_queue(store, taken, ana.id, None, NOTICE, language="sl", topic=None)
    else:
        [lapsed] = list_lapsed(store, store.clock() + 1)
        assert take_back(store, lapsed, store.clock() + 1, NOTICE)


@pytest.mark.parametrize("how", ["resolved", "bot", "colleague", "queue", "lease"])
def test_whoever_lets_go_has_said_before_what_they_sent(store, taken, ana, marek, how):
    scheduled = schedule_reply(store, taken, reply(ana), DUE)
    let_go(store, taken, ana, marek, how)
    assert texts(store, taken)[-2:] == ["hello", "a notice"]
    assert take_back_reply(store, taken, scheduled.id, ana.id) is None
    assert list_due_replies(store, DUE) == []


def test_followers_hear_of_it_and_the_page_has_something_new_to_show(store, taken, ana):
    heard = []
    store.listen(heard.append)
    scheduled = schedule_reply(store, taken, reply(ana), DUE)
    take_back_reply(store, taken, scheduled.id, ana.id)
    assert heard == [{taken, LISTS}] * 2


def test_a_deleted_conversation_takes_its_scheduled_replies_along(store, taken, ana):
    schedule_reply(store, taken, reply(ana), DUE)
    delete_conversation(store, taken)
    assert find_next_reply(store) is None and list_due_replies(store, DUE) == []


def test_snoozing_and_spam_send_what_is_scheduled_before_their_entry(store, taken, ana):
    schedule_reply(store, taken, reply(ana, "first"), DUE)
    assert snooze(store, taken, ana.id, store.clock() + 60_000, NewMessage("system", "snoozed", "", internal=True))
    assert list_handoffs_of(store, taken)[0].status == "snoozed"
    schedule_reply(store, taken, reply(ana, "second"), DUE)
    assert mark_spam(store, taken, ana.id, NewMessage("system", "spam", "", internal=True))
    said = [m.text for m in list_messages(store, taken, internal=True)]
    assert said[-4:] == ["first", "snoozed", "second", "spam"] and list_scheduled_replies(store, taken) == []


def test_nobody_else_s_snooze_sends_what_is_scheduled(store, taken, ana, marek):
    schedule_reply(store, taken, reply(ana), DUE)
    assert not snooze(store, taken, marek.id, store.clock() + 60_000, NOTICE)
    assert len(list_scheduled_replies(store, taken)) == 1


def test_it_ends_a_snooze_and_the_wait_when_it_is_sent(store, taken, ana):
    snooze(store, taken, ana.id, store.clock() + 60_000, NOTICE)
    schedule_reply(store, taken, reply(ana), DUE)
    [handoff] = list_handoffs_of(store, taken)
    assert (handoff.status, handoff.replied_at) == ("snoozed", None)
    send_due_replies(store, taken, DUE)
    [handoff] = list_handoffs_of(store, taken)
    assert handoff.status == "claimed" and handoff.replied_at and handoff.asked_at is None


def test_it_counts_as_an_answer_also_when_its_agent_passes_on(store, taken, ana):
    schedule_reply(store, taken, reply(ana), DUE)
    assert transfer_to_queue(store, taken, ana.id, None, NOTICE, language="sl", topic=None)
    assert list_queue(store)[0].replied_at


def attach(store: Store, conversation_id: str, agent) -> str:
    data = store.files.save(b"%PDF-1.4")
    with store.write() as connection:
        row = {"id": data, "agent_id": agent.id, "name": "a.pdf", "type": "application/pdf", "size": 8}
        return add_written(connection, conversation_id, [row | {"sha256": "0" * 64, "created_at": 1}])[0]


def test_files_go_with_a_scheduled_reply(store, taken, ana):
    file = attach(store, taken, ana)
    draft = replace(reply(ana, "see the file"), attachments=(file,))
    scheduled = schedule_reply(store, taken, draft, DUE)
    assert scheduled.attachment_ids == [file]
    with pytest.raises(AttachmentUnknown):  # set aside: no other message can take it
        schedule_reply(store, taken, replace(draft, client_id="other"), DUE)
    assert find_public_attachment(store, taken, file) is None
    send_due_replies(store, taken, DUE)
    assert list_messages(store, taken)[-1].attachment_ids == [file]
    assert find_public_attachment(store, taken, file).id == file


def test_files_of_a_reply_taken_back_can_be_sent_again(store, taken, ana):
    file = attach(store, taken, ana)
    draft = replace(reply(ana, "see the file"), attachments=(file,))
    scheduled = schedule_reply(store, taken, draft, DUE)
    assert take_back_reply(store, taken, scheduled.id, ana.id) == "see the file"
    again = schedule_reply(store, taken, replace(draft, client_id="again"), DUE)
    send_due_replies(store, taken, DUE)
    assert again.attachment_ids == list_messages(store, taken)[-1].attachment_ids == [file]
