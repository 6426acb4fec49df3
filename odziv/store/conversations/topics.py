"""What a conversation is about: the category of the articles the bot considered."""

from __future__ import annotations

from sqlalchemy import Connection, Text, bindparam, cast, select

from odziv.store.lengths import LONGEST_TOPIC
from odziv.store.schema import messages

# Enough of the bot's messages to look through.
LOOK_BACK = 10

# Built once, and of what is looked through the newest that has something in it comes out alone: this is asked while
# nobody else can write, and reading what articles were considered takes longer than finding them.
_SAID = (
    select(messages.c.seq, messages.c.considered)
    .where(messages.c.conversation_id == bindparam("conversation"), messages.c.sender.in_(("bot", "system")))
    .order_by(messages.c.seq.desc())
    .limit(LOOK_BACK)
    .subquery()
)
_CONSIDERED = (
    select(_SAID.c.considered)
    .where(cast(_SAID.c.considered, Text).not_in(("null", "[]")))
    .order_by(_SAID.c.seq.desc())
    .limit(1)
)


def find_topic(connection: Connection, conversation_id: str) -> str | None:
    """The category of the article the bot found likeliest when it last considered any; None when it never did."""
    articles = connection.execute(_CONSIDERED, {"conversation": conversation_id}).scalar()
    topic = str(articles[0].get("article") or "").split("/")[0] if articles else ""
    return topic[:LONGEST_TOPIC] or None
