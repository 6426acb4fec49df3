"""The bot's turns: work recorded with the customer's message, done once, one at a time for a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from odziv.store.conversations.conversation import Conversation, change_owner, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store, moment_of, touch
from odziv.store.handoffs.handoff import add_handoff
from odziv.store.knowledge.article_answers import note_answer
from odziv.store.schema import conversations, mails, messages, turns


@dataclass(frozen=True)
class Turn:
    """A customer's message that waits for the bot. `epoch` is the ownership it was started under.

    `quiet` is why no machine may answer it, where it came by a mail that forbids it.
    """

    conversation_id: str
    seq: int
    epoch: int
    text: str
    button: dict[str, Any] | None
    attempts: int
    attachments: list[dict[str, Any]] | None = None
    quiet: str | None = None

    @property
    def is_only_files(self) -> bool:
        """Whether there is nothing to read: files, and not a word."""
        return bool(self.attachments) and not self.text


_running = turns.alias("running")
_is_busy = exists().where(_running.c.conversation_id == turns.c.conversation_id, _running.c.status == "running")
_OLDEST = (
    select(turns.c.conversation_id, turns.c.seq)
    .where(turns.c.status == "waiting", ~_is_busy)
    .order_by(turns.c.created_at, turns.c.seq)
    .limit(1)
)
_THIS = (turns.c.conversation_id == bindparam("conversation")) & (turns.c.seq == bindparam("number"))
_CLAIM = update(turns).where(_THIS, turns.c.status == "waiting").values(status="running", attempts=turns.c.attempts + 1)
_LOAD = (
    select(
        turns.c.conversation_id,
        turns.c.seq,
        turns.c.epoch,
        messages.c.text,
        turns.c.button,
        turns.c.attempts,
        messages.c.attachments,
        mails.c.automatic.label("quiet"),
    )
    .join(messages, (messages.c.conversation_id == turns.c.conversation_id) & (messages.c.seq == turns.c.seq))
    .outerjoin(mails, (mails.c.conversation_id == turns.c.conversation_id) & (mails.c.seq == turns.c.seq))
    .where(_THIS)
)
_WAITING = select(turns.c.seq).where(turns.c.status == "waiting").limit(1)
_RUNNING = select(turns.c.seq).where(_THIS, turns.c.status == "running")
_CLOSE = (
    update(turns)
    .where(_THIS, turns.c.status == "running")
    .values(status=bindparam("outcome"), finished_at=bindparam("now"))
)
_RETURN = update(turns).where(_THIS, turns.c.status == "running").values(status="waiting")
_HOLD = (
    update(conversations)
    .where(
        conversations.c.id == bindparam("conversation"),
        conversations.c.epoch == bindparam("ours"),
        conversations.c.status == "bot",
    )
    .values(updated_at=bindparam("now"))
)


def take_turn(store: Store) -> Turn | None:
    """Claims the oldest waiting turn whose conversation has none running, or returns None."""
    with store.write() as connection:
        row = connection.execute(_OLDEST).first()
        if row is None:
            return None
        # Another process may have taken it since the SELECT: then no row changes, and we come back.
        claimed = connection.execute(_CLAIM, _named(row))
        if claimed.rowcount != 1:
            return None
        return Turn(**connection.execute(_LOAD, _named(row)).mappings().one())


def has_waiting_turns(store: Store) -> bool:
    """Whether any turn waits; cheap, on a reader."""
    with store.read() as connection:
        return connection.execute(_WAITING).first() is not None


def return_running_turns(store: Store) -> int:
    """At a start: turns that were under way when the process ended wait again. Returns how many."""
    with store.write() as connection:
        result = connection.execute(update(turns).where(turns.c.status == "running").values(status="waiting"))
        return result.rowcount


def return_turn(store: Store, turn: Turn) -> None:
    """Gives an unfinished turn back, so that somebody takes it again."""
    with store.write() as connection:
        connection.execute(_RETURN, _named(turn))


def skip_turn(store: Store, turn: Turn) -> None:
    """The bot has no say here any more."""
    with store.write() as connection:
        _close(connection, turn, "skipped")


def finish_turn(store: Store, turn: Turn, reply: NewMessage) -> bool:
    """Stores the bot's reply if the bot still owns the conversation; returns whether it did."""
    with store.write() as connection:
        if not _still_ours(connection, turn):
            return False
        append_message(connection, turn.conversation_id, reply, reply_to=turn.seq, listed=False)
        if reply.answer:
            note_answer(connection, turn.conversation_id, reply.answer["article"])
        _close(connection, turn, "done", listed=False)
        return True


def finish_turn_with_handoff(
    store: Store,
    turn: Turn,
    reason: str,
    language: str,
    notice: NewMessage,
    reply: NewMessage | None = None,
    *,
    after_hours: bool = False,
) -> bool:
    """Hands the conversation off: notice, queue entry and new owner in one transaction.

    `reply` is what the bot still says before; `after_hours` says that nobody is there. Returns False, with nothing
    changed, when the bot no longer owns the conversation.
    """
    with store.write() as connection:
        if not _still_ours(connection, turn):
            return False
        if reply is not None:
            append_message(connection, turn.conversation_id, reply)
            if reply.answer:
                note_answer(connection, turn.conversation_id, reply.answer["article"])
        append_message(connection, turn.conversation_id, notice, reply_to=turn.seq)
        add_handoff(connection, turn.conversation_id, reason, language, after_hours=after_hours)
        change_owner(connection, turn.conversation_id, "queued", agent_id=None)
        _close(connection, turn, "done")
        skip_waiting_turns(connection, turn.conversation_id)
        return True


def skip_waiting_turns(connection: Connection, conversation_id: str) -> None:
    """A person takes over: what the customer wrote meanwhile is theirs to answer."""
    connection.execute(
        update(turns)
        .where(turns.c.conversation_id == conversation_id, turns.c.status.in_(("waiting", "running")))
        .values(status="skipped", finished_at=moment_of(connection))
    )


def _still_ours(connection: Connection, turn: Turn) -> bool:
    """Whether the bot may speak. The row is written to, so that no owner change can slip in between.

    On PostgreSQL the UPDATE locks the conversation until this transaction ends; on SQLite there is only
    one writer anyway.
    """
    held = connection.execute(
        _HOLD, {"conversation": turn.conversation_id, "ours": turn.epoch, "now": moment_of(connection)}
    )
    if held.rowcount == 1 and connection.execute(_RUNNING, _named(turn)).first():
        return True
    _close(connection, turn, "skipped")
    return False


def _close(connection: Connection, turn: Turn, status: str, *, listed: bool = True) -> None:
    connection.execute(_CLOSE, {**_named(turn), "outcome": status, "now": moment_of(connection)})
    touch(connection, turn.conversation_id, listed=listed)


def _named(turn: Any) -> dict[str, Any]:
    return {"conversation": turn.conversation_id, "number": turn.seq}


def conversation_of(store: Store, turn: Turn) -> Conversation | None:
    """The conversation a turn belongs to, as it is now."""
    with store.read() as connection:
        return load_conversation(connection, turn.conversation_id)
