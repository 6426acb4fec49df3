"""What readers say about articles: helpful or not, why not, and in their own words, for editors to read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from odziv.store.customers.personal_data import without_personal_data
from odziv.store.engine import Store, moment_of
from odziv.store.lengths import LONGEST_VERDICT
from odziv.store.schema import agents, article_feedback

REASONS = ("not_answered", "unclear", "wrong", "other")
MOST_LISTED = 100

_SPOKEN = article_feedback.c.words.is_not(None) | article_feedback.c.reason.is_not(None)
_UNREAD = article_feedback.c.read_at.is_(None) & _SPOKEN


@dataclass(frozen=True)
class Verdict:
    """One reader's word on an article, as they sent it. `visitor` is the same for the same reader on the same day."""

    article: str
    language: str
    site: str
    helpful: bool
    visitor: str
    reason: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class Comment:
    """A verdict with a reason or words, as editors read it."""

    id: int
    article: str
    language: str
    site: str
    helpful: bool
    reason: str | None
    words: str | None
    created_at: int
    read_at: int | None
    reader: str | None


@dataclass(frozen=True)
class Share:
    """How readers found one article in one language."""

    article: str
    language: str
    helpful: int
    votes: int


def add_feedback(store: Store, verdict: Verdict) -> None:
    """Keeps a verdict. The same visitor's later one takes the place of the earlier, but never that of its words."""
    try:
        with store.write() as connection:
            _keep(connection, verdict)
    except IntegrityError:  # on PostgreSQL, the same visitor in two requests at once: now the first is there
        with store.write() as connection:
            _keep(connection, verdict)


def _keep(connection: Connection, verdict: Verdict) -> None:
    table, words = article_feedback, _fit(verdict.words)
    known = connection.execute(
        select(table.c.id, table.c.words, table.c.reason).where(
            table.c.article == verdict.article,
            table.c.language == verdict.language,
            table.c.visitor == verdict.visitor,
        )
    ).first()
    values = {"helpful": verdict.helpful, "reason": None if verdict.helpful else verdict.reason}
    about = {"article": verdict.article, "language": verdict.language, "site": verdict.site}
    new = insert(table).values(**about, **values, words=words, created_at=moment_of(connection))
    if known is None:
        connection.execute(new.values(visitor=verdict.visitor))
    elif words and known.words and words != known.words:
        # Two people behind one address, or one who has more to say: counted once, but both are heard.
        connection.execute(new)
    else:
        if words or values["reason"] not in (None, known.reason):
            values |= {"read_at": None, "read_by": None}
        if not verdict.helpful:
            values["reason"] = verdict.reason or known.reason
        if known.words is None:
            values["words"] = words
        connection.execute(update(table).where(table.c.id == known.id).values(**values))


def _fit(words: str | None) -> str | None:
    return without_personal_data(words.strip()[:LONGEST_VERDICT]) or None if words else None


def list_comments(store: Store, *, unread_only: bool = False, limit: int = MOST_LISTED) -> list[Comment]:
    """What readers wrote or chose as a reason, unread ones first, then newest first."""
    table = article_feedback
    columns = [table.c[name] for name in Comment.__dataclass_fields__ if name != "reader"]
    statement = (
        select(*columns, agents.c.name.label("reader"))
        .select_from(table.outerjoin(agents, agents.c.id == table.c.read_by))
        .where(_UNREAD if unread_only else _SPOKEN)
        .order_by(case((table.c.read_at.is_(None), 0), else_=1), table.c.created_at.desc(), table.c.id.desc())
        .limit(limit)
    )
    with store.read() as connection:
        return [Comment(**row) for row in connection.execute(statement).mappings()]


def count_unread(store: Store) -> int:
    """How many comments nobody has read."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(article_feedback).where(_UNREAD)).scalar_one()


def mark_read(store: Store, comment_id: int, agent_id: int) -> bool:
    """Marks a comment as read; returns whether it was unread. The first to do so stays its reader."""
    with store.write() as connection:
        changed = connection.execute(
            update(article_feedback)
            .where(article_feedback.c.id == comment_id, _UNREAD)
            .values(read_at=store.clock(), read_by=agent_id)
        )
        return changed.rowcount == 1


def helpful_shares(store: Store, limit: int = 200) -> list[Share]:
    """How helpful each article was found; those with most readers it did not help first."""
    table = article_feedback
    good = func.sum(case((table.c.helpful, 1), else_=0))
    votes = func.count(literal(1))
    statement = (
        select(table.c.article, table.c.language, good.label("helpful"), votes.label("votes"))
        .where(table.c.visitor.is_not(None))
        .group_by(table.c.article, table.c.language)
        .order_by((votes - good).desc(), votes.desc(), table.c.article, table.c.language)
        .limit(limit)
    )
    with store.read() as connection:
        return [Share(**row) for row in connection.execute(statement).mappings()]
