"""What to do with a mail that came in: which conversation, whose answer, or none. Kept before anything else."""

from __future__ import annotations

from typing import Any

import structlog

from chat.mail.addresses import ReplyAddresses
from chat.mail.parse import Mail as Received
from chat.mail.parse import read_mail
from kb.render import render_plain
from store import incoming
from store.conversations import Conversation, find_conversation
from store.incoming import Incoming
from store.messages import Draft
from store.outbox import list_states

log = structlog.get_logger()
MOST_OPENED = 20  # conversations one address opens in an hour; more mails go into the newest
ENTRY_CHARACTERS = 600


class Intake:
    """Takes raw mails, one at a time."""

    def __init__(self, services: Any, addresses: ReplyAddresses) -> None:
        self._services, self._store, self._addresses = services, services.store, addresses
        settings = services.settings
        self._own = settings.mail.address.lower()
        self._site = settings.mail.site or next(iter(settings.sites))
        self._language, self._default = settings.mail.language or None, settings.default_language

    def take(self, raw: bytes, size: int | None = None) -> str:
        """Keeps one mail and sees to its answer. `size` is that of the whole mail when `raw` is only its beginning.

        Returns what was done: known, aside, noted, bounced, continued or opened.
        """
        mail = read_mail(raw)
        if incoming.is_known(self._store, mail.identity):
            return "known"
        automatic = mail.automatic or self._own_mail(mail)
        conversation = self._find(mail)
        outcome = self._keep(mail, automatic, conversation, _note_size(raw, size))
        log.info("mail_in", conversation=conversation and conversation.id, outcome=outcome, automatic=automatic)
        return outcome

    def _keep(self, mail: Received, automatic: str | None, conversation: Conversation | None, note: str) -> str:
        kept = _incoming(mail, automatic)
        if mail.bounce:
            return self._keep_bounce(mail, kept)
        if automatic:
            return self._keep_automatic(mail, kept, conversation)
        text = _message_text(mail, note, is_new=conversation is None)
        if conversation is not None and mail.sender == (conversation.email or "").lower():
            return self._continue(kept, conversation.id, text)
        flooded = incoming.find_flooded(self._store, mail.sender, MOST_OPENED)
        if flooded is not None:
            return self._continue(kept, flooded, text)
        text = _message_text(mail, note, is_new=True)
        language = self._services.detect_language(text, page=self._language) or self._default
        incoming.keep_as_conversation(self._store, kept, mail.name, self._site, language, text, render_plain(text))
        self._services.turns.wake()
        return "opened"

    def _continue(self, kept: Incoming, conversation_id: str, text: str) -> str:
        incoming.keep_as_message(self._store, kept, conversation_id, text, render_plain(text))
        self._services.turns.wake()
        return "continued"

    def _keep_bounce(self, mail: Received, kept: Incoming) -> str:
        """One of ours came back: its conversation says so, and the message it carried."""
        conversation_id = incoming.find_referred(self._store, list(mail.bounce.message_ids))
        if conversation_id is None:
            incoming.keep_aside(self._store, kept)
            return "aside"
        states = list_states(self._store, conversation_id).values()
        recipient = next((state.recipient for state in states), "the customer")
        what = "did not arrive" if mail.bounce.is_final else "is late, and is still being tried"
        entry = _entry(f"The e-mail to {recipient} {what}: {mail.bounce.reason}")
        bounced = (mail.bounce.message_ids[0], mail.bounce.reason) if mail.bounce.is_final else None
        incoming.keep_as_entry(self._store, kept, conversation_id, entry, bounced)
        return "bounced" if bounced else "noted"

    def _keep_automatic(self, mail: Received, kept: Incoming, conversation: Conversation | None) -> str:
        if conversation is None:
            incoming.keep_aside(self._store, kept)
            return "aside"
        said = mail.text[:ENTRY_CHARACTERS] + (" […]" if len(mail.text) > ENTRY_CHARACTERS else "")
        entry = _entry(f"Automatic e-mail from {mail.sender or 'an unknown sender'} ({kept.automatic}):\n\n{said}")
        incoming.keep_as_entry(self._store, kept, conversation.id, entry)
        return "noted"

    def _find(self, mail: Received) -> Conversation | None:
        """The conversation this mail says it belongs to. Whether its sender may is another question."""
        conversation_id = self._addresses.conversation_of(list(mail.recipients))
        conversation_id = conversation_id or incoming.find_referred(self._store, list(mail.references))
        return find_conversation(self._store, conversation_id) if conversation_id else None

    def _own_mail(self, mail: Received) -> str | None:
        """Why this is a mail of ours that came back to us, if it is."""
        sender = mail.sender or ""
        local, _, domain = sender.partition("@")
        is_ours = f"{local.partition('+')[0]}@{domain}" == self._own or sender == self._own
        return "our own mail" if is_ours or incoming.is_own(self._store, mail.message_id) else None


def _incoming(mail: Received, automatic: str | None) -> Incoming:
    return Incoming(
        identity=mail.identity,
        message_id=mail.message_id,
        sender=mail.sender,
        subject=mail.subject,
        original=mail.original,
        attachments=list(mail.attachments),
        automatic=automatic,
    )


def _message_text(mail: Received, note: str, *, is_new: bool) -> str:
    """What the customer wrote, under its subject where it begins a conversation, with the names of what is attached."""
    subject = mail.subject if is_new and not mail.is_reply else ""
    files = f"📎 {', '.join(mail.attachments[:10])}" if mail.attachments else ""
    parts = [subject if subject not in mail.text else "", mail.text, files, note]
    return "\n\n".join(part for part in parts if part) or mail.subject or "(—)"


def _note_size(raw: bytes, size: int | None) -> str:
    return f"[… {size // 1_000_000} MB]" if size is not None and size > len(raw) else ""


def _entry(text: str) -> Draft:
    """An entry in the log that agents read and customers don't."""
    return Draft(sender="system", text=text, html=render_plain(text), internal=True)
