"""The bot's turns: work recorded with the customer's message, done once, one at a time for a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, exists, or_, select, update

from odziv.store.conversations.conversation import Conversation, change_owner, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store, moment_of, touch
from odziv.store.handoffs.handoff import add_handoff, change_reason
from odziv.store.knowledge.article_answers import note_answer
from odziv.store.knowledge.topic_gaps import note_topic_gaps
from odziv.store.queue import Queue
from odziv.store.schema import conversations, mails, messages, turns


@dataclass(frozen=True)
class Turn:
    """A customer's message that waits for the bot. `epoch` is the ownership it was started under.

    Of one that came by mail (`by_mail`), `subject` is the mail's, and `quiet` why no machine may answer it, where it
    forbids that, and `mailbox` the name of the one it came to. `written_at` is when it was stored, in milliseconds.
    """

    conversation_id: str
    seq: int
    epoch: int
    text: str
    button: dict[str, Any] | None
    attempts: int
    attachments: list[dict[str, Any]] | None = None
    quiet: str | None = None
    subject: str | None = None
    by_mail: bool = False
    written_at: int = 0
    mailbox: str | None = None

    @property
    def is_only_files(self) -> bool:
        """Whether there is nothing to read: files, and not a word."""
        return bool(self.attachments) and not self.text


@dataclass(frozen=True)
class DueTurn:
    """A turn that may be taken. `visitor` is whose it is, where the conversation says so: a verified customer, or an
    address of e-mail.
    """

    conversation_id: str
    seq: int
    visitor: str | None


# A turn that nothing is heard of for this long is taken by another: whoever had it is gone, or stands still. Whoever
# works on one for longer says so, again and again (`keep_turns`).
LEASE_MS = 12_000
_earlier = turns.alias("earlier")
# In order, and one at a time: also while an earlier one is under way, or waits for its next try.
_IS_NEXT = ~exists().where(
    _earlier.c.conversation_id == turns.c.conversation_id,
    _earlier.c.seq < turns.c.seq,
    _earlier.c.finished_at.is_(None),
)
# Spam that is none after all has its turns begin anew, under another epoch.
_QUEUE = Queue(
    turns,
    turns.c.due_at,
    waiting=turns.c.finished_at.is_(None),
    may_begin=_IS_NEXT,
    begun={"status": "running"},
    known_by=("epoch",),
)
_THIS = (turns.c.conversation_id == bindparam("conversation")) & (turns.c.seq == bindparam("number"))
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
        mails.c.subject,
        mails.c.id.is_not(None).label("by_mail"),
        messages.c.created_at.label("written_at"),
        mails.c.mailbox,
    )
    .join(messages, (messages.c.conversation_id == turns.c.conversation_id) & (messages.c.seq == turns.c.seq))
    .outerjoin(mails, (mails.c.conversation_id == turns.c.conversation_id) & (mails.c.seq == turns.c.seq))
    .where(_THIS)
)
_HOLD = (
    update(conversations)
    .where(
        conversations.c.id == bindparam("conversation"),
        conversations.c.epoch == bindparam("ours"),
        conversations.c.status.in_(("bot", "queued")),
        exists().where(_THIS, turns.c.status == "running", turns.c.attempts == bindparam("attempt")),
    )
    .values(updated_at=bindparam("now"))
)


_VISITOR = case(
    (conversations.c.verified, conversations.c.site + "/" + conversations.c.customer),
    (conversations.c.channel == "mail", conversations.c.email),
)
# Whose it is, is looked up for what is due: in a join the database may begin with all the conversations.
_DUE = (
    select(
        turns.c.conversation_id,
        turns.c.seq,
        select(_VISITOR).where(conversations.c.id == turns.c.conversation_id).scalar_subquery(),
    )
    .where(_QUEUE.is_due(bindparam("now")), _IS_NEXT)
    .order_by(turns.c.due_at, turns.c.conversation_id, turns.c.seq)
    .limit(bindparam("most"))
)


def list_due_turns(store: Store, most: int) -> list[DueTurn]:
    """The turns that may be taken, one a conversation, those that have been due longest first."""
    with store.read() as connection:
        return [DueTurn(*row) for row in connection.execute(_DUE, {"now": store.clock(), "most": most})]


def take_this_turn(store: Store, due: DueTurn) -> Turn | None:
    """Claims one of those; None when another has it.

    Should the claim be lost with the machine, the turn is due again as it was.
    """
    with store.write(lasting=False) as connection:
        is_this = (turns.c.conversation_id == due.conversation_id) & (turns.c.seq == due.seq)
        which = is_this & (turns.c.due_at <= moment_of(connection))
        is_ours = bool(_QUEUE.claim(connection, LEASE_MS, which))
        return _load(connection, due.conversation_id, due.seq) if is_ours else None


def _load(connection: Connection, conversation_id: str, seq: int) -> Turn:
    return Turn(**connection.execute(_LOAD, {"conversation": conversation_id, "number": seq}).mappings().one())


def find_next_turn(store: Store) -> int | None:
    """When the next turn is or was due; None when there is none."""
    return _QUEUE.find_next_due(store)


def return_running_turns(store: Store) -> int:
    """At a start: turns that were under way when the process ended are due again at once, at their old place.

    So are those put off, or written before the machine's clock was set back. Returns how many that are.
    """
    with store.write() as connection:
        now = moment_of(connection)
        put_off = turns.c.finished_at.is_(None) & or_(turns.c.status == "running", turns.c.due_at > now)
        at_once = case((turns.c.created_at < now, turns.c.created_at), else_=now)
        return connection.execute(update(turns).where(put_off).values(status="waiting", due_at=at_once)).rowcount


def keep_turns(store: Store, taken: Sequence[Turn]) -> int:
    """They are still worked on: their leases begin anew. Returns how many; what another has taken stays its own."""
    with store.write() as connection:
        return _QUEUE.try_later(connection, taken, moment_of(connection) + LEASE_MS)


def try_turn_later(store: Store, turn: Turn, due_at: int) -> None:
    """Gives an unfinished turn back: somebody takes it again at `due_at`."""
    with store.write() as connection:
        _QUEUE.try_later(connection, [turn], due_at, status="waiting")


def skip_turn(store: Store, turn: Turn) -> None:
    """The bot has no say here any more."""
    with store.write() as connection:
        _close(connection, turn, "skipped")


def finish_turn(store: Store, turn: Turn, reply: NewMessage, reason: str | None = None) -> bool:
    """Stores the bot's reply if the conversation has the owner it was asked under, and nobody has taken the turn since.

    That owner is the bot, or the queue: whoever waits is answered too; with a `reason`, that is why they wait from now
    on. Returns whether it did.
    """
    with store.write() as connection:
        if not _close_ours(connection, turn, listed=False):
            return False
        append_message(connection, turn.conversation_id, reply, reply_to=turn.seq, listed=False)
        note_topic_gaps(connection, turn.conversation_id, turn.seq, reply.considered)
        if reply.answer:
            note_answer(connection, turn.conversation_id, reply.answer["article"])
        if reason is not None:
            change_reason(connection, turn.conversation_id, reason)
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
    changed, when the bot no longer owns the conversation, or another has taken the turn since.
    """
    with store.write() as connection:
        if not _close_ours(connection, turn):
            return False
        if reply is not None:
            append_message(connection, turn.conversation_id, reply)
            if reply.answer:
                note_answer(connection, turn.conversation_id, reply.answer["article"])
        append_message(connection, turn.conversation_id, notice, reply_to=turn.seq)
        note_topic_gaps(connection, turn.conversation_id, turn.seq, (reply or notice).considered)
        add_handoff(connection, turn.conversation_id, reason, language, after_hours=after_hours)
        change_owner(connection, turn.conversation_id, "queued", agent_id=None)
        skip_waiting_turns(connection, turn.conversation_id)
        return True


