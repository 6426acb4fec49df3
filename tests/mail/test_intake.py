"""What becomes of a mail that came in: through a real maildir in, the bot's turn, and a real SMTP server out."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from kb.language.detection import LanguageGuess
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import Conversation, change_owner, find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import list_queue
from odziv.store.mail.inbound import find_original
from odziv.store.mail.queue import list_states
from odziv.store.schema import conversations, mails
from tests.chat.test_turn_runner import wait_until
from tests.fakes import BUTTONS, CONSIDERED, HAND_OFF
from tests.mail.conftest import ANNA, OURS, text_of, write_mail
from tests.waiting_turns import look_no_more

EVE = "eve@elsewhere.example"


def everyone(store) -> list[Conversation]:
    """All conversations, in the order in which they were begun; by mail, also within a millisecond."""
    first = select(func.min(mails.c.id)).where(mails.c.conversation_id == conversations.c.id).scalar_subquery()
    with store.read() as connection:
        statement = select(conversations.c.id).order_by(conversations.c.created_at, first)
        ids = connection.execute(statement).scalars().all()
    return [find_conversation(store, each) for each in ids]


def said(store, conversation_id, sender=None) -> list[str]:
    log = list_messages(store, conversation_id, internal=True)
    return [m.text for m in log if sender is None or m.sender == sender]


def test_a_mail_from_nowhere_opens_a_conversation_and_the_bot_answers_it(deliver, store, smtp_server):
    deliver(write_mail("How do I return shoes?", "Shoes"))
    [conversation] = everyone(store)
    assert (conversation.channel, conversation.email, conversation.name) == ("mail", ANNA, "Anna Nowak")
    assert (conversation.site, conversation.status) == ("demo", "bot")
    assert said(store, conversation.id, "customer") == ["Shoes\n\nHow do I return shoes?"]
    [mail] = smtp_server.got
    text, html = text_of(mail), mail.get_body(("html",)).get_content()
    assert text.startswith("Hello,\n\nYou have 14 days.\n\nRead more: Returning an item\nhttp://localhost:8080/help/en")
    assert "- Refund time\n  http://localhost:8080/help/en/orders/refund-time" in text
    assert "Talk to a person" not in text and "digital assistant of Smreka" in text
    assert '<a href="http://localhost:8080/help/en/orders/return">Returning an item</a>' in html
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Re: Shoes", "auto-replied")
    assert mail["In-Reply-To"] == mail["References"] and "@customer.example>" in mail["In-Reply-To"]


def test_the_bot_is_told_of_a_mail_and_does_not_wait_for_its_next_look(mail_service, services, store, tmp_path):
    look_no_more(services.turns)
    services.turns.start()
    (tmp_path / "mail" / "new" / "1.M.host").write_bytes(write_mail())
    mail_service.inbound.look()
    wait_until(lambda: said(store, everyone(store)[0].id, "bot"))
    services.turns.stop()


def test_did_you_mean_is_a_list_with_links(deliver, services, smtp_server):
    choice = BUTTONS[0] | {"kind": "choice"}
    services.bot.says = [{"custom": {"text": "Did you mean…", "buttons": [choice], "considered": CONSIDERED}}]
    deliver(write_mail())
    text = text_of(smtp_server.got[0])
    assert "Did you mean…\n\n- Refund time\n  http://localhost:8080/help/en/orders/refund-time" in text
    assert "This may help" not in text


def test_a_handoff_is_told_in_one_mail_and_the_agents_answer_follows(
    deliver, services, store, smtp_server, answer, ana, clock, mail_service
):
    services.bot.says = [{"custom": {"text": "I’m sorry about that.", "handoff": {"reason": "complaint"}}}]
    deliver(write_mail("This is an outrage"))
    [mail] = smtp_server.got
    text = text_of(mail)
    assert "I’m sorry about that.\n\nA colleague will look into this personally." in text and "by e-mail" in text
    [conversation] = everyone(store)
    assert conversation.status == "queued" and len(list_queue(store)) == 1
    claim_it(store, conversation.id, ana)
    answer(conversation.id, "Here I am.")
    clock.advance(11_000)  # by mail, nobody waits for a widget
    mail_service.outbound.work_off()
    assert text_of(smtp_server.got[1]).startswith("Here I am.\n\nAna") and smtp_server.got[1]["Auto-Submitted"] is None


def claim_it(store, conversation_id: str, agent: Agent) -> None:
    with store.write() as connection:
        change_owner(connection, conversation_id, "open", agent_id=agent.id)


@pytest.mark.parametrize("way", ["token", "references", "in-reply-to", "token in capitals"])
def test_a_reply_finds_its_conversation(deliver, store, offline, answered, way):
    headers = {"References": f"<x@y> {answered['Message-ID']}"} if way == "references" else {}
    headers |= {"In-Reply-To": answered["Message-ID"]} if way == "in-reply-to" else {}
    if way.startswith("token"):
        to = answered["Reply-To"].addresses[0].addr_spec
        headers["To"] = to.upper() if "capitals" in way else to
    quoted = "Thank you!\n\nOn 4 Mar 2024 at 10:00, Smreka wrote:\n> It is on its way.\n"
    deliver(write_mail(quoted, "Re: Where is my parcel?", **headers))
    assert [c.id for c in everyone(store)] == [offline.id]
    assert said(store, offline.id, "customer") == ["Where is my parcel?", "Thank you!"]
    assert "> It is on its way." in find_original(store, offline.id, 3).original


@pytest.mark.parametrize("way", ["token", "references"])
def test_somebody_else_with_the_right_reference_gets_a_conversation_of_their_own(
    deliver, store, offline, answered, smtp_server, way
):
    headers = {"To": str(answered["Reply-To"])} if way == "token" else {"References": answered["Message-ID"]}
    deliver(write_mail("Tell me everything", From=EVE, **headers))
    assert said(store, offline.id, "customer") == ["Where is my parcel?"]
    [_, other] = everyone(store)
    assert (other.email, other.channel) == (EVE, "mail")
    [mail] = smtp_server.got
    assert mail["To"] == EVE and "on its way" not in mail.as_string() and "parcel" not in text_of(mail)


@pytest.mark.slow
@pytest.mark.parametrize("token", ["a" * 32, "", "A" * 32, "7" * 32, "../../etc/passwd", "%00"])
def test_a_made_up_token_leads_nowhere(deliver, store, offline, answered, token):
    deliver(write_mail("Hello there", "Re: x", To=f"help+{token}@smreka.example"))
    assert len(everyone(store)) == 2 and len(said(store, offline.id, "customer")) == 1


def test_a_token_with_one_letter_changed_is_refused(mail_service, offline):
    from odziv.mail.addresses import ReplyAddresses

    addresses = ReplyAddresses("secret", OURS)
    good = addresses.address_of(offline.id)
    assert addresses.conversation_of([good]) == offline.id
    assert ReplyAddresses("another", OURS).conversation_of([good]) is None
    for place in range(5, 37):
        changed = good[:place] + ("b" if good[place] != "b" else "c") + good[place + 1 :]
        assert addresses.conversation_of([changed]) is None


def test_a_reply_to_what_is_resolved_brings_the_bot_back_and_its_answer_goes_by_mail(
    deliver, store, offline, answered, smtp_server
):
    with store.write() as connection:
        change_owner(connection, offline.id, "resolved", agent_id=None)
    deliver(write_mail("One more question", "Re: x", In_Reply_To=answered["Message-ID"]))
    assert find_conversation(store, offline.id).status == "bot"
    assert "14 days" in text_of(smtp_server.got[0])


def test_the_same_mail_is_taken_once_however_often_it_comes(deliver, store, smtp_server):
    mail = write_mail()
    deliver(mail, mail)
    deliver(b"Received: by another way\r\n" + mail)
    assert len(everyone(store)) == 1 and len(smtp_server.got) == 1


def test_another_mail_under_the_same_message_id_is_another_mail(deliver, store):
    deliver(write_mail("First", Message_ID="<same@x.example>"), write_mail("Second", Message_ID="<same@x.example>"))
    assert len(everyone(store)) == 2


def test_a_crash_between_storing_and_marking_neither_loses_nor_doubles(
    deliver, store, mail_service, monkeypatch, tmp_path
):
    def crash(*_paths):
        raise OSError("the machine stops here")

    with monkeypatch.context() as broken:
        broken.setattr("odziv.mail.mailboxes.os.rename", crash)
        with pytest.raises(OSError):
            deliver(write_mail())
    assert len(everyone(store)) == 1 and list((tmp_path / "mail" / "new").iterdir())
    deliver()
    assert len(everyone(store)) == 1 and not list((tmp_path / "mail" / "new").iterdir())


def test_a_crash_before_storing_loses_nothing(deliver, store, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("odziv.store.mail.inbound.add_customer_message", lambda *a, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deliver(write_mail())
    assert everyone(store) == []  # not even an empty conversation
    deliver()
    assert len(everyone(store)) == 1


LOOPS = {
    "out of office": {"Auto-Submitted": "auto-replied"},
    "generated": {"Auto-Submitted": "auto-generated; by=cron"},
    "bulk": {"Precedence": "bulk"},
    "junk": {"Precedence": "Junk"},
    "bulk through a list": {"Precedence": "bulk", "List-Id": "<news.x.example>"},
    "out of office by Exchange": {"X-Auto-Response-Suppress": "All", "Subject": "Automatic reply: My order"},
    "empty return path": {"Return-Path": "<>"},
    "mailer-daemon": {"From": "MAILER-DAEMON@customer.example"},
    "no-reply": {"From": "No Reply <no-reply@customer.example>"},
    "noreply": {"From": "noreply+1@customer.example"},
    "us": {"From": OURS},
    "us with a token": {"From": "Help <help+abc@smreka.example>"},
    "no sender": {"From": None},
    "broken sender": {"From": "<<>>"},
}


@pytest.mark.parametrize("headers", LOOPS.values(), ids=LOOPS)
def test_no_machine_is_answered_and_no_conversation_opened(deliver, store, smtp_server, headers):
    deliver(write_mail("I am away until Monday.", **headers))
    assert everyone(store) == [] and smtp_server.got == []
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(mails)).scalar_one() == 1


@pytest.mark.slow
@pytest.mark.parametrize("headers", list(LOOPS.values())[:7], ids=list(LOOPS)[:7])
def test_in_a_conversation_agents_read_it_and_nobody_answers(deliver, store, offline, answered, smtp_server, headers):
    deliver(write_mail("I am away until Monday.", "Re: x", In_Reply_To=answered["Message-ID"], **headers))
    newest = list_messages(store, offline.id, internal=True)[-1]
    assert newest.internal and "I am away until Monday." in newest.text and ANNA in newest.text
    assert smtp_server.got == [] and len(everyone(store)) == 1


def test_a_person_who_says_so_is_answered(deliver, smtp_server):
    deliver(write_mail(Auto_Submitted="no", Precedence="normal", Return_Path=f"<{ANNA}>"))
    assert len(smtp_server.got) == 1


def test_our_own_answer_sent_back_to_us_is_not_answered(deliver, store, smtp_server):
    deliver(write_mail())
    [ours] = smtp_server.got
    for header in ("Auto-Submitted", "X-Auto-Response-Suppress", "From"):
        del ours[header]
    ours["From"] = ANNA
    deliver(ours.as_bytes())
    assert len(smtp_server.got) == 1 and len(everyone(store)) == 1


def bounce(message_id: str, action: str = "failed", sender: str = "MAILER-DAEMON@mx.example") -> bytes:
    return (
        f"From: {sender}\r\nTo: {OURS}\r\nSubject: Undelivered Mail\r\nReturn-Path: <>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {ANNA}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--x--\r\n"
    ).encode()


def test_a_bounce_marks_the_reply_and_tells_agents(deliver, store, offline, answered, smtp_server):
    deliver(bounce(answered["Message-ID"]))
    newest = list_messages(store, offline.id, internal=True)[-1]
    assert newest.internal and newest.text == f"The e-mail to {ANNA} did not arrive: 550 5.1.1 User unknown"
    state = list_states(store, offline.id)[2]
    assert (state.status, state.error) == ("bounced", "550 5.1.1 User unknown")
    assert smtp_server.got == [] and len(everyone(store)) == 1


def test_a_late_one_is_told_and_not_marked(deliver, store, offline, answered):
    deliver(bounce(answered["Message-ID"], "delayed"))
    assert "is late" in list_messages(store, offline.id, internal=True)[-1].text
    assert list_states(store, offline.id)[2].status == "sent"


def test_a_bounce_that_follows_no_standard_is_known_by_the_mail_it_quotes(deliver, store, offline, answered):
    text = f"Hi. This is the qmail-send program.\n\n--- Below is a copy.\nMessage-ID: {answered['Message-ID']}\n"
    deliver(write_mail(text, From="MAILER-DAEMON@mx.example", Return_Path="<>"))
    assert list_states(store, offline.id)[2].status == "bounced"


def test_a_bounce_of_nothing_of_ours_changes_nothing(deliver, store, offline, answered):
    deliver(bounce(f"<odziv.{'0' * 24}@smreka.example>"))
    assert (
        list_states(store, offline.id)[2].status == "sent" and len(list_messages(store, offline.id, internal=True)) == 2
    )


def test_two_machines_stop_talking_and_a_person_looks(deliver, store, smtp_server):
    last = None
    for number in range(9):
        headers = {"In-Reply-To": last} if last else {}
        deliver(write_mail(f"Ticket {number} received", "Re: x" if last else "x", **headers))
        last = smtp_server.got[-1]["Message-ID"]
    assert len(smtp_server.got) == 6
    [conversation] = everyone(store)
    assert conversation.status == "queued"
    assert any("6 automatic answers" in text for text in said(store, conversation.id, "system"))


@pytest.mark.slow
def test_an_address_that_floods_opens_no_more_conversations(deliver, store):
    deliver(*(write_mail(f"Message {number}", f"Subject {number}") for number in range(25)))
    assert len(everyone(store)) == 20


@pytest.mark.parametrize(
    ("text", "language"), [("Kje je moj paket? Naročilo sem oddal včeraj.", "sl"), ("Gdzie jest moja paczka?", "pl")]
)
def test_the_language_is_that_of_the_text(deliver, store, services, text, language):
    services.knowledge.detect_language = lambda said, **known: language if text in said else "en"
    deliver(write_mail(text, ""))
    assert everyone(store)[0].language == language


# As a site with Croatian and one with Slovenian neighbours gets them: words of both, and nothing else to go by.
BY_ITS_WORDS = [
    ("Dostava v Zagreb", "Koliko stane dostava čez mejo?", "sl"),
    ("Koda", "Koda mi ne dela, kaj naj naredim?", "sl"),
    ("Vprašanje", "Ali je dostava ob sobotah?", "sl"),
    ("Dostava u Celje", "Koliko košta dostava preko granice?", "hr"),
    ("Kod", "Kod mi ne radi, što da radim?", "hr"),
    ("Upit", "Ima li dostave subotom?", "hr"),
    ("Kod", "Kod nie działa, co mam zrobić?", "pl"),
    ("Kurtka", "Kurtka i spodnie i czapka, ile dni na zwrot?", "pl"),
    ("Code", "My code is refused, what do I do?", "en"),
    ("Delivery", "Is there delivery on Saturdays?", "en"),
]


@pytest.mark.parametrize(("subject", "text", "language"), BY_ITS_WORDS)
def test_the_language_is_told_by_the_words_alone(deliver, store, services, subject, text, language):
    services.knowledge.detect_language = LanguageGuess(("sl", "hr", "pl", "en"), "en")
    deliver(write_mail(text, subject))
    assert everyone(store)[0].language == language


def test_a_mail_of_somebody_in_danger_is_answered_with_the_emergency_number(deliver, store, services, smtp_server):
    deliver(write_mail("Where is my parcel? It does not matter, I want to die."))
    assert [(h.reason, h.priority) for h in list_queue(store)] == [("danger", "urgent")] and not services.bot.calls
    assert "please call 112 at once" in text_of(smtp_server.got[0])


def test_so_is_one_to_a_conversation_that_waits_for_a_person(deliver, store, services, smtp_server):
    services.bot.says = HAND_OFF
    deliver(write_mail("A person, please."))
    [conversation] = everyone(store)
    deliver(write_mail("I want to die.", "Re: My order", References=str(smtp_server.got[0]["Message-ID"])))
    assert [(h.reason, h.priority) for h in list_queue(store)] == [("danger", "urgent")]
    assert sum("112" in text for text in said(store, conversation.id, "system")) == 1
    assert "please call 112 at once" in text_of(smtp_server.got[1])
