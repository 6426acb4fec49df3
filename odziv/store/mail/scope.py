"""Which conversations' mails one mail server sends, where mailboxes have several."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, false, or_, select

from odziv.store.schema import conversations


@dataclass(frozen=True)
class Scope:
    """The conversations that came to one of `mailboxes`; and of those that came to none of `every_mailbox`, such as
    chats, those of `sites`. Where `has_rest`, those of sites that are not among `every_site` too."""

    mailboxes: Collection[str]
    sites: Collection[str]
    every_mailbox: Collection[str]
    every_site: Collection[str]
    has_rest: bool

    def holds(self, conversation_id: Column[str]) -> ColumnElement[bool]:
        """The condition that what a row of another table is about is among them."""
        c = conversations.c
        of_site = or_(c.site.in_(self.sites), c.site.not_in(self.every_site) if self.has_rest else false())
        is_without = c.mailbox.is_(None) | c.mailbox.not_in(self.every_mailbox)
        wanted = or_(c.mailbox.in_(self.mailboxes), is_without & of_site)
        return select(c.id).where(c.id == conversation_id, wanted).exists()
