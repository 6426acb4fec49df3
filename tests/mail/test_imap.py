"""Fetching from a real IMAP server: each mail once, whoever else reads the mailbox, whatever breaks in between."""

from __future__ import annotations

import imaplib
import tempfile
from pathlib import Path

import pytest
from imapclient.exceptions import LoginError

from odziv.cases.conversations.aside import make_conversation
from odziv.cases.forgetting import delete_for_good
from odziv.mail.mailboxes import ImapFolder
from odziv.settings.mail import Imap, Server
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import list_queue
from odziv.store.mail.aside import count_aside, list_aside
from odziv.store.mail.inbound import load_place, save_place
from tests.files import PDF, picture
from tests.mail.conftest import free_port, write_mail
from tests.mail.dovecot import PASSWORD, USER, serve_imap
from tests.mail.reading.test_mail_typed import answer_in_quote, typed_at
from tests.mail.test_intake import everyone, said
from tests.mail.test_mail_attachments import heif, on_disk, with_files

pytestmark = pytest.mark.imap
DATA = Path(__file__).parents[1] / "data" / "mail_seen"


@pytest.fixture(scope="session")
def server():
    # Not pytest's folder: another user serves the mails, and the paths of sockets must be short.
    with tempfile.TemporaryDirectory(prefix="odziv-imap-") as folder:
        port = free_port()
        with serve_imap(Path(folder), port) as connect:
            yield port, connect


@pytest.fixture
def program(server):
    """Somebody's mail program, on an empty mailbox."""
    client = server[1]()
    client.select("INBOX")
    client.store("1:*", "+FLAGS", r"\Deleted") if int(client.select("INBOX")[1][0]) else None
    client.expunge()
    yield client
    client.logout()


@pytest.fixture
def folder(server, store, monkeypatch):
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD", PASSWORD)
    folder = ImapFolder(Server("", Imap(host="127.0.0.1", port=server[0], security="none", user=USER)), store)
    yield folder
    folder.close()


@pytest.fixture
def taken():
    """What the folder gave us."""
    return []


@pytest.fixture
def take(taken):
    return lambda raw, size: taken.append((raw.replace(b"\r\n", b"\n"), size))


def put(program, mail: bytes, flags: str = "") -> None:
    assert program.append("INBOX", flags, None, mail)[0] == "OK"


def count_unseen(program) -> int:
    program.noop()
    return len(program.search(None, "UNSEEN")[1][0].split())


def test_new_mails_are_taken_in_order_and_marked(program, folder, take, taken):
    mails = [write_mail(f"Mail {number}") for number in range(3)]
    for mail in mails:
        put(program, mail)
    assert folder.look(take) == 3
    assert taken == [(mail, None) for mail in mails]
    assert count_unseen(program) == 0
    assert folder.look(take) == 0
    put(program, write_mail("One more"))
    assert folder.look(take) == 1


def test_old_mails_that_were_read_before_us_are_left_alone(program, folder, take):
    put(program, write_mail("Old"), r"(\Seen)")
    assert folder.look(take) == 0


def test_what_a_colleague_reads_first_in_the_shared_mailbox_is_taken_all_the_same(program, folder, take):
    folder.look(take)
    put(program, write_mail("Quick"), r"(\Seen)")
    assert folder.look(take) == 1


def test_a_failure_while_storing_leaves_it_for_the_next_look(program, folder, take, taken):
    folder.look(take)
    put(program, write_mail("First"))
    put(program, write_mail("Second"))

    def fail(raw, size):
        if b"Second" in raw:
            raise OSError("the disk is full")
        take(raw, size)

    with pytest.raises(OSError):
        folder.look(fail)
    assert count_unseen(program) == 1
    assert folder.look(take) == 1 and [b"First" in taken[0][0], b"Second" in taken[1][0]] == [True, True]


