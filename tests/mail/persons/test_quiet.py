"""Persons' mails that no machine may answer: shown to agents, and nothing automatic goes out, now or later."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.cases.after_hours import mark_waiting_after_hours
from odziv.mail.parse import read_mail
from odziv.store.conversations.conversation import change_owner, find_conversation
from odziv.store.conversations.messages import NewMessage, append_message, list_messages
from odziv.store.conversations.spam import mark_spam, unmark_spam
from odziv.store.handoffs.handoff import claim, list_queue
from odziv.store.mail.notifications import Unwanted, ask_for_transcript
from odziv.store.schema import messages
from tests.mail.conftest import ANNA, text_of, write_mail
from tests.mail.test_intake import everyone, said

GROUP = {
    "Precedence": "list",
    "Mailing-list": "list help@smreka.example; contact help+owners@smreka.example",
    "List-ID": "<help.smreka.example>",
    "List-Post": "<mailto:help@smreka.example>",
    "X-Original-Sender": ANNA,
}
EXCHANGE = {"X-Auto-Response-Suppress": "DR, OOF, AutoReply"}
QUIET = {
    "a group": GROUP,
    "a list": {"List-Id": "<people.x.example>"},
    "precedence alone": {"Precedence": " List "},
    "a group's old header": {"Mailing-List": "list help@smreka.example"},
    "unsubscribe": {"List-Unsubscribe": "<mailto:x@y.example>"},
    "Exchange": EXCHANGE,
    "all suppressed": {"X-Auto-Response-Suppress": "All"},
}


@pytest.mark.parametrize("headers", QUIET.values(), ids=QUIET)
def test_a_person_gets_it_and_the_bot_says_nothing(deliver, store, services, smtp_server, headers):
    deliver(write_mail("Where is parcel 778899?", "My order", **headers))
    [conversation] = everyone(store)
    assert (conversation.channel, conversation.email, conversation.status) == ("mail", ANNA, "queued")
    [waiting] = list_queue(store)
    assert (waiting.conversation_id, waiting.reason) == (conversation.id, "mail")
    log = list_messages(store, conversation.id, internal=True)
    assert [m.sender for m in log] == ["customer", "system"] and log[0].text == "My order\n\nWhere is parcel 778899?"
    assert log[1].internal and "nothing automatic was sent" in log[1].text
    assert smtp_server.got == [] and services.bot.calls == []


def test_the_agents_answer_goes_out_as_always(deliver, store, smtp_server, answer, ana, clock, mail_service):
    deliver(write_mail("Where is parcel 778899?", "My order", **GROUP))
    [waiting] = list_queue(store)
    assert claim(store, waiting.id, ana.id, NewMessage("system", "Ana has joined.", "<p>Ana has joined.</p>")).won
    answer(waiting.conversation_id, "Here I am.")
    clock.advance(11_000)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert text_of(mail).startswith("Here I am.\n\nAna") and mail["To"] == ANNA
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Re: My order", None)
    assert mail["In-Reply-To"] == mail["References"] and "@customer.example>" in mail["In-Reply-To"]


def test_nobody_there_is_not_told_by_mail_either(deliver, store, services, smtp_server, mail_service):
    deliver(write_mail(**GROUP))
    [waiting] = list_queue(store)
    assert waiting.after_hours  # nobody is signed in here
    mark_waiting_after_hours(store, services.settings)
    mail_service.outbound.work_off()
    assert smtp_server.got == []


@pytest.mark.parametrize("status", ["bot", "queued", "open", "resolved"])
def test_a_later_one_in_a_conversation_gets_nothing_automatic(
    deliver, store, offline, answered, smtp_server, ana, status
):
    with store.write() as connection:
        change_owner(connection, offline.id, status, agent_id=ana.id if status == "open" else None)
    deliver(write_mail("And now?", "Re: x", In_Reply_To=answered["Message-ID"], **EXCHANGE))
    assert said(store, offline.id, "customer")[-1] == "And now?"
    now = find_conversation(store, offline.id).status
    assert now == (status if status in {"queued", "open"} else "queued")
    assert smtp_server.got == [] and said(store, offline.id, "bot") == []


def test_without_such_a_header_the_next_one_is_answered_again(deliver, store, smtp_server):
    deliver(write_mail("First", **EXCHANGE))
    [conversation] = everyone(store)
    with store.write() as connection:
        change_owner(connection, conversation.id, "resolved", agent_id=None)
    deliver(write_mail("Second", "Re: My order", In_Reply_To=read_mail(write_mail("First")).message_id))
    assert len(everyone(store)) == 1 and len(smtp_server.got) == 1


def test_no_spam_after_all_goes_to_a_person(deliver, store, smtp_server, run_turns, ana):
    deliver(write_mail("First"))
    [conversation] = everyone(store)
    assert mark_spam(store, conversation.id, ana.id, NewMessage("system", "Spam", "", internal=True))
    headers = {"In-Reply-To": smtp_server.got[0]["Message-ID"], **GROUP}
    deliver(write_mail("Second", "Re: My order", **headers))
    assert unmark_spam(store, conversation.id, ana.id, NewMessage("system", "None", "", internal=True))
    run_turns()
    assert find_conversation(store, conversation.id).status == "queued"
    assert len(said(store, conversation.id, "bot")) == 1


def test_no_transcript_goes_to_such_an_address(deliver, store):
    deliver(write_mail(**GROUP))
    [conversation] = everyone(store)
    with pytest.raises(Unwanted):
        ask_for_transcript(store, conversation.id, ANNA)
    deliver(write_mail("Again", "Re: My order", In_Reply_To=read_mail(write_mail()).message_id))
    assert ask_for_transcript(store, conversation.id, ANNA)


def test_not_even_a_reaction_by_the_bot_would_be_sent(deliver, store, smtp_server, mail_service):
    deliver(write_mail(**GROUP))
    [conversation] = everyone(store)
    with store.write() as connection:
        connection.execute(update(messages).values(reply_to=None))
        append_message(connection, conversation.id, NewMessage("bot", "Hello.", "<p>Hello.</p>"), reply_to=1)
    assert mail_service.outbound.work_off() == 0 and smtp_server.got == []


def test_a_list_that_echoes_every_answer_stops_there(deliver, store, smtp_server, ana, answer, clock, mail_service):
    """A machine behind a list: what a person writes is all that ever goes to it."""
    deliver(write_mail("Ticket 0 received", "x", **GROUP))
    [waiting] = list_queue(store)
    claim(store, waiting.id, ana.id, NewMessage("system", "Ana has joined.", ""))
    answer(waiting.conversation_id)
    clock.advance(11_000)
    mail_service.outbound.work_off()
    for number in range(1, 9):
        headers = {"In-Reply-To": smtp_server.got[-1]["Message-ID"], **GROUP}
        deliver(write_mail(f"Ticket {number} received", "Re: x", **headers))
        clock.advance(60_000)
        mail_service.outbound.work_off()
    assert len(smtp_server.got) == 1 and len(everyone(store)) == 1
