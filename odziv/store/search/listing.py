"""All conversations: those that are wanted, in one of four orders, a page at a time, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, func, or_, select

from odziv.store.engine import Store
from odziv.store.schema import agents, conversations, handoffs, messages, ratings
from odziv.store.search.filters import Wanted, conditions

MOST_COUNTED = 1000
MOST_SAID = 200
# The column, and whether the highest comes first.
ORDERS = {
    "activity": ("updated_at", True),
    "quiet": ("updated_at", False),
    "newest": ("created_at", True),
    "oldest": ("created_at", False),
}


@dataclass(frozen=True)
class Listed:
    """A conversation in a list. `state` is one of STATES; `agent_name` has it, or had it last.

    `reason` and `topic` are of its last handoff, `rating` is the lowest a customer gave, `said` what they wrote last.
    """

    id: str
    state: str
    site: str
    language: str
    channel: str
    name: str | None
    email: str | None
    agent_name: str | None
    reason: str | None
    topic: str | None
    rating: int | None
    said: str | None
    created_at: int
    updated_at: int
    last_seq: int


def list_wanted(
    store: Store, wanted: Wanted, order: str, after: tuple[int, str] | None, limit: int
) -> tuple[list[Listed], tuple[int, str] | None]:
    """The first `limit` after the place `after` (moment in ms, id), and the place where the next page begins; None:
    that was all."""
    c, (name, is_falling) = conversations.c, ORDERS[order]
    column = c[name]
    with store.read() as connection, connection.begin():
        where = conditions(connection, wanted)
        if after is not None:
            where.append(_is_after(column, after, is_falling))
        places = (column.desc(), c.id.desc()) if is_falling else (column, c.id)
        # The ids first: what is shown of each is then looked up for these alone.
        found = connection.execute(select(c.id, column).where(*where).order_by(*places).limit(limit + 1)).all()
        page = found[:limit]
        following = (page[-1][1], page[-1][0]) if len(found) > limit else None
        return load_listed(connection, [row[0] for row in page]), following


def count_wanted(store: Store, wanted: Wanted) -> int:
    """How many there are; MOST_COUNTED + 1 stands for more than that."""
    with store.read() as connection, connection.begin():
        first = select(conversations.c.id).where(*conditions(connection, wanted)).limit(MOST_COUNTED + 1)
        return connection.execute(select(func.count()).select_from(first.subquery())).scalar_one()


def load_listed(connection: Connection, ids: Sequence[str]) -> list[Listed]:
    """These conversations, in this order; those that are gone are left out."""
    c, place = conversations.c, {one: number for number, one in enumerate(ids)}
    each = handoffs.alias("each")
    newest = select(func.max(each.c.id)).where(each.c.conversation_id == c.id).scalar_subquery()
    said = (
        select(func.substr(messages.c.text, 1, MOST_SAID))
        .where(messages.c.conversation_id == c.id, messages.c.sender == "customer")
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    rating = select(func.min(ratings.c.score)).where(ratings.c.conversation_id == c.id)
    is_snoozed = and_(c.status == "open", handoffs.c.status == "snoozed")
    statement = (
        select(
            *(c[name] for name in ("id", "site", "language", "channel", "name", "email")),
            *(c[name] for name in ("created_at", "updated_at", "last_seq")),
            case((is_snoozed, "snoozed"), (c.status == "queued", "waiting"), else_=c.status).label("state"),
            agents.c.name.label("agent_name"),
            handoffs.c.reason,
            handoffs.c.topic,
            rating.scalar_subquery().label("rating"),
            said.scalar_subquery().label("said"),
        )
        .select_from(
            conversations.outerjoin(handoffs, handoffs.c.id == newest).outerjoin(
                agents, agents.c.id == func.coalesce(c.agent_id, handoffs.c.agent_id)
            )
        )
        .where(c.id.in_(ids))
    )
    found = [Listed(**row) for row in connection.execute(statement).mappings()] if ids else []
    return sorted(found, key=lambda listed: place[listed.id])


def _is_after(column, after: tuple[int, str], is_falling: bool):
    moment, last_id = after
    c = conversations.c
    if is_falling:
        return and_(column <= moment, or_(column < moment, c.id < last_id))
    return and_(column >= moment, or_(column > moment, c.id > last_id))
