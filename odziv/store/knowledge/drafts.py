"""Article drafts: what agents answered where the bot had nothing, kept for the editors."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import agents, drafts

MOST_LISTED = 100
FIELDS = ("language", "category", "title", "question", "answer")


@dataclass(frozen=True)
class ArticleDraft:
    """A proposed article. `status` is proposed, accepted or dismissed; `seq` is the agent's message it comes from."""

    id: int
    conversation_id: str
    seq: int
    language: str
    category: str
    title: str
    question: str
    answer: str
    status: str
    proposed_by: int
    created_at: int
    decided_by: int | None
    decided_at: int | None
    proposer: str | None


_SELECT = select(drafts, agents.c.name.label("proposer")).join(agents, agents.c.id == drafts.c.proposed_by)
_PROPOSED = drafts.c.status == "proposed"


def propose_draft(store: Store, conversation_id: str, seq: int, agent_id: int, **fields: str) -> bool:
    """Keeps a draft with FIELDS. False, with nothing kept, when one from this message waits already."""
    same = select(drafts.c.id).where(drafts.c.conversation_id == conversation_id, drafts.c.seq == seq, _PROPOSED)
    with store.write() as connection:
        if connection.execute(same).first():
            return False
        row = {"conversation_id": conversation_id, "seq": seq, "proposed_by": agent_id, **fields}
        connection.execute(insert(drafts).values(**row, status="proposed", created_at=store.clock()))
        return True


def list_drafts(store: Store, limit: int = MOST_LISTED, *, before: int | None = None) -> list[ArticleDraft]:
    """The drafts nobody has decided about, newest first; older than the draft `before`."""
    statement = _SELECT.where(_PROPOSED).order_by(drafts.c.id.desc())
    if before is not None:
        statement = statement.where(drafts.c.id < before)
    with store.read() as connection:
        return [ArticleDraft(**row) for row in connection.execute(statement.limit(limit)).mappings()]


def count_drafts(store: Store) -> int:
    """How many wait for a decision."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(drafts).where(_PROPOSED)).scalar_one()


def find_draft(store: Store, draft_id: int) -> ArticleDraft | None:
    """One draft, or None."""
    with store.read() as connection:
        row = connection.execute(_SELECT.where(drafts.c.id == draft_id)).mappings().first()
        return ArticleDraft(**row) if row else None


def save_draft(store: Store, draft_id: int, **fields: str) -> bool:
    """Keeps an editor's changes to FIELDS. False when it is decided, or there is none."""
    with store.write() as connection:
        changed = connection.execute(update(drafts).where(drafts.c.id == draft_id, _PROPOSED).values(**fields))
        return changed.rowcount == 1


def decide_draft(store: Store, draft_id: int, status: str, agent_id: int, article: str | None = None) -> bool:
    """Marks a draft accepted, as the file `article`, or dismissed. Returns whether it was still proposed; one wins."""
    with store.write() as connection:
        decided = connection.execute(
            update(drafts)
            .where(drafts.c.id == draft_id, _PROPOSED)
            .values(status=status, decided_by=agent_id, decided_at=store.clock())
        )
        if decided.rowcount:
            record(connection, f"draft_{status}", agent_id, f"draft:{draft_id}", article=article)
        return decided.rowcount == 1
