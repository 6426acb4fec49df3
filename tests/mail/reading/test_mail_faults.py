"""Mails of which words, letters or sense were once lost: through a real IMAP server, a turn, and a real SMTP server."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from odziv.mail.addresses import Own
from odziv.mail.parse import read_mail
from odziv.store.conversations.messages import list_messages
from tests.mail.conftest import OURS
from tests.mail.dovecot import PASSWORD, USER
from tests.mail.test_imap import program, put, server  # noqa: F401 - fixtures
from tests.mail.test_intake import everyone

FOLDER = Path(__file__).parents[2] / "data/mail"
FAULTS = yaml.safe_load((FOLDER / "faults.yml").read_text("utf-8"))


def raw_of(name: str) -> bytes:
    return (FOLDER / "faults" / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def test_each_file_is_told_of():
    assert {file.stem for file in (FOLDER / "faults").iterdir()} == FAULTS.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_the_words_are_read(name):
    found = read_mail(raw_of(name), Own((OURS,)))
    words = found.read_words(found.known)
    assert FAULTS[name]["text"].endswith(words.forwarded or words.own) and words.own in FAULTS[name]["text"]
    assert list(found.attachments) == FAULTS[name].get("files", [])


@pytest.fixture
def mailbox(program, server):  # noqa: F811
    """Somebody's mail program, and the settings with which we read the same mailbox."""
    return program, {"host": "127.0.0.1", "port": server[0], "security": "none", "user": USER}


def detect_language(text: str, **known) -> str:
    return "pl" if "przesyłka" in text.lower() else "sl"


def check_arrived(store, services, smtp_server) -> None:
    """Each mail is a conversation's message, was asked about as it should be, and answered."""
    said = [list_messages(store, conversation.id)[0] for conversation in everyone(store)]
    assert {m.text: [f["name"] for f in m.attachments or ()] for m in said} == {
        fault["text"]: fault.get("files", []) for fault in FAULTS.values()
    }
    assert {call[2] for call in services.bot.calls} == {fault.get("asked", fault["text"]) for fault in FAULTS.values()}
    assert len(smtp_server.got) == len(FAULTS)


@pytest.mark.slow
def test_the_words_arrive_through_a_maildir(deliver, services, store, smtp_server):
    services.knowledge.detect_language = detect_language
    deliver(*(raw_of(name) for name in FAULTS))
    check_arrived(store, services, smtp_server)


@pytest.mark.imap
def test_the_words_arrive_and_are_answered(mailbox, switch_on, services, store, run_turns, smtp_server, monkeypatch):
    monkeypatch.setenv("ODZIV_IMAP_PASSWORD", PASSWORD)
    mail_service = switch_on(incoming="imap", imap=mailbox[1])
    services.knowledge.detect_language = detect_language
    for name in FAULTS:
        put(mailbox[0], raw_of(name))
    mail_service.inbound.look()
    run_turns()
    mail_service.outbound.work_off()
    mail_service.inbound.stop()
    check_arrived(store, services, smtp_server)
