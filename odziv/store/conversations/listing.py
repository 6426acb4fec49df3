"""Conversations by what they have in common, newest first, a page at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, tuple_

from odziv.store.agents.agent import normalise_email
from odziv.store.conversations.conversation import Conversation
from odziv.store.engine import Store
from odziv.store.schema import agents, conversations
from odziv.store.search.filters import Wanted, conditions


def list_conversations(
    store: Store, before: tuple[int, str] | None, limit: int, also: Wanted | None = None, **chosen: Any
) -> list[Conversation]:
    """Those whose columns have the `chosen` values (None: any), begun before `before` (moment in ms, id).

    `also` narrows them down as the desk's own list.

    The order never changes while one pages, since the moment a conversation began doesn't.
    """
    statement = select(conversations, agents.c.name.label("agent_name")).select_from(
        conversations.outerjoin(agents, agents.c.id == conversations.c.agent_id)
    )
    if chosen.get("email") is not None:
        chosen["email"] = normalise_email(chosen["email"])
    for name, value in chosen.items():
        if value is not None:
            statement = statement.where(conversations.c[name] == value)
    if before is not None:
        statement = statement.where(tuple_(conversations.c.created_at, conversations.c.id) < tuple_(*before))
    newest = statement.order_by(conversations.c.created_at.desc(), conversations.c.id.desc())
    with store.read() as connection:
        if also is not None:
            newest = newest.where(*conditions(connection, also))
        return [Conversation(**row) for row in connection.execute(newest.limit(limit)).mappings()]
