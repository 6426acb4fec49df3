"""The new e-mail that an agent has begun to write: one for each agent, kept until it is sent or opened."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select, update

from odziv.store.engine import DAY_MS, Store, moment_of
from odziv.store.schema import mail_drafts

MAIL_DRAFT_DAYS = 30


@dataclass(frozen=True)
class MailDraft:
    """The form as it was typed; `client_id` is the one under which it will be sent.

    `version` is another with each change, and 0 where nothing is kept.
    """

    to: str = ""
    cc: str = ""
    bcc: str = ""
    name: str = ""
    site: str = ""
    language: str = ""
    subject: str = ""
    text: str = ""
    mailbox: str = ""
    client_id: str = ""
    version: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing worth keeping: website, language and mailbox are chosen by the form itself."""
        return not any(each.strip() for each in (self.to, self.cc, self.bcc, self.name, self.subject, self.text))


class MailDraftChanged(Exception):
    """It was changed elsewhere since; `current` is what it is now."""

    def __init__(self, current: MailDraft) -> None:
        super().__init__()
        self.current = current


def find_mail_draft(store: Store, agent_id: int) -> MailDraft:
    """What the agent has begun; an empty one where that is nothing."""
    with store.read() as connection:
        return _load(connection, agent_id)


def save_mail_draft(store: Store, agent_id: int, draft: MailDraft) -> int:
    """Keeps it in place of the version it says, or forgets that where it is empty; returns the version it has now.

    Raises MailDraftChanged, with nothing changed, when that version is the present one no longer.
    """
    with store.write() as connection:
        current = _load(connection, agent_id)
        if current.version != draft.version:
            raise MailDraftChanged(current)
        this = mail_drafts.c.agent_id == agent_id
        if draft.is_empty:
            connection.execute(delete(mail_drafts).where(this))
            return 0
        # By the clock, so that none comes twice, though the draft was sent and begun anew in between.
        version = max(moment_of(connection), current.version + 1)
        fields = {name: value for name, value in asdict(draft).items() if name != "version"}
        if current.version:
            connection.execute(update(mail_drafts).where(this).values(fields=fields, version=version))
        else:
            connection.execute(insert(mail_drafts).values(agent_id=agent_id, fields=fields, version=version))
        return version


def forget_mail_draft(store: Store, agent_id: int, client_id: str) -> None:
    """It was sent, or opened, or is not wanted; another that was begun since, under another id, stays."""
    if _is_other(find_mail_draft(store, agent_id), client_id):
        return
    with store.write() as connection:
        if not _is_other(_load(connection, agent_id), client_id):
            connection.execute(delete(mail_drafts).where(mail_drafts.c.agent_id == agent_id))


def forget_mail_drafts_to(connection: Connection, addresses: Collection[str]) -> int:
    """Forgets, in the caller's transaction, those in which one of these addresses stands; returns how many."""
    if not addresses:
        return 0
    either = "|".join(re.escape(each) for each in addresses)
    named = re.compile(rf"(?<![\w.+-])(?:{either})(?![\w-]|\.\w)", re.IGNORECASE)
    rows = connection.execute(select(mail_drafts.c.agent_id, mail_drafts.c.fields)).all()
    these = [row.agent_id for row in rows if any(named.search(str(value)) for value in row.fields.values())]
    if these:
        connection.execute(delete(mail_drafts).where(mail_drafts.c.agent_id.in_(these)))
    return len(these)


def forget_old_mail_drafts(store: Store) -> int:
    """Forgets those that nobody has touched for MAIL_DRAFT_DAYS; returns how many."""
    # A version is the moment of its change.
    is_old = mail_drafts.c.version < store.clock() - MAIL_DRAFT_DAYS * DAY_MS
    with store.write() as connection:
        return connection.execute(delete(mail_drafts).where(is_old)).rowcount


def _is_other(current: MailDraft, client_id: str) -> bool:
    return not current.version or current.client_id != client_id


def _load(connection: Connection, agent_id: int) -> MailDraft:
    statement = select(mail_drafts.c.fields, mail_drafts.c.version).where(mail_drafts.c.agent_id == agent_id)
    row = connection.execute(statement).first()
    return MailDraft(**row.fields, version=row.version) if row else MailDraft()
