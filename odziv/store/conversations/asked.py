"""What a customer has written in a conversation, newest first, and what the bot took each message for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

from sqlalchemy import Row, select

from odziv.store.engine import Store
from odziv.store.schema import handoffs, messages, turns

MOST_ASKED = 8
MOST_READ = 5 * MOST_ASKED  # rows: some messages have two, and some were pressed

Taken = Literal["question", "wish", "talk"]

_SAID = messages.alias("said")
_SAME_TURN = (turns.c.conversation_id == messages.c.conversation_id) & (turns.c.seq == messages.c.seq)
_SAID_TO_IT = (
    (_SAID.c.conversation_id == messages.c.conversation_id)
    & (_SAID.c.reply_to == messages.c.seq)
    & _SAID.c.sender.in_(["bot", "system"])
)
# Handoff and notice are written in one transaction, at one moment.
_HANDED_OFF = (handoffs.c.conversation_id == messages.c.conversation_id) & (handoffs.c.created_at == _SAID.c.created_at)
_SELECT = (
    select(
        messages.c.seq, messages.c.text, turns.c.button, _SAID.c.sender.label("by"), _SAID.c.considered,
        handoffs.c.reason,
    )
    .select_from(messages.outerjoin(turns, _SAME_TURN).outerjoin(_SAID, _SAID_TO_IT).outerjoin(handoffs, _HANDED_OFF))
    .where(messages.c.sender == "customer")
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a customer wrote, or pressed. `taken` is what the bot took it for: a "question" that it looked up, the
    "wish" for a person, or small "talk"; None where it had no say, or none that tells."""

    seq: int
    text: str
    is_pressed: bool
    taken: Taken | None


def list_asked(store: Store, conversation_id: str, before: int | None = None) -> list[Asked]:
    """What the customer said, before message `before` where one is given; newest first, the last few."""
    statement = _SELECT.where(messages.c.conversation_id == conversation_id)
    if before is not None:
        statement = statement.where(messages.c.seq < before)
    with store.read() as connection:
        rows = connection.execute(statement.order_by(messages.c.seq.desc()).limit(MOST_READ)).all()
    messages_of = [list(own) for _, own in groupby(rows, key=attrgetter("seq"))]
    return [Asked(own[0].seq, own[0].text, own[0].button is not None, _taken(own)) for own in messages_of]


def list_typed(store: Store, conversation_id: str, before: int) -> list[Asked]:
    """What the customer typed, not pressed, before a message: newest first, MOST_ASKED at most."""
    return [asked for asked in list_asked(store, conversation_id, before) if not asked.is_pressed][:MOST_ASKED]


def _taken(rows: Sequence[Row]) -> Taken | None:
    """What the rows of one message say: what was pressed, why it was handed off, or whether it was looked up."""
    said = [row for row in rows if row.by is not None]
    button = next((row.button for row in rows if row.button), None)
    if button is not None:
        return "question" if button.get("article") else "wish" if button.get("intent") == "request_human" else "talk"
    if any(row.reason == "requested" for row in said):
        return "wish"
    if any(row.considered for row in said):
        return "question"
    return "talk" if said and all(row.by == "bot" for row in said) else None
