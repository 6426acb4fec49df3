"""E-mails about a conversation to somebody outside: how they go out, and whose answers enter, for agents only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import structlog

from kb.render import render_plain
from odziv.cases.conversations.entries import internal_entry
from odziv.cases.mails.forward import is_customers
from odziv.cases.mails.signature import write_signature
from odziv.mail.addresses import ReplyAddresses
from odziv.mail.attachments import OutgoingAttachments
from odziv.mail.compose import one_line, to_header
from odziv.mail.loops import Bounce
from odziv.mail.outboxes import Outboxes
from odziv.mail.parse import IncomingMail
from odziv.mail.reading.headers import clean
from odziv.mail.smtp import BACK_OFF, MailRefused, NotNow
from odziv.store import Store
from odziv.store.agents.agent import find_agent
from odziv.store.conversations.attachments import find_attachment
from odziv.store.conversations.conversation import Conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.customers.personal_data import without_personal_data
from odziv.store.mail.inbound import Files, Incoming, keep_as_entry
from odziv.store.mail.scope import Scope
from odziv.store.mail.side import (
    SideMail,
    count_answers,
    find_side_mail,
    find_thread,
    finish_side_mail,
    keep_answer,
    list_references,
    note_bounce,
    take_side_mail,
    try_side_mail_later,
)
from odziv.texts.desk import N_
from odziv.web.services import Services

log = structlog.get_logger()
MOST_ANSWERS = 30  # of one thread within an hour; more are put aside
CUSTOMERS_OWN = "this is the customer's own address"
NOT_SENT = N_("The e-mail to %(recipient)s was not sent, and won’t be tried again: %(error)s")
LOST = N_("%(what)s did not arrive: %(reason)s")
LATE = N_("%(what)s is late, and is still being tried: %(reason)s")


class SideSender:
    """Sends them, again and again until they are sent or hopeless."""

    def __init__(
        self,
        services: Services,
        outboxes: Outboxes,
        send: Callable[[EmailMessage, str], None],
        scope: Scope | None = None,
    ) -> None:
        self._services, self._store, self._outboxes = services, services.store, outboxes
        self._send, self._scope = send, scope

    def send_next(self) -> bool:
        """Sees to one mail that is due; False when none is."""
        due = take_side_mail(self._store, self._scope)
        if due is None:
            return False
        outcome = self._deliver(due)
        log.info("side_mail", conversation=due.conversation_id, seq=due.seq, outcome=outcome, attempt=due.attempts)
        return True

    def _deliver(self, due: SideMail) -> str:
        conversation = find_conversation(self._store, due.conversation_id)
        if conversation is None:
            return "gone"
        try:
            if is_customers(self._store, conversation, due.address):  # it may be known only now
                raise MailRefused(CUSTOMERS_OWN)
            self._send(self._write(due, conversation), due.address)
        except MailRefused as error:
            return self._give_up(due, str(error))
        except NotNow as error:
            return self._postpone(due, str(error))
        except Exception as error:  # one that can't be written must not hold up the others
            log.exception("side_mail_not_made", conversation=due.conversation_id)
            return self._postpone(due, type(error).__name__)
        finish_side_mail(self._store, due, "sent")
        return "sent"

    def _write(self, due: SideMail, conversation: Conversation) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        outbox = self._outboxes.of(conversation)
        name, reply_to = outbox.composer.name, outbox.side_reply_to
        mail["From"] = Address(name, addr_spec=outbox.composer.address)
        mail["To"] = to_header(due.address)
        if reply_to:
            mail["Reply-To"] = Address(name, addr_spec=reply_to(due.thread))
        mail["Subject"] = one_line(due.subject)
        mail["Date"] = format_datetime(datetime.fromtimestamp(self._store.clock() // 1000, UTC))
        mail["Message-ID"] = due.message_id
        if before := list_references(self._store, due):
            mail["In-Reply-To"], mail["References"] = before[-1], " ".join(before)
        mail.set_content(self._text(due, conversation))
        self._attach(mail, due)
        return mail

    def _text(self, due: SideMail, conversation: Conversation) -> str:
        notes = list_messages(self._store, conversation.id, due.seq - 1, internal=True)
        word = next((note.text for note in notes if note.seq == due.seq), "")
        signature = write_signature(self._services.settings, conversation, find_agent(self._store, due.agent_id or 0))
        parts = (word, signature, f"----\n{due.passed_on}" if due.passed_on else "")
        return clean("\n\n".join(part for part in parts if part)) + "\n"

    def _attach(self, mail: EmailMessage, due: SideMail) -> None:
        """The chosen files, as far as they are still kept. Raises OSError when one can't be read."""
        outgoing = OutgoingAttachments()
        for file_id in due.files or ():
            if found := find_attachment(self._store, due.conversation_id, file_id):
                with self._store.files.at_hand(found.id) as path:
                    outgoing.files.append((found.shown(), path.read_bytes()))
        outgoing.put_into(mail)

    def _give_up(self, due: SideMail, error: str) -> str:
        entry = internal_entry(NOT_SENT, recipient=due.address, error=error)
        finish_side_mail(self._store, due, "failed", error, entry)
        return "failed"

    def _postpone(self, due: SideMail, error: str) -> str:
        next_at = BACK_OFF.next_try(self._store.clock(), due.attempts, due.created_at)
        if next_at is None:
            return self._give_up(due, error)
        try_side_mail_later(self._store, due, error, next_at)
        log.warning("side_mail_later", conversation=due.conversation_id, why=without_personal_data(error))
        return "later"


class SideThreads:
    """Which of the mails that come in belong to such a thread, and what becomes of them."""

    def __init__(self, store: Store, addresses: ReplyAddresses, sides: ReplyAddresses) -> None:
        self._store, self._addresses, self._sides = store, addresses, sides

    def find(self, mail: IncomingMail) -> SideMail | None:
        """The newest mail of ours in the thread that this one says it belongs to.

        By the address it went to; else by what it answers, unless it went to an address for the customer's answers.
        """
        if mail.bounce:
            found = find_side_mail(self._store, mail.bounce.message_ids)
            return found if found and found.status != "received" else None
        recipients = list(mail.recipients)
        if thread := self._sides.conversation_of(recipients):
            return find_thread(self._store, thread)
        if self._addresses.conversation_of(recipients):
            return None
        found = find_side_mail(self._store, mail.references)
        return find_thread(self._store, found.thread) if found else None

    def may_write(self, mail: IncomingMail, side: SideMail) -> bool:
        """Only whom we wrote to, in their own name, and no more than MOST_ANSWERS within an hour."""
        is_theirs = mail.sender == side.address and not mail.through
        return is_theirs and count_answers(self._store, side.thread) < MOST_ANSWERS

    def keep_answer(self, mail: IncomingMail, kept: Incoming, side: SideMail, text: str, files: Files) -> None:
        """As a note under their name."""
        author = mail.name or side.address
        note = NewMessage("agent", text, render_plain(text), internal=True, author=author)
        keep_answer(self._store, kept, mail.message_id, side, note, files)

    def keep_bounce(self, bounce: Bounce, kept: Incoming, side: SideMail) -> str:
        """The log tells its agents."""
        what = N_("The e-mail to %(recipient)s") % {"recipient": side.address}
        told = LOST if bounce.is_final else LATE
        keep_as_entry(self._store, kept, side.conversation_id, internal_entry(told, what=what, reason=bounce.reason))
        if bounce.is_final:
            note_bounce(self._store, side, bounce.reason)
        return "bounced" if bounce.is_final else "noted"
