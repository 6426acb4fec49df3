"""As what mails leave, by the conversation's mailbox: from which address, under which name, through which server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from odziv.cases.mails.mailboxes import find_mailbox, find_mailbox_of_site, name_sender
from odziv.mail.addresses import ReplyAddresses
from odziv.mail.compose import MailComposer
from odziv.settings import Settings
from odziv.settings.mail import Mailbox, Server
from odziv.store.conversations.conversation import Conversation
from odziv.store.mail.scope import Scope

ReplyTo = Callable[[str], str] | None  # id of a conversation or thread → address, where the mailbox can do that


@dataclass(frozen=True)
class Outbox:
    """What one mailbox's mails have in common. `side_reply_to` is where others than the customer answer."""

    composer: MailComposer
    side_reply_to: ReplyTo


class Outboxes:
    """Those of all mailboxes, of which there is at least one."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.boxes = settings, settings.mailboxes
        self._outboxes = {name: self._make(box) for name, box in self.boxes.items()}
        self.first = next(iter(self._outboxes.values()))

    def of(self, conversation: Conversation | None) -> Outbox:
        """That of the mailbox which a conversation uses; without one, the first."""
        box = find_mailbox(self._settings, conversation) if conversation else None
        return self._outboxes[box.name] if box else self.first

    def by_server(self) -> dict[Server, Scope | None]:
        """The servers that they leave through, the first mailbox's first, and what each sends; None: everything."""
        servers: dict[Server, list[str]] = {}
        for name, box in self.boxes.items():
            servers.setdefault(box.smtp, []).append(name)
        if len(servers) == 1:
            return dict.fromkeys(servers)
        return {server: self._within(names) for server, names in servers.items()}

    def _within(self, names: list[str]) -> Scope:
        sites = [key for key in self._settings.sites if self._name_of_site(key) in names]
        first = next(iter(self.boxes))
        return Scope(names, sites, list(self.boxes), list(self._settings.sites), has_rest=first in names)

    def _name_of_site(self, site: str) -> str | None:
        box = find_mailbox_of_site(self._settings, site)
        return box.name if box else None

    def _make(self, box: Mailbox) -> Outbox:
        addresses, sides = reply_addresses(self._settings, box.address)
        reply_to, side_reply_to = (addresses.address_of, sides.address_of) if box.plus_addressing else (None, None)
        name = name_sender(self._settings, box)
        return Outbox(MailComposer(box.address, name, self._settings.url, reply_to), side_reply_to)


def reply_addresses(settings: Settings, *own: str) -> tuple[ReplyAddresses, ReplyAddresses]:
    """Those that lead to a conversation, and to a thread with somebody outside, at our addresses; made at the first."""
    secret = settings.secret("mail")
    return ReplyAddresses(secret, *own), ReplyAddresses(secret, *own, purpose="side")
