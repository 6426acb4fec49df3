"""Mails to agents who are away, and transcripts: over a real SMTP server, with nothing in them that must not be."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kb.render import render_plain
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import set_wants_mail
from odziv.store.conversations.conversation import create_conversation, delete_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message, list_messages
from odziv.store.handoffs.handoff import add_handoff, claim, list_queue
from odziv.store.handoffs.targets import mark_told
from odziv.store.mail.aside import count_aside
from odziv.store.mail.confirmations import ask_for_code
from odziv.store.mail.notifications import (
    GATHER_MS,
    TooMany,
    ask_for_transcript,
    finish_notifications,
    take_notifications,
    try_notifications_later,
)
from odziv.store.mail.queue import LEASE_MS
from odziv.store.schema import notifications
from tests.fixtures import add_agent
from tests.mail.conftest import ANNA, HOUR_MS, OURS, text_of
from tests.mail.test_intake import bounce

SECRET = "My card is 4111 1111"


def entry(text: str = "late") -> NewMessage:
    return NewMessage("system", text, render_plain(text), internal=True)


@pytest.fixture
def wait(store):
    """A customer who waits; returns the handoff."""

    def wait(language: str = "sl", text: str = SECRET):
        conversation = create_conversation(store, "demo", language)
        add_customer_message(store, conversation.id, "c", text, render_plain(text))
        with store.write() as connection:
            add_handoff(connection, conversation.id, "requested", language)
        return next(h for h in list_queue(store) if h.conversation_id == conversation.id)

    return wait


def states(store) -> list[tuple[str, int]]:
    with store.read() as connection:
        rows = connection.execute(select(notifications.c.status, notifications.c.attempts).order_by(notifications.c.id))
        return [tuple(row) for row in rows]


@pytest.fixture
def willing(store, ana):
    set_wants_mail(store, ana.id, True)
    return ana


def test_what_falls_due_together_is_told_in_one_mail_without_a_word_of_the_customer(
    store, mail_service, clock, smtp_server, willing, wait, services
):
    first, second = wait("sl"), wait("pl")
    for handoff in (first, second):
        assert mark_told(store, handoff.id, entry(), [willing.id])
    mail_service.outbound.work_off()
    assert smtp_server.got == []
    clock.advance(GATHER_MS)
    mail_service.outbound.work_off()
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    text = text_of(mail)
    assert smtp_server.envelopes == [(OURS, [willing.email])]
    assert "2 customers are waiting" in mail["Subject"] and "Slovenian" in text and "Polish" in text
    for handoff in (first, second):
        assert f"{services.settings.url}/desk/conversations/{handoff.conversation_id}" in text
    assert SECRET not in mail.as_string() and "4111" not in mail.as_string()
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Reply-To"] is None
    assert states(store) == [("sent", 1), ("sent", 1)]


def test_what_outlives_its_lease_is_told_once(store, mail_service, clock, smtp_server, willing, wait):
    assert mark_told(store, wait().id, entry(), [willing.id])
    clock.advance(GATHER_MS)
    slow = take_notifications(store)
    clock.advance(LEASE_MS)
    mail_service.outbound.work_off()
    finish_notifications(store, slow, "failed", "too late")
    try_notifications_later(store, slow, "too late", clock.now)
    mail_service.outbound.work_off()
    assert states(store) == [("sent", 2)] and len(smtp_server.got) == 1


def test_what_somebody_took_meanwhile_is_not_told(store, mail_service, clock, smtp_server, willing, wait):
    handoff = wait()
    mark_told(store, handoff.id, entry(), [willing.id])
    claim(store, handoff.id, willing.id, entry("here"))
    clock.advance(GATHER_MS)
    mail_service.outbound.work_off()
    assert smtp_server.got == [] and states(store) == [("dropped", 1)]


@pytest.mark.parametrize("change", ["disabled", "unwilling"])
def test_who_left_or_changed_their_mind_gets_none(store, mail_service, clock, smtp_server, willing, wait, change):
    mark_told(store, wait().id, entry(), [willing.id])
    if change == "disabled":
        set_disabled(store, willing.id, True)
    else:
        set_wants_mail(store, willing.id, False)
    clock.advance(GATHER_MS)
    mail_service.outbound.work_off()
    assert smtp_server.got == [] and states(store) == [("dropped", 1)]


def test_a_server_that_is_away_is_tried_again_and_one_that_refuses_is_not(
    store, mail_service, clock, smtp_server, willing, wait
):
    mark_told(store, wait().id, entry(), [willing.id])
    clock.advance(GATHER_MS)
    smtp_server.refuses = "451 later"
    mail_service.outbound.work_off()
    assert mail_service.state()["out"]["state"] == "ok"  # the server is there
    assert states(store) == [("waiting", 1)]
    smtp_server.refuses = "550 no such box"
    clock.advance(HOUR_MS)
    mail_service.outbound.work_off()
    assert states(store) == [("failed", 2)]


def test_where_mail_is_off_nothing_is_written_down(store, ana, wait):
    mark_told(store, wait().id, entry(), [ana.id])
    assert states(store) == []
    assert ask_for_transcript(store, wait().conversation_id, ANNA) is False


def test_a_transcript_has_what_was_said_until_it_was_asked_for_and_nothing_internal(
    store, mail_service, smtp_server, services
):
    store.clock.now = 1_764_244_800_000  # 27 November 2025, noon: in winter Warsaw is on CET
    conversation = create_conversation(store, "demo", "pl", browser={"time_zone": "Europe/Warsaw"})
    add_customer_message(store, conversation.id, "c1", "Gdzie jest paczka? żółć", "")
    with store.write() as connection:
        append_message(connection, conversation.id, entry("nobody's business"))
    assert ask_for_transcript(store, conversation.id, "friend@elsewhere.example")
    add_customer_message(store, conversation.id, "c2", "Later words", "")
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    text = text_of(mail)
    assert smtp_server.envelopes == [(OURS, ["friend@elsewhere.example"])]
    assert mail["Subject"] == "Rozmowa z działem pomocy: Smreka"
    assert "Gdzie jest paczka? żółć" in text and "CET" in text
    assert "nobody's business" not in text and "Later words" not in text
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Reply-To"] is None and not mail.is_multipart()
    assert find_conversation(store, conversation.id).email is None


COPY, CODE = "The copy of the conversation to", "The code for an address to"
CAME_BACK = [
    (ask_for_transcript, "failed", f"{COPY} {ANNA} did not arrive: 550 5.1.1 User unknown"),
    (ask_for_transcript, "delayed", f"{COPY} {ANNA} is late, and is still being tried: 550 5.1.1 User unknown"),
    (ask_for_code, "failed", f"{CODE} {ANNA} did not arrive: 550 5.1.1 User unknown"),
]


@pytest.mark.parametrize(("ask", "action", "told"), CAME_BACK)
def test_what_a_customer_asked_for_and_came_back_is_told_in_the_conversation(
    store, deliver, smtp_server, ask, action, told
):
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "Where is my parcel?", "")
    assert ask(store, conversation.id, ANNA)
    deliver()
    mail = smtp_server.got.pop()
    deliver(bounce(mail["Message-ID"], action))
    newest = list_messages(store, conversation.id, internal=True)[-1]
    assert newest.internal and newest.text == told
    assert smtp_server.got == [] and count_aside(store) == 0


def test_what_came_back_of_a_deleted_conversation_is_put_aside(store, deliver, smtp_server):
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "Where is my parcel?", "")
    ask_for_transcript(store, conversation.id, ANNA)
    deliver()
    delete_conversation(store, conversation.id)
    deliver(bounce(smtp_server.got.pop()["Message-ID"]))
    assert count_aside(store) == 1


def test_an_agents_mail_that_came_back_is_not_the_customers(store, willing, wait, deliver, smtp_server, clock):
    handoff = wait()
    assert mark_told(store, handoff.id, entry(), [willing.id])
    clock.advance(GATHER_MS)
    deliver()
    deliver(bounce(smtp_server.got.pop()["Message-ID"]))
    assert count_aside(store) == 1
    assert "did not arrive" not in str(list_messages(store, handoff.conversation_id, internal=True))


def test_hostile_words_stay_words(store, mail_service, smtp_server):
    conversation = create_conversation(store, "demo", "en")
    said = "Hi\r\nBcc: all@x.example\r\n\r\n.\r\nQUIT\x00\u202e"
    add_customer_message(store, conversation.id, "c1", said, "")
    ask_for_transcript(store, conversation.id, ANNA)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert mail["Bcc"] is None and smtp_server.envelopes == [(OURS, [ANNA])]
    assert "QUIT" in text_of(mail) and "\x00" not in text_of(mail)


def test_three_transcripts_an_hour_of_a_conversation_and_to_an_address(store, mail_service, clock):
    mine, other = create_conversation(store, "demo", "en"), create_conversation(store, "demo", "en")
    for conversation in (mine, other):
        add_customer_message(store, conversation.id, "c1", "Hi", "")
    for number in range(3):
        assert ask_for_transcript(store, mine.id, f"a{number}@x.example")
    with pytest.raises(TooMany) as refused:
        ask_for_transcript(store, mine.id, "another@x.example")
    assert 3500 < refused.value.seconds <= 3600
    for _ in range(2):
        assert ask_for_transcript(store, other.id, "a0@x.example")
    with pytest.raises(TooMany):
        ask_for_transcript(store, other.id, "a0@x.example")
    clock.advance(HOUR_MS + 1)
    assert ask_for_transcript(store, mine.id, "another@x.example")


def test_a_deleted_conversation_takes_its_notifications_along(store, mail_service, smtp_server):
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "Hi", "")
    ask_for_transcript(store, conversation.id, ANNA)
    delete_conversation(store, conversation.id)
    mail_service.outbound.work_off()
    assert states(store) == [] and smtp_server.got == []


def test_our_own_notification_that_comes_back_is_answered_by_nobody(
    store, mail_service, smtp_server, deliver, willing, wait
):
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "Hi", "")
    ask_for_transcript(store, conversation.id, ANNA)
    mail_service.outbound.work_off()
    deliver(smtp_server.got[0].as_bytes())
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one() == 1
    assert len(smtp_server.got) == 1


def test_nobody_else_is_written_to(store, mail_service, clock, smtp_server, willing, wait):
    add_agent(store, "Zofia")
    mark_told(store, wait().id, entry(), [willing.id])
    clock.advance(GATHER_MS)
    mail_service.outbound.work_off()
    assert [recipients for _, recipients in smtp_server.envelopes] == [[willing.email]]
