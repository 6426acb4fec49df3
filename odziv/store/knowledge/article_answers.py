"""Which articles answered customers' questions: counts for "most asked", without texts and conversations."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, func, insert, literal, select

from odziv.store.engine import DAY_MS, Store, moment_of
from odziv.store.lengths import LONGEST_ARTICLE
from odziv.store.schema import article_answers, conversations

KEPT_DAYS = 30

_COLUMNS = ["site", "language", "article", "at"]
# Built once: this runs with every answer of the bot.
_NOTE = insert(article_answers).from_select(
    _COLUMNS,
    select(
        conversations.c.site,
        conversations.c.language,
        bindparam("answered_by", type_=article_answers.c.article.type),
        bindparam("now", type_=article_answers.c.at.type),
    ).where(conversations.c.id == bindparam("conversation")),
)
_FORGET = delete(article_answers).where(article_answers.c.at < bindparam("before"))


def note_answer(connection: Connection, conversation_id: str, article: str) -> None:
    """Counts an answer in the caller's transaction."""
    now = moment_of(connection)
    connection.execute(_NOTE, {"conversation": conversation_id, "answered_by": article[:LONGEST_ARTICLE], "now": now})


def forget_old_answers(store: Store) -> None:
    """Forgets those that are older than KEPT_DAYS."""
    with store.write() as connection:
        connection.execute(_FORGET, {"before": moment_of(connection) - KEPT_DAYS * DAY_MS})


def count_answers(store: Store, site: str, language: str, limit: int = 50) -> list[tuple[str, int]]:
    """The articles that answered most often in the last KEPT_DAYS days on a site, with how often."""
    times = func.count(literal(1)).label("times")
    statement = (
        select(article_answers.c.article, times)
        .where(
            article_answers.c.site == site,
            article_answers.c.language == language,
            article_answers.c.at >= store.clock() - KEPT_DAYS * DAY_MS,
        )
        .group_by(article_answers.c.article)
        .order_by(times.desc(), article_answers.c.article)
        .limit(limit)
    )
    with store.read() as connection:
        return [(row.article, row.times) for row in connection.execute(statement)]
