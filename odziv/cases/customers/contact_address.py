"""How a customer can be reached: the address they leave in the form, or write as an answer when asked for it."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, field_validator

from kb.render import render_plain
from odziv.cases.customers.customer_details import clean_line
from odziv.cases.mail_addresses import check_email
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.after_hours import decline_email, keep_email
from odziv.store.lengths import LONGEST_CUSTOMER_NAME, LONGEST_EMAIL
from odziv.texts.notices import notice

# What stands around an address: "Ana <ana@smreka.example>", "(mailto:ana@smreka.example)".
_AROUND = re.compile(r"[\s<>()\[\]{},;:\"'„“”«»|\\]+")
# A longer message than this says more than an address.
LONGEST_CONTACT = 200


class EmailInvalid(ValueError):
    """What was given is no e-mail address that we could write to."""


class NewContact(BaseModel):
    """What the form sends. No address: the customer would rather give none."""

    email: str | None = Field(max_length=LONGEST_EMAIL)
    name: str | None = Field(default=None, max_length=LONGEST_CUSTOMER_NAME)

    @field_validator("email", "name")
    @classmethod
    def _clean(cls, value: str | None) -> str | None:
        return clean_line(value) or None if value is not None else None


def keep_contact(store: Store, conversation: Conversation, contact: NewContact) -> Conversation | None:
    """Notes what the form says, with a word in the log; or that no address is wanted. Raises EmailInvalid."""
    if contact.email is None:
        return decline_email(store, conversation.id)
    email = check_email(contact.email)
    if email is None:
        raise EmailInvalid(contact.email)
    return keep_email(store, conversation.id, email, contact.name, _confirmation(store, email, conversation.language))


def keep_typed_email(store: Store, conversation: Conversation, text: str) -> None:
    """While an address is asked for, one in a short message is it; after that, only a message that is nothing else."""
    if conversation.status != "queued" or len(text) > LONGEST_CONTACT:
        return
    email = find_email(text)
    if email is None:
        return
    is_all = len(text.split()) == 1
    only_if_asked = not (is_all and conversation.email)
    confirmation = _confirmation(store, email, conversation.language)
    keep_email(store, conversation.id, email, None, confirmation, only_if_asked=only_if_asked)


def find_email(text: str) -> str | None:
    """The one address in a text; None when there is none, or more than one."""
    pieces = {piece.strip(".!?…") for piece in _AROUND.split(text) if "@" in piece and len(piece) <= LONGEST_EMAIL}
    found = {check_email(piece) for piece in pieces} - {None}
    return found.pop() if len(found) == 1 else None


def _confirmation(store: Store, email: str, language: str) -> NewMessage:
    """What the customer is told; an answer by e-mail is promised only where mail goes out."""
    text = notice("email_kept" if store.mail_domain else "email_noted", language, email=email)
    return NewMessage(sender="system", text=text, html=render_plain(text))