def test_a_crash_before_marking_brings_it_again_and_the_intake_knows_it(program, folder, take, store, monkeypatch):
    folder.look(take)
    put(program, write_mail("Once"))
    with monkeypatch.context() as broken:
        broken.setattr("imapclient.IMAPClient.add_flags", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            folder.look(take)
    assert folder.look(take) == 1


def test_a_mailbox_that_was_numbered_anew_gives_what_is_unread(program, folder, take, taken, store):
    put(program, write_mail("Before"))
    folder.look(take)
    put(program, write_mail("After"))
    name = folder._name
    validity, last = load_place(store, name)
    save_place(store, name, validity + 1, last + 1000)
    assert folder.look(take) == 1 and b"After" in taken[-1][0]
    assert load_place(store, name)[0] == validity


def test_of_a_huge_mail_only_the_beginning_is_fetched(program, folder, taken, take, monkeypatch):
    monkeypatch.setattr("odziv.mail.mailboxes.LARGEST", 30_000)
    monkeypatch.setattr("odziv.mail.mailboxes.BEGINNING", 2_000)
    put(program, write_mail("x" * 60 + "\n" + "word " * 10_000))
    folder.look(take)
    [(raw, size)] = taken
    assert len(raw) <= 2_000 and size > 30_000


def test_a_lost_connection_is_made_again(program, folder, take):
    folder.look(take)
    folder._client.shutdown()
    put(program, write_mail())
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        folder.look(take)
    assert folder.look(take) == 1


def test_a_wrong_password_says_so(server, store, monkeypatch, take):
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD", "wrong")
    folder = ImapFolder(Server("", Imap(host="127.0.0.1", port=server[0], security="none", user=USER)), store)
    with pytest.raises(LoginError):
        folder.look(take)


def test_all_the_way_round(program, switch_on, server, run_turns, smtp_server, monkeypatch, store):
    """A mail in the mailbox; the bot's answer at the SMTP server; the customer's reply in the same conversation."""
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD", PASSWORD)
    imap = {"host": "127.0.0.1", "port": server[0], "security": "none", "user": USER}
    mail_service = switch_on(incoming="imap", imap=imap)
    put(program, write_mail())
    mail_service.inbound.look()
    run_turns()
    mail_service.outbound.work_off()
    [first] = smtp_server.got
    store.clock.advance(1000)  # the references are in the order of time
    put(program, write_mail("And shoes?", "Re: My order", In_Reply_To=first["Message-ID"]))
    mail_service.inbound.look()
    run_turns()
    mail_service.outbound.work_off()
    assert smtp_server.got[1]["References"].split()[-2] == first["Message-ID"]
    mail_service.inbound.stop()


def test_of_two_accounts_the_one_that_is_refused_holds_not_the_other(program, switch_on, server, monkeypatch, store):
    """And each connects with its own password."""
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD_SALES", "wrong")
    imap = {"host": "127.0.0.1", "port": server[0], "security": "none"}
    sales = {"address": "sales@smreka.example", "incoming": "imap", "imap": imap | {"user": "sales"}}
    mail_service = switch_on(incoming="imap", imap=imap | {"user": USER}, mailboxes={"sales": sales})
    put(program, write_mail())
    readers = mail_service._readers
    for name in ("sales", ""):
        readers[name]._run_once()
    assert [each.mailbox for each in everyone(store)] == [""]
    states = {name: box["in"]["state"] for name, box in mail_service.state()["mailboxes"].items()}
    assert states == {"": "ok", "sales": "down"}
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD_SALES", PASSWORD)
    readers["sales"]._run_once()
    assert mail_service.state()["mailboxes"]["sales"]["in"]["state"] == "ok"
    mail_service.stop()


def test_mails_that_used_to_be_lost(program, switch_on, server, run_turns, smtp_server, monkeypatch, store):
    """Through a group, from a contact form, and in parts: fetched, told apart, and answered where they may be."""
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD", PASSWORD)
    imap = {"host": "127.0.0.1", "port": server[0], "security": "none", "user": USER}
    mail_service = switch_on(incoming="imap", imap=imap)
    put(program, write_mail("Through the group", "", From="member@x.example", List_ID="<help.smreka.example>"))
    put(program, write_mail("From the form", "", From="form@smreka.example", Reply_To="customer@x.example"))
    part = b"--b\r\nContent-Type: text/%s\r\n\r\n%s\r\n"
    parts = part % (b"html", b"<p>In the HTML</p>") + part % (b"plain", b"Sent from my iPhone")
    head = b"From: phone@x.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    put(program, head + parts + b"--b--\r\n")
    mail_service.inbound.look()
    run_turns()
    mail_service.outbound.work_off()
    assert {mail["To"] for mail in smtp_server.got} == {"customer@x.example", "phone@x.example"}
    [waiting] = list_queue(store)
    assert waiting.last_text == "Through the group"
    assert [said(store, each.id, "customer") for each in everyone(store)[1:]] == [["From the form"], ["In the HTML"]]
    mail_service.inbound.stop()


# As in the issue, in words of our own: who has to hear of each mail, and who gets the bot's answer, if anybody.
SEEN = {
    "group": ("tina@kupci.example", None, "Dober dan, ali lahko pohodne palice vrnem v trgovini? Naročilo 445566."),
    "exchange": ("tina@urad.example", None, "Pozdravljeni, prosim za račun na naše podjetje, naročilo 445567."),
    "form": ("tina@kupci.example", "tina@kupci.example", "Sporočilo: Ali pošiljate tudi na Hrvaško?"),
    "name": ("zares@drugje.example", "zares@drugje.example", "Kdaj pride naročilo 445568?"),
}


@pytest.mark.parametrize(("name", "expected"), SEEN.items(), ids=SEEN)
def test_mails_of_persons_are_seen_and_the_right_one_is_answered(
    program, switch_on, server, run_turns, smtp_server, monkeypatch, store, ana, answer, name, expected
):
    sender, answered, words = expected
    mail_service = read_mailbox(switch_on, server, monkeypatch)
    put(program, (DATA / f"{name}.eml").read_bytes())
    mail_service.inbound.look()
    run_turns()
    mail_service.outbound.work_off()
    [conversation] = everyone(store)
    assert (conversation.email, conversation.channel) == (sender, "mail")
    assert conversation.status == ("bot" if answered else "queued")
    assert words in said(store, conversation.id, "customer")[0]
    assert [mail["To"] for mail in smtp_server.got] == ([answered] if answered else [])
    with store.write() as connection:
        change_owner(connection, conversation.id, "open", agent_id=ana.id)
    answer(conversation.id, "Tukaj sem.")
    store.clock.advance(60_000)
    mail_service.outbound.work_off()
    assert smtp_server.got[-1]["To"] == sender and len(smtp_server.got) == (2 if answered else 1)
    mail_service.inbound.stop()


@pytest.mark.slow
def test_of_many_customers_of_a_form_each_has_a_conversation(
    program, switch_on, server, run_turns, smtp_server, monkeypatch, store
):
    """Also from the 21st in an hour on."""
    mail_service = read_mailbox(switch_on, server, monkeypatch)
    for number in range(25):
        headers = {"From": "obrazec@smreka.example", "Reply-To": f"c{number}@kupci.example"}
        put(program, write_mail(f"Question {number}", "Form", **headers))
    mail_service.inbound.look()
    run_turns()
    mail_service.outbound.work_off()
    customers = {f"c{number}@kupci.example" for number in range(25)}
    assert {each.email for each in everyone(store)} == customers and len(everyone(store)) == 25
    assert sorted(mail["To"] for mail in smtp_server.got) == sorted(customers)
    mail_service.inbound.stop()


ODD = {
    "letters in the domain": ("Žana <zana@žaba.si>".encode(), "zana@xn--aba-b3a.si"),
    "letters in the domain, Windows'": ("Žana <zana@žaba.si>".encode("cp1250"), "zana@xn--aba-b3a.si"),
    "two dots": (b"ana..n@x.example", "ana..n@x.example"),
    "letters": ("žiga@x.example".encode(), "žiga@x.example"),
    "quoted": (b'Ana <"ana n"@x.example>', '"ana n"@x.example'),
    "a group": (b"Team: Ana <ana@x.example>;", "ana@x.example"),
    "no name": (b'"" <ana@x.example>', "ana@x.example"),
}


@pytest.mark.parametrize(("written", "address"), ODD.values(), ids=ODD)
def test_odd_but_real_addresses_come_in(program, switch_on, server, monkeypatch, store, written, address):
    mail_service = read_mailbox(switch_on, server, monkeypatch)
    put(program, b"From: " + written + b"\r\nTo: help@smreka.example\r\nSubject: x\r\n\r\nKje je paket?\r\n")
    mail_service.inbound.look()
    assert [each.email for each in everyone(store)] == [address] and count_aside(store) == 0
    mail_service.inbound.stop()


def test_a_mail_put_aside_brings_its_files_and_goes_with_its_sender(
    program, switch_on, server, monkeypatch, store, services, ana
):
    mail_service = read_mailbox(switch_on, server, monkeypatch)
    files = (("slika.png", picture()), ("račun.pdf", PDF), ("IMG_1.HEIC", heif(b"heic")))
    for number in range(2):
        put(program, with_files(*files, subject=f"Away {number}", Auto_Submitted="auto-replied"))
    put(program, write_mail("Other", From="eve@x.example", Precedence="bulk"))
    mail_service.inbound.look()
    aside = next(mail for mail in list_aside(store) if mail.subject == "Away 0")
    assert [bool(file.type) for file in aside.files] == [True, True, False]
    opened, _ = make_conversation(store, services.settings, services.knowledge, ana, aside.id)
    message = list_messages(store, opened)[0]
    assert [shown["name"] for shown in message.attachments] == ["slika.png", "račun.pdf"]
    assert "[IMG_1.HEIC – not received; we can’t open HEIC" in message.text
    delete_for_good(store, services.settings, opened, by=ana.id)
    assert [mail.sender for mail in list_aside(store)] == ["eve@x.example"] and on_disk(store) == 0
    mail_service.inbound.stop()


def test_answers_typed_into_our_quoted_mail_come_in(
    program, switch_on, server, run_turns, smtp_server, monkeypatch, store
):
    mail_service = read_mailbox(switch_on, server, monkeypatch)
    put(program, write_mail("How do I return shoes?", "Shoes"))
    mail_service.inbound.look()
    run_turns()
    mail_service.outbound.work_off()
    put(program, answer_in_quote(smtp_server.got[0], 1))
    mail_service.inbound.look()
    [conversation] = everyone(store)
    assert said(store, conversation.id, "customer")[1] == f"1\n\n{typed_at(1)}"
    mail_service.inbound.stop()


def read_mailbox(switch_on, server, monkeypatch):
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD", PASSWORD)
    imap = {"host": "127.0.0.1", "port": server[0], "security": "none", "user": USER}
    return switch_on(incoming="imap", imap=imap)
