"""A conversation that an agent begins by e-mail, as its mails look, and the answer that comes back into it."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.reply import draft_message, write_message
from odziv.cases.mails.begin import NewMail, begin_mail
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from tests.mail.conftest import ANNA, OURS, text_of, write_mail
from tests.mail.test_intake import everyone

JAN = "jan@customer.example"


@pytest.fixture
def begin(services, store, ana, clock, mail_service):
    """Ana writes to Anna and Jan; returns the conversation."""

    def begin(text="It is on its way.", subject="Your order 4711"):
        mail = NewMail((ANNA,), (JAN,), (), "Anna", "demo", "en", subject)
        conversation_id, recipients = begin_mail(store, services.settings, ana, mail, "k1")
        draft = draft_message(store, ana, text, "k1", internal=False, recipients=recipients)
        write_message(store, ana, conversation_id, draft)
        clock.advance(10_000)
        mail_service.outbound.work_off()
        return find_conversation(store, conversation_id)

    return begin


def test_the_mail_has_its_subject_and_nothing_to_quote(begin, smtp_server):
    begin()
    [mail] = smtp_server.got
    assert (mail["Subject"], mail["To"], mail["Cc"]) == ("Your order 4711", ANNA, JAN)
    assert mail["In-Reply-To"] is None and mail["References"] is None
    assert smtp_server.envelopes == [(OURS, [ANNA, JAN])]
    text = text_of(mail)
    assert text.startswith("It is on its way.\n\nAna\nSmreka") and "> " not in text and "4711" not in text


@pytest.mark.parametrize(("sender", "author"), [(ANNA, None), (JAN, "Jan")])
def test_the_answer_comes_back_into_it(begin, deliver, store, smtp_server, sender, author):
    conversation = begin()
    sent = smtp_server.got.pop()
    deliver(write_mail("Thank you!", "Re: Your order 4711", From=f"Jan <{sender}>", In_Reply_To=sent["Message-ID"]))
    assert [each.id for each in everyone(store)] == [conversation.id]
    said = list_messages(store, conversation.id)[-1]
    assert (said.text, said.author) == ("Thank you!", author) and smtp_server.got == []


def test_what_follows_goes_on_with_it(begin, answer, clock, mail_service, smtp_server):
    conversation = begin()
    answer(conversation.id, "One thing more.")
    clock.advance(10_000)
    mail_service.outbound.work_off()
    first, second = smtp_server.got
    assert second["Subject"] == "Re: Your order 4711" and second["In-Reply-To"] == first["Message-ID"]
