"""What goes out, to whom, when, and what happens when it can't: against a real SMTP server."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import delete

from odziv.store.conversations.conversation import delete_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, append_message, list_messages
from odziv.store.mail.queue import (
    finish_mail,
    give_up_mail,
    list_states,
    record_bounce,
    take_mail,
    try_mail_later,
)
from odziv.store.schema import messages, turns
from tests.fixtures import set_contact
from tests.mail.conftest import ANNA, HOUR_MS, MINUTE_MS, OURS, text_of


def entries(store, conversation_id) -> list[str]:
    return [m.text for m in list_messages(store, conversation_id, internal=True) if m.internal]


def states(store, conversation_id) -> list[str]:
    return [state.status for _, state in sorted(list_states(store, conversation_id).items())]


def test_a_reply_nobody_reads_in_the_widget_goes_out_after_a_minute(
    mail_service, smtp_server, store, clock, offline, answer
):
    answer(offline.id)
    assert mail_service.outbound.work_off() == 0
    clock.advance(MINUTE_MS)
    assert mail_service.outbound.work_off() == 1
    [mail] = smtp_server.got
    assert smtp_server.envelopes == [(OURS, [ANNA])]
    assert (mail["From"], mail["To"]) == (f"Smreka <{OURS}>", ANNA)
    assert mail["Subject"] == "Where is my parcel?"
    text = text_of(mail)
    assert text.startswith("It is on its way.\n\nAna\nSmreka\n\n-- \nYou can simply reply") and "> Where is my" in text
    assert "<p>It is on its way.</p>" in mail.get_body(("html",)).get_content()
    assert mail["Auto-Submitted"] is None and not [name for name in mail if name.lower().startswith("list-")]
    assert states(store, offline.id) == ["sent"]
    clock.advance(HOUR_MS)
    assert mail_service.outbound.work_off() == 0


def test_whoever_reads_it_in_the_widget_gets_no_mail(
    mail_service, smtp_server, store, clock, offline, answer, services
):
    answer(offline.id)
    clock.advance(MINUTE_MS)
    services.hub.note_customer(offline.id, clock.now)
    mail_service.outbound.work_off()
    assert smtp_server.got == [] and states(store, offline.id) == ["read"]


def test_a_page_that_closed_before_the_reply_has_not_shown_it(
    mail_service, smtp_server, clock, offline, answer, services
):
    services.hub.note_customer(offline.id, clock.now)
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert len(smtp_server.got) == 1


def test_replies_in_a_row_make_one_mail(mail_service, smtp_server, store, clock, offline, answer):
    answer(offline.id, "First.")
    answer(offline.id, "A note.", internal=True)
    answer(offline.id, "Second.")
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    text = text_of(mail)
    assert text.startswith("First.\n\nSecond.\n\nAna") and "A note" not in text


def test_the_second_mail_goes_on_with_the_first(mail_service, smtp_server, clock, offline, answer):
    for text in ("First.", "Second."):
        answer(offline.id, text)
        clock.advance(MINUTE_MS)
        mail_service.outbound.work_off()
    first, second = smtp_server.got
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"] != second["Message-ID"]
    assert first["Reply-To"] == second["Reply-To"] and first["Reply-To"].startswith("Smreka <help+")


def test_a_note_and_what_the_bot_says_in_the_widget_are_not_sent(
    mail_service, smtp_server, clock, offline, answer, store
):
    answer(offline.id, "Only for us", internal=True)
    clock.advance(HOUR_MS)
    assert mail_service.outbound.work_off() == 0 and list_states(store, offline.id) == {}


def test_without_an_address_nothing_is_put_into_the_mail_queue(mail_service, store, offline, answer):
    set_contact(store, offline.id, email=None)
    answer(offline.id)
    assert list_states(store, offline.id) == {}


@pytest.mark.parametrize("where", ["refuses", "refuses_data"])
def test_a_refusal_for_good_is_told_to_agents_and_not_repeated(
    mail_service, smtp_server, store, clock, offline, answer, where
):
    setattr(smtp_server, where, "550 No such user here")
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert states(store, offline.id)[0] == "failed"
    [entry] = entries(store, offline.id)
    assert ANNA in entry and "550 No such user here" in entry
    setattr(smtp_server, where, "")
    clock.advance(HOUR_MS)
    assert mail_service.outbound.work_off() == 0


def test_a_refusal_for_now_is_tried_again_under_the_same_message_id(
    mail_service, smtp_server, store, clock, offline, answer
):
    smtp_server.refuses = "451 Greylisted, come back"
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    state = list_states(store, offline.id)[2]
    assert (state.status, state.attempts, state.error) == ("waiting", 1, "451 Greylisted, come back")
    assert mail_service.outbound.work_off() == 0
    smtp_server.refuses = ""
    clock.advance(MINUTE_MS)
    assert mail_service.outbound.work_off() == 1 and states(store, offline.id) == ["sent"]
    assert entries(store, offline.id) == []


def test_after_two_days_it_gives_up_and_says_so(switch_on, smtp_server, store, clock, offline, answer):
    dead = switch_on(smtp={"host": "127.0.0.1", "port": 1, "security": "none"})
    answer(offline.id)
    for _ in range(6):
        clock.advance(10 * HOUR_MS)
        dead.outbound.work_off()
    assert states(store, offline.id)[0] == "failed"
    [entry] = entries(store, offline.id)
    assert "tried" in entry and "two days" in entry and "ConnectionRefusedError" in entry


def test_a_mail_under_way_when_the_process_ended_is_tried_again(
    mail_service, smtp_server, store, clock, offline, answer
):
    answer(offline.id)
    clock.advance(MINUTE_MS)
    assert take_mail(store) is not None  # and the machine is switched off
    assert mail_service.outbound.work_off() == 0
    clock.advance(11 * MINUTE_MS)
    assert mail_service.outbound.work_off() == 1 and len(smtp_server.got) == 1


@pytest.mark.parametrize("late", ["sent", "later", "given up"])
def test_a_mail_that_outlives_its_lease_is_told_of_once(mail_service, smtp_server, store, clock, offline, answer, late):
    answer(offline.id)
    clock.advance(MINUTE_MS)
    slow = take_mail(store)
    clock.advance(11 * MINUTE_MS)
    assert mail_service.outbound.work_off() == 1 and len(smtp_server.got) == 1
    before, known = list_states(store, offline.id), find_conversation(store, offline.id)
    clock.advance(MINUTE_MS)
    entry = NewMessage("system", "It was not sent.", "<p>It was not sent.</p>", internal=True)
    if late == "sent":
        finish_mail(store, slow, "sent", entry)
    elif late == "later":
        try_mail_later(store, slow, "busy", clock.now)
    else:
        give_up_mail(store, slow, "failed", "busy", entry, fetch_person=True)
    assert (list_states(store, offline.id), find_conversation(store, offline.id)) == (before, known)
    assert entries(store, offline.id) == [] and mail_service.outbound.work_off() == 0 and len(smtp_server.got) == 1


def test_a_mail_that_came_back_meanwhile_stays_so(store, mail_service, clock, offline, answer):
    answer(offline.id)
    clock.advance(MINUTE_MS)
    due = take_mail(store)
    with store.write() as connection:
        record_bounce(connection, due.message_id, "no such mailbox")
    finish_mail(store, due, "sent")
    assert states(store, offline.id) == ["bounced"]


def test_what_is_in_the_mail_queue_is_written_with_the_reply_or_not_at_all(
    mail_service, store, offline, answer, monkeypatch
):
    def fail(*_args, **_more):
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr("odziv.store.conversations.messages.queue_message", fail)
    with pytest.raises(RuntimeError):
        answer(offline.id)
    assert [m.sender for m in list_messages(store, offline.id)] == ["customer"]


def test_deleting_the_conversation_deletes_its_mails(mail_service, smtp_server, store, clock, offline, answer):
    answer(offline.id)
    delete_conversation(store, offline.id)
    clock.advance(MINUTE_MS)
    assert mail_service.outbound.work_off() == 0 and smtp_server.got == []


@pytest.mark.parametrize(
    "hostile",
    ["a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "<script>@x", "ä@b.example", "@", "a b@c.example"],
)  # fmt: skip
def test_an_address_that_is_none_gets_nothing_and_agents_hear_of_it(
    mail_service, smtp_server, store, clock, offline, answer, hostile
):
    set_contact(store, offline.id, email=hostile)
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert smtp_server.got == [] and states(store, offline.id)[0] == "failed"
    assert "not an address" in entries(store, offline.id)[0]


def test_no_line_break_gets_into_a_header(mail_service, smtp_server, store, clock, offline, answer, ana):
    with store.write() as connection:
        connection.execute(delete(turns))
        connection.execute(delete(messages))
        append_message(
            connection, offline.id, NewMessage("customer", "Hi\r\nBcc: all@x.example\r\n\r\nbody\u2028x", "<p>Hi</p>")
        )
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert mail["Subject"] == "Hi Bcc: all@x.example bodyx" and mail["Bcc"] is None
    assert smtp_server.envelopes == [(OURS, [ANNA])]


@pytest.mark.slow
def test_the_thread_sends_by_itself(switch_on, smtp_server, store, offline, answer, monkeypatch):
    monkeypatch.setattr("odziv.store.mail.outbound.UNREAD_MS", 0)
    mail_service = switch_on()
    mail_service.start()
    answer(offline.id)
    ends = time.monotonic() + 5
    while not smtp_server.got and time.monotonic() < ends:
        time.sleep(0.01)
    mail_service.stop()
    assert len(smtp_server.got) == 1
