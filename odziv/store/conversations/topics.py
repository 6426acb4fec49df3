"""What a conversation is about: the category of the articles the bot considered."""

from __future__ import annotations

from sqlalchemy import Connection, select

from odziv.store.schema import messages

# Enough of the bot's messages to look through.
LOOK_BACK = 10


def find_topic(connection: Connection, conversation_id: str) -> str | None:
    """The category of the article the bot found likeliest when it last considered any; None when it never did."""
    considered = (
        select(messages.c.considered)
        .where(messages.c.conversation_id == conversation_id, messages.c.sender.in_(("bot", "system")))
        .order_by(messages.c.seq.desc())
        .limit(LOOK_BACK)
    )
    articles = next((found for found in connection.execute(considered).scalars() if found), None)
    topic = str(articles[0].get("article") or "").split("/")[0] if articles else ""
    return topic[:64] or None
