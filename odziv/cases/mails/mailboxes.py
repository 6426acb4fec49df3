"""Which mailbox a conversation uses: whose address its customer writes to, and gets answers from."""

from __future__ import annotations

from odziv.settings import Settings
from odziv.settings.mail import Mailbox
from odziv.store.conversations.conversation import Conversation


def find_mailbox(settings: Settings, conversation: Conversation) -> Mailbox | None:
    """The one it came to, or was begun from; else the first of its site, else the first. None while e-mail is off."""
    kept = None if conversation.mailbox is None else settings.mailboxes.get(conversation.mailbox)
    return kept or find_mailbox_of_site(settings, conversation.site)


def find_mailbox_of_site(settings: Settings, site: str) -> Mailbox | None:
    """The first mailbox of a site, else the first of all; None while e-mail is off."""
    boxes = list(settings.mailboxes.values())
    return next((box for box in boxes if box.site == site), boxes[0] if boxes else None)


def find_replaced(settings: Settings, conversation: Conversation) -> str | None:
    """The name of the mailbox that the conversation came to where the settings have it no longer; "" is the unnamed."""
    name = conversation.mailbox
    return name if name is not None and settings.mailboxes and name not in settings.mailboxes else None


def name_sender(settings: Settings, box: Mailbox) -> str:
    """The name that a mailbox's mails come under."""
    return box.sender_name or settings.sites[box.site].name
