"""Deleting a customer's data reaches their mails that were put aside, and nobody else's."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.aside import make_conversation
from odziv.cases.forgetting import delete_for_good, forget_for_customer, forget_sender, list_senders
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.mail.aside import count_aside, list_aside
from odziv.store.mail.confirmations import ask_for_code, confirm_address, find_code
from odziv.store.mail.inbound import Incoming, keep_as_message, keep_aside
from odziv.store.schema import notifications
from tests.files import PDF
from tests.fixtures import set_contact
from tests.mail.conftest import ANNA, OURS, write_mail
from tests.mail.test_intake import EVE, everyone
from tests.mail.test_mail_attachments import on_disk, with_files

DENIS = "denis@customer.example"


@pytest.fixture
def put_aside(store):
    """Puts mails aside, each from another address."""
    numbers = iter(range(1000))

    def put_aside(*senders: str | None, **more) -> None:
        for sender in senders:
            number = next(numbers)
            told = {"sender": sender, "subject": "Away", "original": "I am away.", "automatic": "bulk mail", **more}
            keep_aside(store, Incoming(f"aside{number}", **{"message_id": f"<{number}@x.example>", **told}))

    return put_aside


@pytest.fixture
def chat(store, mail_service):
    """A conversation in the widget."""
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "Where is my parcel?", "<p>Where is my parcel?</p>")
    return conversation


@pytest.fixture
def forget(store, services):
    """Deletes a conversation as its customer wishes."""

    def forget(conversation_id: str, *, all_of_theirs: bool = False) -> None:
        conversation = find_conversation(store, conversation_id)
        forget_for_customer(store, services.settings, conversation, all_of_theirs=all_of_theirs)

    return forget


def left(store) -> list[str | None]:
    return sorted((mail.sender for mail in list_aside(store)), key=str)


def typed(store, conversation) -> None:
    set_contact(store, conversation.id, email=ANNA)


def typed_and_asked_for_a_code(store, conversation) -> None:
    typed(store, conversation)
    assert ask_for_code(store, conversation.id, ANNA)


def verified(store, conversation) -> None:
    set_contact(store, conversation.id, email="Anna@Customer.example", customer="a1", verified=True)


def confirmed(store, conversation) -> None:
    assert ask_for_code(store, conversation.id, ANNA)
    with store.write() as connection:
        connection.execute(notifications.update().values(status="sent"))
    assert confirm_address(store, find_code(store, conversation.id, ANNA))


def confirmed_by_another_before_the_site_said_who(store, conversation) -> None:
    confirmed(store, conversation)
    set_contact(store, conversation.id, email=DENIS, customer="d1", verified=True)


def wrote(store, conversation) -> None:
    keep_as_message(store, Incoming("m1", "<m1@x>", ANNA, "Re: x", "Thanks"), conversation.id, "Thanks", "Thanks")


def wrote_through_a_list(store, conversation) -> None:
    mail = Incoming("m1", "<m1@x>", ANNA, "Re: x", "Thanks", automatic="a mailing list")
    keep_as_message(store, mail, conversation.id, "Thanks", "Thanks")


KNOWN = [verified, confirmed, wrote, wrote_through_a_list]
UNKNOWN = [typed, typed_and_asked_for_a_code, confirmed_by_another_before_the_site_said_who]


@pytest.mark.parametrize("know", KNOWN)
def test_what_is_known_to_be_theirs_goes_and_only_that(store, services, chat, put_aside, forget, know):
    others = [EVE, "nanna@customer.example", "anna@customer.example.evil.example", "anna+2@customer.example", None]
    put_aside(ANNA, *others, ANNA)
    know(store, chat)
    assert list_senders(store, services.settings, chat.id) == {ANNA}
    forget(chat.id)
    assert left(store) == sorted(others, key=str)
    [entry] = list_entries(store, action="forgotten")
    assert (entry.object, entry.detail) == (f"conversation:{chat.id}", {"e_mails_put_aside": 2})


@pytest.mark.parametrize("know", UNKNOWN)
def test_what_was_only_typed_is_anybodys_and_stays(store, chat, put_aside, forget, know):
    put_aside(ANNA)
    know(store, chat)
    forget(chat.id)
    assert left(store) == [ANNA] and list_entries(store, action="forgotten")[0].detail is None


def test_an_administrator_deletes_them_too(store, services, chat, put_aside, ana):
    put_aside(ANNA, EVE)
    wrote(store, chat)
    delete_for_good(store, services.settings, chat.id, by=ana.id)
    assert left(store) == [EVE]
    [entry] = list_entries(store, action="deleted")
    assert (entry.agent_id, entry.detail) == (ana.id, {"e_mails_put_aside": 1})


def test_all_of_a_customers_conversations_are_asked(store, chat, put_aside, forget):
    put_aside(ANNA, DENIS, EVE)
    other = create_conversation(store, "demo", "en")
    for conversation, email in ((chat, ANNA), (other, DENIS)):
        set_contact(store, conversation.id, email=email, customer="a1", verified=True)
    forget(chat.id, all_of_theirs=True)
    assert left(store) == [EVE] and everyone(store) == []


@pytest.mark.parametrize("address", ["no-reply@forms.example", "web@smreka.example", "x@www.smreka.example", OURS])
def test_an_address_that_many_write_from_is_nobodys(store, services, chat, put_aside, address, ana):
    put_aside(address, address)
    mail = Incoming("m1", "<m1@x>", address, "Form", "Hello")
    keep_as_message(store, mail, chat.id, "Hello", "Hello")
    delete_for_good(store, services.settings, chat.id, by=ana.id)
    assert left(store) == [address, address]


def test_one_that_was_opened_takes_the_others_of_its_sender_with_it(deliver, store, services, ana):
    for number in range(3):
        deliver(with_files(("plan.pdf", PDF), subject=f"Away {number}", Precedence="bulk"))
    deliver(write_mail("Other", From=EVE, Precedence="bulk"))
    mail = next(each for each in list_aside(store) if each.sender == ANNA)
    opened, _ = make_conversation(store, services.settings, services.knowledge, ana, mail.id)
    assert on_disk(store) == 3
    delete_for_good(store, services.settings, opened, by=ana.id)
    assert left(store) == [EVE] and on_disk(store) == 0


def test_our_own_answer_that_came_back_goes_with_its_conversation(store, offline, answered, put_aside, forget):
    put_aside(OURS, message_id=answered["Message-ID"], automatic="our own mail")
    put_aside(OURS, automatic="our own mail")
    forget(offline.id)
    assert count_aside(store) == 1


REPORTS = {
    f"Final-Recipient: rfc822; {ANNA}": 0,
    f"To: Anna <{ANNA.title()}>\n\nYour transcript": 0,
    f"To: x{ANNA}": 1,
    f"To: {ANNA}.evil.example": 1,
    f"To: {ANNA}-2": 1,
    f"To: {EVE}": 1,
}


@pytest.mark.parametrize("text", REPORTS)
def test_a_report_of_a_mail_to_them_goes_and_no_other(store, chat, put_aside, forget, text):
    put_aside("mailer-daemon@x.example", original=text, automatic="a report")
    wrote(store, chat)
    forget(chat.id)
    assert count_aside(store) == REPORTS[text]


def test_a_newsletter_that_names_them_stays(store, chat, put_aside, forget):
    put_aside("news@x.example", original=f"Our 50 customers: {ANNA}, {EVE}")
    wrote(store, chat)
    forget(chat.id)
    assert count_aside(store) == 1


def test_a_file_that_can_not_be_removed_now_is_removed_later(deliver, store, chat, forget, monkeypatch):
    deliver(with_files(("plan.pdf", PDF), Precedence="bulk"))
    wrote(store, chat)
    with monkeypatch.context() as killed, pytest.raises(ZeroDivisionError):
        killed.setattr(store.files, "remove", lambda ids: 1 / 0)
        forget(chat.id)
    assert count_aside(store) == 0 and everyone(store) == []
    assert store.files.sweep(set(), 0) == 1 and on_disk(store) == 0


def test_an_operator_deletes_those_of_an_address(app, deliver, store, put_aside):
    deliver(with_files(("plan.pdf", PDF), Precedence="bulk"))
    put_aside(ANNA, EVE)
    run = app.test_cli_runner().invoke
    told = run(args=["forget-deleted"])
    assert told.exit_code == 0 and "3 e-mails are put aside at the desk, and stay" in told.output, told.output
    assert "no conversation" not in told.output and on_disk(store) == 1
    done = run(args=["forget-deleted", "--sender", "Anna@Customer.example"])
    assert "2 e-mails that were put aside were deleted." in done.output and left(store) == [EVE]
    assert on_disk(store) == 0 and list_entries(store, action="forgotten")[0].detail == {"e_mails_put_aside": 2}


@pytest.mark.parametrize("address", ["anna", "", "a@b@", "%", "*@customer.example"])
def test_what_is_no_address_deletes_nothing(app, store, put_aside, address):
    put_aside(ANNA)
    told = app.test_cli_runner().invoke(args=["forget-deleted", "--sender", address])
    assert count_aside(store) == 1
    assert (told.exit_code == 2 and "is no e-mail address" in told.output) or "0 e-mails" in told.output


def test_nobody_is_not_everybody(store, put_aside):
    put_aside(None, ANNA)
    assert forget_sender(store, []) == 0 and count_aside(store) == 2
