"""The mail service on a real store, with a fake bot, and a real SMTP server on loopback that can be told to refuse."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SmtpServer

from odziv.mail.service import MailService
from odziv.settings.mail import MailSettings
from odziv.store import Store
from odziv.store.conversations.conversation import (
    Conversation,
    change_owner,
    create_conversation,
    find_conversation,
)
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.handoffs.handoff import add_agent_message
from odziv.web.services import Services
from tests.fixtures import set_contact

OURS, ANNA = "help@smreka.example", "anna@customer.example"
MINUTE_MS, HOUR_MS = 60_000, 60 * 60_000


class FakeSmtpServer:
    """What the SMTP server was given; `refuses` answers RCPT, `refuses_some` by address, `refuses_data` the text."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.refuses = self.refuses_data = ""
        self.refuses_some: dict[str, str] = {}

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if refusal := self.refuses or self.refuses_some.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.refuses_data:
            return self.refuses_data
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.got.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"


class QuietController(Controller):
    """A server without the extension for addresses beyond ASCII, which not every one has."""

    def factory(self) -> SmtpServer:
        return SmtpServer(self.handler, enable_SMTPUTF8=False)


@pytest.fixture(scope="session")
def running_smtp_server() -> Iterator[FakeSmtpServer]:
    server = FakeSmtpServer()
    server.port = free_port()
    controller = QuietController(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def smtp_server(running_smtp_server: FakeSmtpServer) -> FakeSmtpServer:
    """The server, as if nobody had used it before."""
    running_smtp_server.__dict__ |= FakeSmtpServer().__dict__
    return running_smtp_server


def text_of(mail: EmailMessage) -> str:
    """The plain part."""
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


@pytest.fixture
def switch_on(services: Services, smtp_server: FakeSmtpServer):
    """A mail service with these settings beside what it takes to send."""

    def switch_on(**more) -> MailService:
        mail = {"address": OURS, "smtp": {"host": "127.0.0.1", "port": smtp_server.port, "security": "none"}, **more}
        services.settings = services.settings.model_copy(update={"mail": MailSettings.model_validate(mail)})
        mail_service = MailService(services)
        services.mail = mail_service
        return mail_service

    return switch_on


@pytest.fixture
def mail_service(switch_on, clock, tmp_path) -> MailService:
    """With a maildir to deliver into."""
    return switch_on(incoming="maildir", maildir=str(make_maildir(tmp_path / "mail")), plus_addressing=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_maildir(path):
    for part in ("new", "cur", "tmp"):
        (path / part).mkdir(parents=True)
    return path


@pytest.fixture
def deliver(mail_service: MailService, services, tmp_path, run_turns):
    """Puts mails into the maildir, has them taken, lets the bot answer and what is due be sent."""
    numbers = iter(range(10_000))

    def deliver(*mails: bytes) -> None:
        for mail in mails:
            (tmp_path / "mail" / "new" / f"{next(numbers):05}.M.host").write_bytes(mail)
        mail_service.inbound.look()
        run_turns()
        mail_service.outbound.work_off()

    return deliver


def write_mail(text: str = "Where is my parcel?", subject: str = "My order", **headers: str) -> bytes:
    """A mail as a person's program writes it; `None` leaves a header out, `_` stands for `-`."""
    fields = {"From": f"Anna Nowak <{ANNA}>", "To": OURS, "Subject": subject, "Date": "Mon, 4 Mar 2024 10:00:00 +0100",
              "Message-ID": f"<{abs(hash((text, subject)))}@customer.example>"}  # fmt: skip
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    mail = EmailMessage()
    for name, value in fields.items():
        if value is not None:
            mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


@pytest.fixture
def offline(store: Store, mail_service, ana) -> Conversation:
    """A widget conversation that Ana has, with an address, and nobody at the other end."""
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "Where is my parcel?", "<p>Where is my parcel?</p>")
    set_contact(store, conversation.id, email=ANNA)
    with store.write() as connection:
        change_owner(connection, conversation.id, "open", agent_id=ana.id)
    return find_conversation(store, conversation.id)


@pytest.fixture
def answer(store: Store, ana):
    """Ana answers, in whichever conversation she has."""

    def answer(conversation_id: str, text: str = "It is on its way.", **more):
        draft = NewMessage("agent", text, f"<p>{text}</p>", agent_id=ana.id, **more)
        return add_agent_message(store, conversation_id, ana.id, draft)

    return answer


@pytest.fixture
def answered(offline, answer, clock, mail_service, smtp_server):
    """Ana's reply, as Anna has it in her mail program."""
    answer(offline.id)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    return smtp_server.got.pop()
