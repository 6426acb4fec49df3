"""Ratings at the end of a conversation: 1 to 5, for the bot and for the person apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import DAY_MS, HOUR_MS, Store
from odziv.store.schema import agents, conversations, messages, ratings
from odziv.store.webhooks.events import emit
from odziv.store.webhooks.payloads import rating_payload

SENDER = {"bot": "bot", "person": "agent"}


class NothingToRate(Exception):
    """The bot or person to be rated has not said anything in this conversation."""


class RatingClosed(Exception):
    """It was rated longer ago than an hour."""


@dataclass(frozen=True)
class Rating:
    """How a customer rated the bot or the person; `agent_id` is who the person was."""

    conversation_id: str
    about: str
    score: int
    words: str | None
    agent_id: int | None
    created_at: int
    changed_at: int


@dataclass(frozen=True)
class Average:
    """Ratings of the bot or of people over some days; `mean` is 1 to 5, `scores` how often each was given."""

    about: str
    count: int
    mean: float
    scores: dict[int, int]


def rate_conversation(
    store: Store,
    conversation_id: str,
    about: str,
    score: int,
    words: str | None = None,
    *,
    draft_note: Callable[[Rating, Rating | None], NewMessage],
) -> Rating:
    """Keeps a rating, or changes it within an hour. Raises NothingToRate, RatingClosed.

    `draft_note` writes what agents read of it in the conversation, from the rating and the one before. Whoever follows
    ratings (`conversation.rated`) is told in the same transaction.
    """
    with store.write() as connection:
        known = _load(connection, conversation_id, about)
        now = store.clock()
        if known is not None and now - known.created_at > HOUR_MS:
            raise RatingClosed(about)
        agent_id = _who_spoke(connection, conversation_id, about)
        values = {"score": score, "words": words, "agent_id": agent_id, "changed_at": now}
        if known is None:
            key = {"conversation_id": conversation_id, "about": about, "created_at": now}
            connection.execute(insert(ratings).values(**key, **values))
        else:
            # One tap first, words later: the tap again must not take the words away.
            values["words"] = words or known.words
            connection.execute(update(ratings).where(_is(conversation_id, about)).values(**values))
        rating = _load(connection, conversation_id, about)
        if known is None or (known.score, known.words) != (rating.score, rating.words):
            append_message(connection, conversation_id, draft_note(rating, known))
            _tell(connection, rating)
        return rating


def _tell(connection: Connection, rating: Rating) -> None:
    """Writes the event, for whoever follows ratings."""
    name = connection.execute(select(agents.c.name).where(agents.c.id == rating.agent_id)).scalar()
    emit(connection, "conversation.rated", rating.conversation_id, rating=rating_payload(rating, name))


def _who_spoke(connection: Connection, conversation_id: str, about: str) -> int | None:
    newest = connection.execute(
        select(messages.c.agent_id)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.sender == SENDER[about],
            messages.c.internal.is_(False),
        )
        .order_by(messages.c.seq.desc())
        .limit(1)
    ).first()
    if newest is None:
        raise NothingToRate(about)
    return newest.agent_id


def average_ratings(store: Store, days: int = 30) -> list[Average]:
    """The averages of the last `days` days, the bot's first; one without ratings is left out."""
    statement = (
        select(ratings.c.about, ratings.c.score, func.count().label("times"))
        .where(ratings.c.created_at >= store.clock() - days * DAY_MS)
        .group_by(ratings.c.about, ratings.c.score)
    )
    found: dict[str, dict[int, int]] = {}
    with store.read() as connection:
        for about, score, times in connection.execute(statement):
            found.setdefault(about, {})[score] = times
    return [_average(about, found[about]) for about in ("bot", "person") if about in found]


def _average(about: str, scores: dict[int, int]) -> Average:
    count = sum(scores.values())
    return Average(about, count, sum(score * times for score, times in scores.items()) / count, scores)


def list_rating_words(store: Store, limit: int = 50) -> list[tuple[Rating, str]]:
    """The newest ratings that came with words, each with the language of its conversation."""
    statement = (
        select(ratings, conversations.c.language)
        .join(conversations, conversations.c.id == ratings.c.conversation_id)
        .where(ratings.c.words.is_not(None))
        .order_by(ratings.c.changed_at.desc())
        .limit(limit)
    )
    with store.read() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return [(Rating(**row), language) for row in rows if (language := row.pop("language"))]


def _is(conversation_id: str, about: str):
    return (ratings.c.conversation_id == conversation_id) & (ratings.c.about == about)


def _load(connection: Connection, conversation_id: str, about: str) -> Rating | None:
    row = connection.execute(select(ratings).where(_is(conversation_id, about))).mappings().first()
    return Rating(**row) if row else None
