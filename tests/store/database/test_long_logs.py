"""Whoever writes holds up everybody else who does: what a write does must not grow with the conversation's log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, update

from odziv.store import Store
from odziv.store.conversations.conversation import change_owner, create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.conversations.ratings import rate_conversation
from odziv.store.conversations.spam import mark_spam
from odziv.store.conversations.turns import finish_turn, finish_turn_with_handoff
from odziv.store.handoffs.handoff import add_agent_message, add_handoff, claim, list_queue, release
from odziv.store.handoffs.leases import transfer_to_agent, transfer_to_queue
from odziv.store.handoffs.scheduled_replies import schedule_reply, send_due_replies
from odziv.store.handoffs.snoozes import snooze
from odziv.store.handoffs.targets import set_target
from odziv.store.schema import conversations, messages
from tests.fixtures import take_turn

pytestmark = pytest.mark.sqlite

SHORT, LONG = 200, 5000
STEPS = 10  # SQLite tells of every so many of its virtual machine's
NOTICE = NewMessage("system", "a notice", "")
CHOICE = {"title": "Return an item", "kind": "choice", "article": "orders/return"}


def write_log(store: Store, conversation_id: str, count: int) -> None:
    """So many messages, by customer, bot and agent in turn, in one go."""
    senders = ("customer", "bot", "agent")
    rows = [
        {"seq": seq, "sender": senders[seq % 3], "client_id": f"x{seq}", "reply_to": None if seq % 3 != 1 else seq - 1}
        for seq in range(1, count + 1)
    ]
    more = {"text": "a text", "conversation_id": conversation_id, "html": "", "internal": False, "created_at": 1}
    with store.write() as connection:
        connection.execute(insert(messages), [row | more for row in rows])
        this = conversations.c.id == conversation_id
        connection.execute(update(conversations).where(this).values(last_seq=count))


class Work:
    """What the writer's connection does: rows it gives to us, and steps of SQLite's own."""

    def __init__(self) -> None:
        self.rows = self.steps = 0

    def count_row(self, _cursor, row: tuple) -> tuple:
        self.rows += 1
        return row

    def count_steps(self) -> int:
        self.steps += STEPS
        return 0


@contextmanager
def counted(store: Store) -> Iterator[Work]:
    work = Work()
    with store.writer_engine.connect() as connection:  # there is one alone, which goes back to its pool
        driver = connection.connection.driver_connection
        connection.rollback()
    driver.row_factory = work.count_row
    driver.set_progress_handler(work.count_steps, STEPS)
    yield work
    driver.row_factory = None
    driver.set_progress_handler(None, 0)


def reply(case, *, internal: bool = False) -> NewMessage:
    return NewMessage("agent", "hello", "", agent_id=case.ana.id, client_id="a1", internal=internal)


def rate(case) -> None:
    rate_conversation(case.store, case.id, "person", 5, draft_note=lambda rating, before: NOTICE)


def ask_bot(case, reaction: Callable) -> None:
    """It is the bot's again, somebody presses a choice that nobody offered, and the bot reacts."""
    with case.store.write() as connection:
        change_owner(connection, case.id, "bot", agent_id=None)
    add_customer_message(case.store, case.id, "c2", CHOICE["title"], "", CHOICE)
    assert reaction(take_turn(case.store))


def hand_off(case, turn) -> bool:
    return finish_turn_with_handoff(case.store, turn, "requested", "sl", NOTICE)


WRITES: dict[str, Callable] = {
    "a reply": lambda case: add_agent_message(case.store, case.id, case.ana.id, reply(case)),
    "a note": lambda case: add_agent_message(case.store, case.id, case.ana.id, reply(case, internal=True)),
    "a scheduled reply": lambda case: schedule_reply(case.store, case.id, reply(case), 5000),
    "a reply sent": lambda case: (schedule_reply(case.store, case.id, reply(case), 5000),
                                  send_due_replies(case.store, case.id, 5000)),
    "a reply sent at the end": lambda case: (schedule_reply(case.store, case.id, reply(case), 5000),
                                             release(case.store, case.id, case.ana.id, "resolved", NOTICE)),
    "a customer's message": lambda case: add_customer_message(case.store, case.id, "c2", "thanks", ""),
    "the bot's answer": lambda case: ask_bot(
        case, lambda turn: finish_turn(case.store, turn, NewMessage("bot", "so", ""))
    ),
    "a handoff": lambda case: ask_bot(case, lambda turn: hand_off(case, turn)),
    "passed to a colleague": lambda case: transfer_to_agent(case.store, case.id, case.ana.id, case.marek.id, NOTICE),
    "passed to the queue": lambda case: transfer_to_queue(
        case.store, case.id, case.ana.id, NOTICE, language="sl", topic=None
    ),
    "a target": lambda case: set_target(case.store, case.handoff, 9000, NOTICE),
    "a snooze": lambda case: snooze(case.store, case.id, case.ana.id, 9000, NOTICE),
    "spam": lambda case: mark_spam(case.store, case.id, case.ana.id, NOTICE),
    "a rating": rate,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", WRITES)
def test_a_write_does_not_take_more_for_a_longer_log(store: Store, ana, marek, what):
    done = {}
    store.mail_domain = "mail.smreka.example"
    for length in (SHORT, LONG):
        conversation = create_conversation(store, "demo", "sl")
        write_log(store, conversation.id, length)
        with store.write() as connection:
            add_handoff(connection, conversation.id, "requested", "sl")
            change_owner(connection, conversation.id, "queued", agent_id=None)
        waiting = next(handoff for handoff in list_queue(store) if handoff.conversation_id == conversation.id)
        assert claim(store, waiting.id, ana.id, NOTICE).won
        case = SimpleNamespace(store=store, id=conversation.id, handoff=waiting.id, ana=ana, marek=marek)
        with counted(store) as work:
            assert WRITES[what](case) is not False
        done[length] = work
        release(store, conversation.id, ana.id, "resolved", NOTICE)
    assert done[SHORT].steps > 0
    assert done[LONG].rows <= done[SHORT].rows + 3
    assert done[LONG].steps <= done[SHORT].steps + 300