def skip_waiting_turns(connection: Connection, conversation_id: str) -> None:
    """A person takes over: what the customer wrote meanwhile is theirs to answer."""
    connection.execute(
        update(turns)
        .where(turns.c.conversation_id == conversation_id, turns.c.finished_at.is_(None))
        .values(status="skipped", finished_at=moment_of(connection))
    )


def _close_ours(connection: Connection, turn: Turn, *, listed: bool = True) -> bool:
    """Closes a turn whose reaction is stored with it; False, when it may not be stored.

    The conversation's row is written to, so that no owner change can slip in between. On PostgreSQL the UPDATE locks it
    until this transaction ends; on SQLite there is only one writer anyway.
    """
    wanted = {"conversation": turn.conversation_id, "number": turn.seq, "ours": turn.epoch, "attempt": turn.attempts}
    if connection.execute(_HOLD, {**wanted, "now": moment_of(connection)}).rowcount == 1:
        return _close(connection, turn, "done", listed=listed)
    _close(connection, turn, "skipped")
    return False


def _close(connection: Connection, turn: Turn, status: str, *, listed: bool = True) -> bool:
    """Whether it was still ours to close."""
    if not _QUEUE.finish(connection, [turn], status):
        return False
    touch(connection, turn.conversation_id, listed=listed)
    return True


def conversation_of(store: Store, turn: Turn) -> Conversation | None:
    """The conversation a turn belongs to, as it is now."""
    with store.read() as connection:
        return load_conversation(connection, turn.conversation_id)
