"""Forwarding a conversation by e-mail: what goes out, what comes back, and that its customer never sees any of it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from odziv.cases.customer_data.archive import for_customer
from odziv.cases.mails.forward import LONGEST_PASSED_ON, Passing, forward_by_mail, take_back
from odziv.cases.refused import Refused
from odziv.cases.retention.deleting import RetentionRun
from odziv.settings.retention import Retention
from odziv.store.agents.mentions import list_mentions
from odziv.store.conversations.conversation import (
    change_owner,
    create_conversation,
    delete_conversation,
    find_conversation,
)
from odziv.store.conversations.merges import merge
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.customers.known import load_documents
from odziv.store.customers.other_addresses import add_address
from odziv.store.engine import DAY_MS
from odziv.store.mail.side import list_side_mails
from odziv.store.schema import side_mails
from odziv.store.search.filling import fill_again, fill_some
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from tests.fixtures import set_contact
from tests.mail.conftest import ANNA, OURS, text_of, write_mail
from tests.mail.test_intake import everyone

IVO = "ivo@supplier.example"


@pytest.fixture
def pass_on(services, store, ana, offline):
    """Ana forwards her conversation to Ivo, unless told otherwise."""

    def pass_on(to=IVO, text="Can you look?", passed_on="Customer: Where is my parcel?", key="k1", **more):
        passing = Passing(to, more.pop("subject", "Fwd: parcel"), text, passed_on, **more)
        conversation = find_conversation(store, offline.id)
        return forward_by_mail(store, services.settings, ana, conversation, passing, key)

    return pass_on


@pytest.fixture
def sent(pass_on, clock, mail_service, smtp_server):
    """Such a mail, as Ivo has it."""
    pass_on()
    clock.advance(60_000)
    mail_service.outbound.work_off()
    return smtp_server.got.pop()


@pytest.fixture
def public(store, offline):
    """What the customer can read."""
    return lambda: [message.text for message in list_messages(store, offline.id)]


@pytest.fixture
def notes(store, offline):
    """What agents can read besides."""
    return lambda: [m for m in list_messages(store, offline.id, internal=True) if m.internal]


def from_ivo(text="It left today.", **headers):
    return write_mail(text, "Re: Fwd: parcel", **{"From": f"Ivo Horvat <{IVO}>", **headers})


def test_it_goes_to_one_address_and_names_no_customer(sent, smtp_server, public, notes):
    assert smtp_server.envelopes[-1] == (OURS, [IVO]) and sent["To"] == IVO and sent["Subject"] == "Fwd: parcel"
    text = text_of(sent)
    assert text.startswith("Can you look?\n\nAna\n") and text.endswith("----\nCustomer: Where is my parcel?\n")
    assert ANNA not in sent.as_string() and "Where is my parcel?" in public() and "Can you look?" not in public()
    assert notes()[-1].text == "Can you look?"


def test_the_answer_comes_back_for_agents_only(sent, deliver, store, ana, offline, public, notes, smtp_server):
    before, was = public(), find_conversation(store, offline.id)
    deliver(from_ivo(To=sent["Reply-To"], In_Reply_To=sent["Message-ID"], Cc=f"Eva <eva@supplier.example>, {ANNA}"))
    answer = notes()[-1]
    assert (answer.text, answer.author, answer.internal) == ("It left today.", "Ivo Horvat", True)
    assert public() == before and smtp_server.got == [] and [each.id for each in everyone(store)] == [offline.id]
    now = find_conversation(store, offline.id)
    assert (now.status, now.epoch, now.agent_id) == (was.status, was.epoch, was.agent_id)
    [mention] = list_mentions(store, ana.id)
    assert (mention.seq, mention.author, mention.read_at) == (answer.seq, "Ivo Horvat", None)


@pytest.mark.parametrize("by", ["address", "reference"])
def test_either_leads_back(sent, deliver, notes, by):
    where = {"To": sent["Reply-To"]} if by == "address" else {"In_Reply_To": sent["Message-ID"]}
    deliver(from_ivo(**where))
    assert notes()[-1].text == "It left today."


@pytest.mark.parametrize("sender", [ANNA, "stranger@evil.example", OURS])
def test_nobody_else_writes_in_it(sent, deliver, store, offline, sender):
    before = list_messages(store, offline.id, internal=True)
    where = {"To": sent["Reply-To"], "In_Reply_To": sent["Message-ID"], "References": sent["Message-ID"]}
    deliver(write_mail("Hello", "Re: Fwd: parcel", From=sender, **where))
    assert list_messages(store, offline.id, internal=True) == before
    assert [each.id for each in everyone(store)] == [offline.id]


def test_the_customers_address_does_not_open_it_nor_it_theirs(sent, answered, deliver, store, offline, public, notes):
    assert sent["Reply-To"] != answered["Reply-To"]
    made_up = sent["Reply-To"].addresses[0].addr_spec.replace("+", "+a", 1)
    before = public()
    deliver(from_ivo("Forged", To=made_up))
    assert public() == before and "Forged" not in [note.text for note in notes()]


def test_one_who_is_in_both_is_told_apart_by_the_address(
    sent, answered, answer, deliver, clock, store, offline, public
):
    deliver(write_mail("And Ivo.", "Re: x", In_Reply_To=answered["Message-ID"], Cc=IVO))
    assert public()[-1] == "And Ivo."
    deliver(from_ivo("For agents", To=sent["Reply-To"], References=f"{answered['Message-ID']} {sent['Message-ID']}"))
    assert "For agents" not in public()
    deliver(from_ivo("For everybody", To=answered["Reply-To"], Subject="Re: parcel"))
    assert public()[-1] == "For everybody"


def test_what_answers_an_answer_stays_in_the_thread(sent, deliver, public, notes):
    deliver(
        write_mail("And Ivo.", "Re: x", Cc=IVO, In_Reply_To=sent["Message-ID"], From=IVO, Message_ID="<i1@s.example>")
    )
    deliver(from_ivo("One thing more", In_Reply_To="<i1@s.example>"))
    assert notes()[-1].text == "One thing more" and "One thing more" not in public()


def test_a_machines_answer_is_an_entry_and_no_mail_goes_back(sent, deliver, public, notes, smtp_server):
    before = public()
    deliver(from_ivo("I am away.", To=sent["Reply-To"], Auto_Submitted="auto-replied", Message_ID="<auto@s.example>"))
    assert "I am away." in notes()[-1].text and public() == before and smtp_server.got == []
    deliver(from_ivo("Back", In_Reply_To="<auto@s.example>"))
    assert public() == before


def test_a_flood_is_put_aside(sent, deliver, notes):
    deliver(*(from_ivo(f"Number {number}", To=sent["Reply-To"]) for number in range(32)))
    assert len([note for note in notes() if note.text.startswith("Number")]) == 30


def test_what_comes_back_is_told_to_agents(sent, pass_on, clock, mail_service, smtp_server, notes, store, offline):
    smtp_server.refuses = "550 no such user"
    pass_on(key="k2", text="Again")
    clock.advance(60_000)
    mail_service.outbound.work_off()
    [failed] = [side for side in list_side_mails(store, offline.id).values() if side.status == "failed"]
    assert "550" in failed.error and IVO in notes()[-1].text


def test_it_can_be_taken_back_until_it_is_sent(pass_on, store, ana, offline, clock, mail_service, smtp_server):
    note = pass_on()
    take_back(store, ana, offline.id, note.seq)
    take_back(store, ana, offline.id, note.seq)
    clock.advance(60_000)
    mail_service.outbound.work_off()
    assert smtp_server.got == [] and list_side_mails(store, offline.id)[note.seq].status == "undone"


def test_it_can_not_be_taken_back_once_it_is_sent(sent, store, ana, offline, notes):
    with pytest.raises(Refused):
        take_back(store, ana, offline.id, notes()[0].seq)


def test_a_repeat_keeps_it_once(pass_on, store, offline):
    assert pass_on().seq == pass_on().seq and len(list_side_mails(store, offline.id)) == 1


def test_it_never_goes_to_the_customer_who_names_the_address_meanwhile(
    pass_on, store, offline, clock, mail_service, smtp_server
):
    note = pass_on()
    set_contact(store, offline.id, email=IVO)
    clock.advance(60_000)
    mail_service.outbound.work_off()
    assert smtp_server.got == [] and list_side_mails(store, offline.id)[note.seq].status == "failed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": ANNA},
        {"to": f"Anna <{ANNA.upper()}>"},
        {"to": OURS},
        {"to": f"{IVO}, eva@supplier.example"},
        {"to": "nobody"},
        {"to": f"{IVO}\r\nBcc: x@evil.example"},
        {"text": ""},
        {"subject": " \n"},
        {"subject": "x" * 300},
        {"passed_on": "x" * (LONGEST_PASSED_ON + 1)},
        {"files": ("f" * 32,)},
    ],
)
def test_what_can_not_be(pass_on, store, offline, wrong):
    with pytest.raises(Refused):
        pass_on(**wrong)
    assert list_side_mails(store, offline.id) == {}


def test_it_never_goes_to_another_address_of_the_customers(
    pass_on, store, ana, offline, clock, mail_service, smtp_server
):
    pass_on()
    add_address(store, offline.id, IVO, ana.id)
    clock.advance(60_000)
    mail_service.outbound.work_off()
    assert smtp_server.got == []
    assert [side.status for side in list_side_mails(store, offline.id).values()] == ["failed"]
    with pytest.raises(Refused, match="own address"):
        pass_on(key="k2")


def test_a_header_is_not_written_by_a_subject(pass_on, clock, mail_service, smtp_server):
    pass_on(subject="Fwd: x\r\nBcc: x@evil.example")
    clock.advance(60_000)
    mail_service.outbound.work_off()
    assert smtp_server.got[0]["Bcc"] is None and smtp_server.envelopes[-1][1] == [IVO]


def test_an_answer_to_it_goes_on_in_its_thread(
    sent, deliver, pass_on, store, offline, clock, mail_service, smtp_server
):
    deliver(from_ivo(To=sent["Reply-To"], Message_ID="<i1@s.example>"))
    [thread] = {side.thread for side in list_side_mails(store, offline.id).values()}
    pass_on(to="ignored@x.example", text="Thanks", key="k2", passed_on="", thread=thread)
    clock.advance(60_000)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert (mail["To"], mail["In-Reply-To"], mail["Reply-To"]) == (IVO, "<i1@s.example>", sent["Reply-To"])


@pytest.fixture
def merged(store, offline, ana):
    """The conversation went on in another of the customer's, and that in a third."""
    where = [offline.id]
    note = NewMessage("system", "merged", "<p>merged</p>", internal=True)
    for _ in range(2):
        other = create_conversation(store, "demo", "en")
        set_contact(store, other.id, email=ANNA)
        with store.write() as connection:
            change_owner(connection, other.id, "open", agent_id=ana.id)
        merge(store, where[-1], other.id, ana.id, (note, note), replace(note, internal=False), confirmed=True)
        where.append(other.id)
    return where


