"""What customers asked that no article answers, by the library's topics: noted with the reply, for the editors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, insert, select

from odziv.store.engine import DAY_MS, Store, moment_of
from odziv.store.lengths import LONGEST_ARTICLE
from odziv.store.schema import conversations, messages, topic_gaps

MOST_TOPICS, MOST_EXAMPLES = 100, 5


@dataclass(frozen=True)
class Example:
    """A customer's question, as they wrote it; `name` is the customer's, if it is known."""

    conversation_id: str
    seq: int
    text: str
    language: str
    name: str | None
    created_at: int


@dataclass(frozen=True)
class TopicGap:
    """A topic, how many questions about it found no article, in which languages, and the newest of them."""

    topic: str
    questions: int
    languages: dict[str, int]
    examples: tuple[Example, ...]


def note_topic_gaps(
    connection: Connection, conversation_id: str, seq: int, considered: Sequence[dict[str, Any]]
) -> None:
    """Keeps, in the caller's transaction, that the customer's message `seq` was about what no article answers."""
    topics = set(_topics_of(considered))
    row = {"conversation_id": conversation_id, "seq": seq, "created_at": moment_of(connection)}
    for topic in sorted(topics):
        connection.execute(insert(topic_gaps).values(**row, topic=topic))


def _topics_of(considered: Sequence[dict[str, Any]]) -> Iterator[str]:
    for each in considered:
        missing = each.get("missing")
        topic = missing.get("topic") if isinstance(missing, dict) else None
        if isinstance(topic, str) and 0 < len(topic) <= LONGEST_ARTICLE:
            yield topic


def list_topic_gaps(store: Store, days: int, limit: int = MOST_TOPICS) -> list[TopicGap]:
    """The topics of the last `days`, those asked about most first. Spam doesn't count."""
    since = store.clock() - days * DAY_MS
    language = conversations.c.language
    counted = func.count().label("questions")
    statement = (
        select(topic_gaps.c.topic, language, counted)
        .join(conversations, conversations.c.id == topic_gaps.c.conversation_id)
        .where(topic_gaps.c.created_at >= since, conversations.c.status != "spam")
        .group_by(topic_gaps.c.topic, language)
        .order_by(topic_gaps.c.topic, counted.desc(), language)
    )
    with store.read() as connection:
        rows = connection.execute(statement).all()
        languages = {topic: Counter({row.language: row.questions for row in found})
                     for topic, found in groupby(rows, key=lambda row: row.topic)}  # fmt: skip
        most = sorted(languages.items(), key=lambda item: (-item[1].total(), item[0]))[:limit]
        return [
            TopicGap(topic, asked.total(), dict(asked), _examples(connection, topic, since)) for topic, asked in most
        ]


def _examples(connection: Connection, topic: str, since: int) -> tuple[Example, ...]:
    """The newest questions about a topic, each wording once."""
    statement = (
        select(
            topic_gaps.c.conversation_id, topic_gaps.c.seq, messages.c.text, conversations.c.language,
            conversations.c.name,            topic_gaps.c.created_at,
        )
        .join(conversations, conversations.c.id == topic_gaps.c.conversation_id)
        .join(
            messages,
            (messages.c.conversation_id == topic_gaps.c.conversation_id) & (messages.c.seq == topic_gaps.c.seq),
        )
        .where(topic_gaps.c.topic == topic, topic_gaps.c.created_at >= since, conversations.c.status != "spam")
        .order_by(topic_gaps.c.created_at.desc(), topic_gaps.c.conversation_id, topic_gaps.c.seq.desc())
        .limit(4 * MOST_EXAMPLES)
    )  # fmt: skip
    found = [Example(**row) for row in connection.execute(statement).mappings()]
    return tuple({example.text.casefold(): example for example in reversed(found)}.values())[::-1][:MOST_EXAMPLES]
