"""The mail queue: what is due, what became of it, and what the log says of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from odziv.store.conversations.conversation import change_owner, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import HOUR_MS, Store, moment_of, touch
from odziv.store.handoffs.handoff import add_handoff
from odziv.store.lengths import LONGEST_ERROR
from odziv.store.mail.recipients import Recipients, read_recipients
from odziv.store.mail.scope import Scope
from odziv.store.queue import Queue
from odziv.store.schema import conversations, mail_queue, mails, messages

# A mail under way in a process that ends is tried again after this long.
LEASE_MS = 10 * 60_000
_QUEUE = Queue(mail_queue, mail_queue.c.due_at)


@dataclass(frozen=True)
class MailToSend:
    """A mail to send. `attempts` counts the present one."""

    id: int
    conversation_id: str
    first_seq: int
    last_seq: int
    automatic: bool
    if_unread: bool
    recipient: str
    message_id: str
    attempts: int
    created_at: int
    recipients: Recipients
    remaining: tuple[str, ...]

    @property
    def is_begun(self) -> bool:
        """Whether somebody has got it already."""
        return self.remaining != self.recipients.all


@dataclass(frozen=True)
class MailState:
    """What became of a message by e-mail: waiting, sent, read, failed, held or bounced."""

    status: str
    attempts: int
    recipient: str
    error: str | None
    finished_at: int | None
    message_id: str
    recipients: Recipients | None = None  # where there are others than `recipient`


def take_mail(store: Store, scope: Scope | None = None) -> MailToSend | None:
    """The mail, of a scope, that is due longest, counted as tried; None when none is."""
    return _QUEUE.take(store, LEASE_MS, _load, *_within(scope))


def _load(connection: Connection, number: int) -> MailToSend:
    row = connection.execute(select(mail_queue).where(mail_queue.c.id == number)).mappings().one()
    plain = {key: row[key] for key in MailToSend.__dataclass_fields__}
    recipients = read_recipients(row["recipients"]) or Recipients((row["recipient"],))
    return MailToSend(
        **plain | {"recipients": recipients, "remaining": tuple(row["remaining"] or recipients.all)},
    )


def find_next_mail(store: Store, scope: Scope | None = None) -> int | None:
    """When the next mail is due; None when none waits."""
    return _QUEUE.find_next_due(store, *_within(scope))


def _within(scope: Scope | None) -> list[ColumnElement[bool]]:
    return [scope.holds(mail_queue.c.conversation_id)] if scope else []


def finish_mail(store: Store, due: MailToSend, status: str, entry: NewMessage | None = None) -> None:
    """It was sent, or need not be. With `entry`, the log tells agents something about it.

    Nothing changes, here and below, when it is no longer this attempt's: another has taken it since, or it came back.
    """
    with store.write() as connection:
        is_ours = _close(connection, due, status, None)
        if is_ours and entry is not None and load_conversation(connection, due.conversation_id) is not None:
            append_message(connection, due.conversation_id, entry)


def count_waiting(store: Store) -> int:
    """How many mails are still to go out."""
    with store.read() as connection:
        return connection.execute(select(func.count()).where(mail_queue.c.status == "waiting")).scalar_one()


def try_mail_later(
    store: Store,
    due: MailToSend,
    error: str,
    due_at: int,
    remaining: Sequence[str] = (),
    entry: NewMessage | None = None,
) -> None:
    """It did not work this time; with `remaining`, for these. With `entry`, the log tells agents of the others."""
    values = {"error": error[:LONGEST_ERROR], **({"remaining": list(remaining)} if remaining else {})}
    with store.write() as connection:
        if not _QUEUE.try_later(connection, [due], due_at, **values):
            return
        _touch(connection, due.conversation_id)
        if entry is not None and load_conversation(connection, due.conversation_id) is not None:
            append_message(connection, due.conversation_id, entry)


def give_up_mail(
    store: Store, due: MailToSend, status: str, error: str, entry: NewMessage, *, fetch_person: bool = False
) -> None:
    """It won't be sent, and the log says so to agents. With `fetch_person`, somebody is to look at it if only the bot
    has the conversation."""
    with store.write() as connection:
        conversation = load_conversation(connection, due.conversation_id)
        if conversation is None or not _close(connection, due, status, error):
            return
        append_message(connection, due.conversation_id, entry)
        if fetch_person and conversation.status == "bot":
            add_handoff(connection, due.conversation_id, "unanswered", conversation.language)
            change_owner(connection, due.conversation_id, "queued", agent_id=None)


def record_bounce(connection: Connection, message_id: str, error: str) -> None:
    """A mail of ours came back: whatever became of it before, and whoever has it."""
    bounced = update(mail_queue).where(mail_queue.c.message_id == message_id).returning(mail_queue.c.conversation_id)
    values = {"status": "bounced", "error": error[:LONGEST_ERROR], "finished_at": moment_of(connection)}
    row = connection.execute(bounced.values(**values)).first()
    if row is not None:
        _touch(connection, row.conversation_id)


def _touch(connection: Connection, conversation_id: str) -> None:
    """Has open pages of the conversation show what became of the mail."""
    changed = update(conversations).where(conversations.c.id == conversation_id)
    connection.execute(changed.values(updated_at=moment_of(connection)))
    touch(connection, conversation_id)


def _close(connection: Connection, due: MailToSend, status: str, error: str | None) -> bool:
    """Whether it was still ours to close."""
    if not _QUEUE.finish(connection, [due], status, error=error and error[:LONGEST_ERROR]):
        return False
    _touch(connection, due.conversation_id)
    return True


def count_automatic(store: Store, recipient: str) -> int:
    """How many automatic mails went to an address within the last hour."""
    statement = select(func.count()).where(
        mail_queue.c.recipient == recipient,
        mail_queue.c.automatic.is_(True),
        mail_queue.c.status.in_(("sent", "bounced")),
        mail_queue.c.created_at > store.clock() - HOUR_MS,
    )
    with store.read() as connection:
        return connection.execute(statement).scalar_one()


def read_thread(
    store: Store, conversation_id: str, answered: int | None = None
) -> tuple[str | None, list[tuple[int, str, bool]]]:
    """The customer's subject, and all Message-IDs of a conversation: (time, id, whether it came in), in order.

    The subject is that of their newest mail that has one. With the number of the message that is `answered`, mails that
    came after that one are left out.
    """
    ours = select(mail_queue.c.created_at, mail_queue.c.message_id).where(
        mail_queue.c.conversation_id == conversation_id, mail_queue.c.status.in_(("sent", "bounced"))
    )
    this = messages.c.conversation_id == mails.c.conversation_id, messages.c.seq == mails.c.seq
    theirs = (  # not what is only an entry: bounces, notices of absence
        select(mails.c.created_at, mails.c.message_id, mails.c.subject)
        .join(messages, and_(*this))
        .where(mails.c.conversation_id == conversation_id, messages.c.sender == "customer")
        .order_by(mails.c.id)
    )
    theirs = theirs if answered is None else theirs.where(mails.c.seq <= answered)
    with store.read() as connection:
        came = connection.execute(theirs).all()
        went = connection.execute(ours).all()
    ids = [(row.created_at, row.message_id, True) for row in came if row.message_id]
    ids += [(row.created_at, row.message_id, False) for row in went]
    subjects = [row.subject for row in came]
    return next((each for each in reversed(subjects) if each.strip()), "" if came else None), sorted(ids)


def list_states(store: Store, conversation_id: str) -> dict[int, MailState]:
    """What became of each message that was to go out by e-mail, by the number of the message."""
    statement = select(mail_queue).where(mail_queue.c.conversation_id == conversation_id).order_by(mail_queue.c.id)
    states: dict[int, MailState] = {}
    with store.read() as connection:
        for row in connection.execute(statement).mappings():
            told = {key: row[key] for key in MailState.__dataclass_fields__}
            state = MailState(**told | {"recipients": read_recipients(row["recipients"])})
            states |= dict.fromkeys(range(row["first_seq"], row["last_seq"] + 1), state)
    return states