def test_what_comes_after_a_merge_is_where_it_goes_on_and_is_answered_there(
    sent, merged, deliver, store, services, ana, clock, mail_service, smtp_server
):
    deliver(from_ivo("It left today.", To=sent["Reply-To"], Message_ID="<i1@s.example>"))
    first, _, last = merged
    assert "It left today." not in str(list_messages(store, first, internal=True))
    assert list_messages(store, last, internal=True)[-1].text == "It left today."
    assert [mention.conversation_id for mention in list_mentions(store, ana.id, 10)] == [last]
    [thread] = {side.thread for side in list_side_mails(store, first).values()}
    assert {side.thread for side in list_side_mails(store, last).values()} == {thread}
    there = find_conversation(store, last)
    forward_by_mail(store, services.settings, ana, there, Passing("", "", "Thanks", thread=thread), "k9")
    clock.advance(60_000)
    mail_service.outbound.work_off()
    assert (smtp_server.got[0]["To"], smtp_server.got[0]["In-Reply-To"]) == (IVO, "<i1@s.example>")
    stranger = find_conversation(store, create_conversation(store, "demo", "en").id)
    with pytest.raises(Refused, match="not an e-mail address|nobody|To"):
        forward_by_mail(store, services.settings, ana, stranger, Passing("", "Fwd: x", "Hi", thread=thread), "k10")


