"""Anna, of whom much is known, and Eve, who typed Anna's address."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.attachments import add_attachment, write_file
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.mail.inbound import Incoming, keep_as_conversation, keep_aside
from tests.files import PDF
from tests.fixtures import set_contact

ANNA = "anna@customer.example"
EVIL_NAME = "../../etc/cron.d/<b>evil</b>.pdf"
EVIL = '<script>alert(1)</script> & "</p><img src=x onerror=alert(2)>'


@dataclass(frozen=True)
class Case:
    """The conversations: verified by the site, by mail, one more on the site without mail, and Eve's."""

    verified: str
    by_mail: str
    earlier: str
    eves: str

    @property
    def annas(self) -> tuple[str, ...]:
        return (self.earlier, self.verified, self.by_mail)


def begin(store: Store, text: str = "Kje je paket?", language: str = "sl", **contact: object) -> str:
    """A conversation with one message."""
    store.clock.advance(60_000)
    conversation_id = create_conversation(store, "demo", language, page="https://shop.example/boots").id
    add_customer_message(store, conversation_id, "c1", text, "")
    set_contact(store, conversation_id, **contact)
    return conversation_id


@pytest.fixture
def case(store: Store, ana: Agent) -> Case:
    earlier = begin(store, customer="a1", verified=True, name="Anna")
    verified = begin(
        store, EVIL, email="Anna@Customer.example", customer="a1", verified=True, name=EVIL,
        attributes={"plan": "gold", EVIL: True}, browser={"time_zone": "Europe/Ljubljana"},
    )  # fmt: skip
    file = add_attachment(store, verified, PDF, name=EVIL_NAME, type="application/pdf")
    add_customer_message(store, verified, "c2", "Račun", "", attachments=(file.id,))
    with store.write() as connection:
        append_message(connection, verified, NewMessage("agent", "Zamudil bo.", "", agent_id=ana.id))
        append_message(connection, verified, NewMessage("agent", "Jezna.", "", agent_id=ana.id, internal=True))
        append_message(connection, verified, NewMessage("system", "Ana took it", "", internal=True))
    store.clock.advance(60_000)
    mail = Incoming("m1", "<m1@customer.example>", ANNA, "Čevlji", f"Premajhni. {EVIL}")
    by_mail = keep_as_conversation(store, mail, "Anna", "demo", "sl", "Premajhni.", "").conversation_id
    keep_aside(
        store,
        Incoming("m2", None, ANNA, "Odsotna", "Na dopustu.", [], "bulk mail"),
        [write_file(store, PDF, name="voucher.pdf", type="application/pdf")],
    )
    keep_aside(store, Incoming("m3", None, "denis@customer.example", "Away", "Denis is away.", [], "bulk mail"))
    return Case(verified, by_mail, earlier, begin(store, "I am Anna", email=ANNA))
