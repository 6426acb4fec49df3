"""What agents have begun to write in conversations: one text for each agent and conversation, kept until it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from odziv.store.engine import Store, moment_of
from odziv.store.schema import agents, conversations, reply_drafts


@dataclass(frozen=True)
class ReplyDraft:
    """`kind` is reply or note; `recipients` are lists of addresses as they were typed, by field.

    `version` is another with each change, and 0 where nothing is kept.
    """

    kind: str = "reply"
    text: str = ""
    recipients: dict[str, str] | None = None
    version: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing worth keeping."""
        return not self.text.strip() and not self.recipients


class DraftChanged(Exception):
    """It was changed elsewhere since; `current` is what it is now."""

    def __init__(self, current: ReplyDraft) -> None:
        super().__init__()
        self.current = current


def find_draft(store: Store, conversation_id: str, agent_id: int) -> ReplyDraft:
    """What the agent has begun there; an empty one where that is nothing."""
    with store.read() as connection:
        return _load(connection, conversation_id, agent_id)


def save_draft(store: Store, conversation_id: str, agent_id: int, draft: ReplyDraft) -> int:
    """Keeps it in place of the version it says, or forgets that where it is empty; returns the version it has now.

    Raises DraftChanged, with nothing changed, when that version is the present one no longer, and KeyError when there
    is no such conversation.
    """
    with store.write() as connection:
        current = _load(connection, conversation_id, agent_id)
        if current.version != draft.version:
            raise DraftChanged(current)
        if connection.execute(select(conversations.c.id).where(conversations.c.id == conversation_id)).first() is None:
            raise KeyError(conversation_id)
        this = _this(conversation_id, agent_id)
        if draft.is_empty:
            connection.execute(delete(reply_drafts).where(*this))
            return 0
        # By the clock, so that none comes twice, though the draft was sent and begun anew in between.
        version = max(moment_of(connection), current.version + 1)
        values = {"kind": draft.kind, "text": draft.text, "recipients": draft.recipients, "version": version}
        if current.version:
            connection.execute(update(reply_drafts).where(*this).values(**values))
        else:
            row = {"conversation_id": conversation_id, "agent_id": agent_id, **values}
            connection.execute(insert(reply_drafts).values(**row))
        return version


def forget_draft(store: Store, conversation_id: str, agent_id: int) -> None:
    """It was sent."""
    if find_draft(store, conversation_id, agent_id).version:
        with store.write() as connection:
            connection.execute(delete(reply_drafts).where(*_this(conversation_id, agent_id)))


def list_drafting(store: Store, conversation_id: str, besides: int) -> list[str]:
    """The names of the agents, `besides` this one, who have begun to write there."""
    begun = select(agents.c.name).join(reply_drafts, reply_drafts.c.agent_id == agents.c.id)
    begun = begun.where(reply_drafts.c.conversation_id == conversation_id, agents.c.id != besides)
    with store.read() as connection:
        return list(connection.execute(begun.order_by(agents.c.name)).scalars())


def _this(conversation_id: str, agent_id: int) -> tuple:
    return reply_drafts.c.conversation_id == conversation_id, reply_drafts.c.agent_id == agent_id


def _load(connection: Connection, conversation_id: str, agent_id: int) -> ReplyDraft:
    columns = (reply_drafts.c[name] for name in ReplyDraft.__dataclass_fields__)
    row = connection.execute(select(*columns).where(*_this(conversation_id, agent_id))).mappings().first()
    return ReplyDraft(**row) if row else ReplyDraft()
