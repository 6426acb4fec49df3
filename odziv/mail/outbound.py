"""Sends what is in the mail queue: one thread for each server, one mail after the other, each until it is sent or
hopeless."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from functools import partial

import structlog

from kb.render import render_plain
from odziv.cases.conversations.entries import internal_entry
from odziv.cases.mail_addresses import read_sender_address
from odziv.cases.mails.signature import write_signature
from odziv.mail.attachments import OutgoingAttachments, collect_attachments
from odziv.mail.compose import answered_by, choose
from odziv.mail.connection_state import ConnectionState
from odziv.mail.notifications import NotificationSender
from odziv.mail.outboxes import Outboxes
from odziv.mail.reading.headers import clean
from odziv.mail.side import SideSender
from odziv.mail.smtp import BACK_OFF, MailRefused, NoService, NotNow, Refusals, send
from odziv.settings.mail import Server
from odziv.store.agents.agent import find_agent
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, read_log
from odziv.store.customers.personal_data import without_personal_data
from odziv.store.mail.inbound import find_original
from odziv.store.mail.notifications import find_next_notification
from odziv.store.mail.queue import (
    MailToSend,
    count_automatic,
    find_next_mail,
    finish_mail,
    give_up_mail,
    read_thread,
    take_mail,
    try_mail_later,
)
from odziv.store.mail.scope import Scope
from odziv.store.mail.side import find_next_side_mail
from odziv.store.queue import Worker
from odziv.texts.desk import N_
from odziv.web.services import Services

log = structlog.get_logger()
# A page that is still there so long after a message has shown it: by then something was written to it once more.
SHOWN_MS = 10_000


class MailSender(Worker):
    """Sends what is due and goes through one server: mails to customers first, then those to others about them, then
    notifications."""

    def __init__(self, services: Services, server: Server, outboxes: Outboxes, scope: Scope | None = None) -> None:
        name = f"mail-sender {server.mailbox}".strip()
        super().__init__(services.store, name, self._send_next, self._find_next_due)
        self._hub, self._figures = services.hub, services.figures
        self._settings, self.server, self._outboxes, self._scope = services.settings, server, outboxes, scope
        self.connection = ConnectionState(self._store.clock)
        self._notifications = NotificationSender(services.store, services.settings, outboxes, self._send, scope)
        self._side = SideSender(services, outboxes, self._send, scope)

    def _send_next(self) -> bool:
        """Sees to one mail that is due; False when none is."""
        due = take_mail(self._store, self._scope)
        if due is None:
            return self._side.send_next() or self._notifications.send_next()
        outcome = self._deliver(due)
        self._figures.count_mail("out", outcome)
        log.info("mail", conversation=due.conversation_id, seq=due.last_seq, outcome=outcome, attempt=due.attempts)
        return True

    def _find_next_due(self) -> int | None:
        found = (
            find(self._store, self._scope) for find in (find_next_mail, find_next_side_mail, find_next_notification)
        )
        return min((due for due in found if due is not None), default=None)

    def _deliver(self, due: MailToSend) -> str:
        """Is it still wanted? May it go? Send; else later, or never."""
        conversation, messages = read_log(self._store, due.conversation_id)
        carried = choose(due, messages) if conversation else []
        if not carried or (due.if_unread and self._was_read(due, carried[-1].created_at)):
            finish_mail(self._store, due, "read")
            return "read"
        if not all(read_sender_address(each) for each in due.recipients.all):
            return self._give_up(due, "this is not an address mail can go to")
        if due.automatic and count_automatic(self._store, due.recipient) >= self._settings.mail.automatic_per_hour:
            return self._hold(due)
        try:
            thread = read_thread(self._store, due.conversation_id, answered_by(carried))
            outgoing = collect_attachments(self._store, carried)
            agent = None if due.automatic else find_agent(self._store, carried[-1].agent_id or 0)
            around = {
                "signature": clean(write_signature(self._settings, conversation, agent)),
                "had_by_all": partial(self._had_by_all, due),
            }
            written = self._outboxes.of(conversation).composer.compose(
                due, conversation, messages, outgoing, *thread, now=self._store.clock(), **around
            )
            refused = self._send_to(written, due.remaining)
        except MailRefused as error:
            return self._give_up(due, str(error))
        except NotNow as error:
            return self._postpone(due, str(error))
        except Exception as error:  # such as an address that can't be written: others must not wait for it
            log.exception("mail_not_made", conversation=due.conversation_id)
            return self._postpone(due, type(error).__name__)
        return self._close(due, refused, outgoing)

    def _close(self, due: MailToSend, refused: Refusals, outgoing: OutgoingAttachments) -> str:
        """The server has it for some; for the others it is tried again, or the log says why not."""
        later = {address: error for address, error in refused.items() if isinstance(error, NotNow)}
        never = [f"{address}: {error}" for address, error in refused.items() if address not in later]
        if len(never) == len(due.recipients.all):
            return self._give_up(due, str(next(iter(refused.values()))))
        if later and len(refused) == len(due.recipients.all):  # nobody has it yet
            return self._postpone(due, str(next(iter(later.values()))))
        told = N_("The e-mail was not sent to %(names)s")
        problem = told % {"names": "; ".join(never)} if never else ""
        if later:
            return self._postpone(due, str(next(iter(later.values()))), tuple(later), problem)
        finish_mail(self._store, due, "sent", _note(problem, _tell_left_out(outgoing)))
        return "sent"

    def _had_by_all(self, due: MailToSend, seq: int) -> bool:
        """Whether who gets this mail wrote message number `seq`, or got it with the others of its mail."""
        customer = find_conversation(self._store, due.conversation_id)
        mail = find_original(self._store, due.conversation_id, seq)
        had = {address for _, address in mail.copies.all} if mail else set()
        had |= {mail.sender if mail else None, read_sender_address(customer.email) if customer else None}
        return had >= {read_sender_address(each) for each in due.recipients.all}

    def _send(self, mail: EmailMessage, recipient: str) -> None:
        """To one. Raises MailRefused or NotNow."""
        for error in self._send_to(mail, [recipient]).values():
            raise error

    def _send_to(self, mail: EmailMessage, recipients: Sequence[str]) -> Refusals:
        try:
            sender = mail["From"].addresses[0].addr_spec
            refused = send(self.server, mail, sender, recipients)
        except NoService as error:
            self.connection.failed(error.kind)
            raise
        except (MailRefused, NotNow):  # not this one, but the server is there
            self.connection.worked()
            raise
        self.connection.worked()
        return refused

    def _was_read(self, due: MailToSend, said_at: int) -> bool:
        return self._hub.customer_seen_at(due.conversation_id) >= said_at + SHOWN_MS

    def _hold(self, due: MailToSend) -> str:
        told = N_(
            "Not sent by e-mail: %(recipient)s has had %(num)s automatic answers within an hour. "
            "Perhaps a machine writes there. A person’s reply is sent as usual."
        )
        entry = internal_entry(told, recipient=due.recipient, num=self._settings.mail.automatic_per_hour)
        give_up_mail(self._store, due, "held", "too many automatic answers", entry, fetch_person=True)
        return "held"

    def _give_up(self, due: MailToSend, error: str) -> str:
        told = N_("The e-mail to %(recipient)s was not sent, and won’t be tried again: %(error)s")
        text = told % {"recipient": ", ".join(due.remaining), "error": error}
        if due.is_begun:  # others have it
            finish_mail(self._store, due, "sent", _entry(text))
            return "sent"
        give_up_mail(self._store, due, "failed", error, _entry(text), fetch_person=False)
        return "failed"

    def _postpone(self, due: MailToSend, error: str, remaining: tuple[str, ...] = (), problem: str = "") -> str:
        """Tries again, for those who remain; `problem` is why somebody won't get it at all."""
        now = self._store.clock()
        next_at = BACK_OFF.next_try(now, due.attempts, due.created_at)
        if next_at is None:
            return self._give_up(due, f"tried {due.attempts} times in two days; the last time: {error}")
        try_mail_later(self._store, due, error, next_at, remaining, _note(problem))
        why = without_personal_data(error)  # servers like to repeat the address
        log.warning("mail_not_sent", conversation=due.conversation_id, why=why, again_in_s=(next_at - now) // 1000)
        return "later"


def _tell_left_out(outgoing: OutgoingAttachments) -> str:
    """What agents have to know of files that didn't go with a mail."""
    names = ", ".join(outgoing.left_out)
    told = N_("Too large for the e-mail, which only names it to the customer: %(names)s")
    return told % {"names": names} if names else ""


def _note(*parts: str) -> NewMessage | None:
    """An entry that says what there is to say; None where that is nothing."""
    text = "\n\n".join(part for part in parts if part)
    return _entry(text) if text else None


def _entry(text: str) -> NewMessage:
    """An entry in the log that agents read and customers don't."""
    return NewMessage(sender="system", text=text, html=render_plain(text), internal=True)