def test_it_is_found_by_whom_it_went_to_and_its_subject_until_it_is_kept_no_longer(
    sent, deliver, store, services, offline, clock
):
    deliver(write_mail("It left today.", "Re: Sledenje 4711", From=f"Ivo <{IVO}>", To=sent["Reply-To"]))

    def found(words: str) -> list[str]:
        return [hit.conversation.id for hit in search(store, words, Wanted(), 25)[0]]

    assert found(IVO) == found("fwd parcel") == found("sledenje 4711") == [offline.id]
    hits, *_ = search(store, IVO, Wanted(), 25)
    assert IVO in "".join(piece.text for piece in hits[0].pieces)
    assert IVO not in str(list_messages(store, offline.id))  # what the customer reads
    fill_again(store)
    while fill_some(store):
        pass
    assert found("sledenje 4711") == [offline.id]
    with store.write() as connection:
        change_owner(connection, offline.id, "resolved", agent_id=None)
    clock.advance(8 * DAY_MS)
    settings = services.settings.model_copy(update={"retention": Retention(mail=7)})
    RetentionRun(store, settings, threading.Event(), pause=0).run()
    assert found(IVO) == found("sledenje 4711") == []


def test_the_customers_copy_has_none_of_it_and_deletion_takes_all(sent, deliver, store, offline, ana):
    deliver(from_ivo("Secret terms", To=sent["Reply-To"]))
    deliver(from_ivo("Away machine", To=sent["Reply-To"], Auto_Submitted="auto-replied"))
    with store.read() as connection:
        [document] = load_documents(connection, [offline.id])
    assert "Secret terms" in str(document) and document["mails_to_others"][0]["address"] == IVO
    copy = str(for_customer(document))
    assert not any(word in copy for word in ("Secret terms", "Away machine", IVO, "Can you look?"))
    delete_conversation(store, offline.id, ana.id)
    with store.read() as connection:
        assert connection.execute(side_mails.select()).first() is None
