"""What has to hold of a conversation whatever went wrong: `find_breaches`.

An acknowledged message is stored; a client's id is there once; every view has one order; at most one person has a
conversation; the bot says nothing while one does. Beside that, nothing is left unfinished.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from bench.parts.ledger import Acknowledged
from odziv.store.schema import conversations, handoffs, messages, turns
from odziv.texts.notices import notice


@dataclass
class Told:
    """What one customer's side holds: `tried` is the text of each id that was sent, `seen` numbers a stream showed."""

    conversation: str
    acknowledged: list[Acknowledged] = field(default_factory=list)
    tried: dict[str, str] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """What the database holds of one conversation."""

    conversation: RowMapping
    log: Sequence[RowMapping]
    handoffs: Sequence[RowMapping]
    open_turns: int


@dataclass(frozen=True)
class Breach:
    """What does not hold, and of which conversation."""

    what: str
    conversation: str
    detail: str


Found = Iterator[tuple[str, str]]


def read_kept(connection: Connection, conversation_id: str) -> Kept:
    """All of one conversation, as of one moment. Raises NoResultFound when it is gone."""
    this = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).mappings().one()
    log = select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.seq)
    waits = select(handoffs).where(handoffs.c.conversation_id == conversation_id).order_by(handoffs.c.id)
    unfinished = select(turns.c.seq).where(turns.c.conversation_id == conversation_id, turns.c.finished_at.is_(None))
    return Kept(
        this,
        connection.execute(log).mappings().all(),
        connection.execute(waits).mappings().all(),
        len(connection.execute(unfinished).all()),
    )


def find_breaches(told: Told, kept: Kept, views: dict[str, list[dict[str, Any]]]) -> list[Breach]:
    """Everything that does not hold. `views` are what the interfaces tell of the log, whole, by their names."""
    checks = (
        _acknowledged_is_stored(told, kept),
        _ids_are_there_once(told, kept),
        _one_order(told, kept, views),
        _one_owner(kept),
        _bot_is_silent(kept),
        _nothing_is_unfinished(kept),
    )
    return [Breach(what, told.conversation, detail) for check in checks for what, detail in check]


def _acknowledged_is_stored(told: Told, kept: Kept) -> Found:
    by_seq = {row["seq"]: row for row in kept.log}
    for one in told.acknowledged:
        row = by_seq.get(one.seq)
        if row is None or (row["client_id"], row["text"], row["sender"]) != (one.client_id, one.text, "customer"):
            yield "lost", f"message {one.seq} was acknowledged and is not stored as it was sent"


def _ids_are_there_once(told: Told, kept: Kept) -> Found:
    ids = Counter(row["client_id"] for row in kept.log if row["sender"] == "customer")
    for client_id, count in ids.items():
        if count > 1:
            yield "doubled", f"client_id {client_id} is stored {count} times"
        if client_id not in told.tried:
            yield "stray", f"nobody sent client_id {client_id}"
    reactions = Counter(row["reply_to"] for row in kept.log if row["reply_to"] is not None)
    for seq, count in reactions.items():
        if count > 1:
            yield "doubled", f"message {seq} got {count} reactions"


def _one_order(told: Told, kept: Kept, views: dict[str, list[dict[str, Any]]]) -> Found:
    numbers = [row["seq"] for row in kept.log]
    if numbers != list(range(1, len(numbers) + 1)) or kept.conversation["last_seq"] != len(numbers):
        yield "misnumbered", f"numbers {numbers}, the last is said to be {kept.conversation['last_seq']}"
    open_to_customers = [(row["seq"], row["text"]) for row in kept.log if not row["internal"]]
    for name, view in views.items():
        shown = [(message["seq"], message["text"]) for message in view]
        if shown != open_to_customers:
            yield "another order", f"{name} shows {len(shown)} messages, {len(open_to_customers)} are stored, not alike"
    expected = [seq for seq, _ in open_to_customers if told.seen and seq <= max(told.seen)]
    if told.seen and told.seen != expected:
        yield "another order", f"the stream showed {told.seen}, stored are {expected}"


def _one_owner(kept: Kept) -> Found:
    having = [row for row in kept.handoffs if row["status"] in ("claimed", "snoozed")]
    waiting = [row for row in kept.handoffs if row["status"] == "waiting"]
    status, agent = kept.conversation["status"], kept.conversation["agent_id"]
    if len(having) + len(waiting) > 1:
        yield "owners", f"{len(having)} have it and {len(waiting)} handoffs wait"
    if (status == "open") != bool(having) or (status == "queued") != bool(waiting):
        yield "owners", f"it is {status!r}; {len(having)} have it, {len(waiting)} handoffs wait"
    if having and having[0]["agent_id"] != agent:
        yield "owners", f"agent {having[0]['agent_id']} has the handoff, agent {agent} the conversation"


def _bot_is_silent(kept: Kept) -> Found:
    owned_since = None
    for row in kept.log:
        if row["sender"] == "system" and not row["internal"]:
            if JOINED.fullmatch(row["text"]):
                owned_since = row["seq"]
            elif any(ended.fullmatch(row["text"]) for ended in ENDED):
                owned_since = None
        elif row["sender"] == "bot" and owned_since is not None:
            yield "talked over", f"the bot's message {row['seq']} came after a person had joined ({owned_since})"
        elif row["sender"] == "agent" and not row["internal"] and owned_since is None:
            yield "owners", f"an agent's message {row['seq']} stands where nobody had the conversation"


def _nothing_is_unfinished(kept: Kept) -> Found:
    if kept.open_turns:
        yield "unfinished", f"{kept.open_turns} turns wait or run, and nothing moves any more"


def _pattern_of(key: str, **values: str) -> re.Pattern[str]:
    said = notice(key, "en", **values)
    return re.compile(re.escape(said).replace("NAME", ".+"), re.DOTALL)


JOINED = _pattern_of("joined", name="NAME")
ENDED = (
    *(_pattern_of(key, name="NAME") for key in ("left_to_bot", "passed_on")),
    *map(_pattern_of, ("taken_back", "resolved", "silence_closed")),
)
