"""What goes out by e-mail is decided here, in the transaction that stores the message: acknowledged, it will go."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, insert, select, update

from odziv.store.engine import moment_of
from odziv.store.mail.recipients import Recipients, find_author, find_customer_address
from odziv.store.schema import mail_queue, mails, messages

# So long a mail waits: two answers sent in a row make one mail, and whoever reads in the widget gets none.
BY_MAIL_MS, UNREAD_MS = 10_000, 60_000
OWN_ID = r"<odziv\.[0-9a-f]{24}@[A-Za-z0-9.-]{1,255}>"


def queue_message(
    connection: Connection,
    conversation_id: str,
    seq: int,
    sender: str,
    *,
    internal: bool,
    reply_to: int | None,
    recipients: Recipients | None = None,
) -> None:
    """Puts the message just stored into the mail queue if it is one to send. Does nothing where no mail goes out.

    An agent's reply is, to its `recipients`, or to a customer with an address; of what the bot and the system say, only
    the reaction to a mail, to whoever wrote that, unless it forbids it.
    """
    domain = connection.info.get("mail_domain")
    if not domain or internal or sender == "customer":
        return
    if sender == "agent":
        _queue_reply(connection, conversation_id, seq, domain, recipients)
    elif reply_to is not None and _came_by_mail(connection, conversation_id, reply_to, answerable=True):
        first = seq - 1 if _is_opening(connection, conversation_id, seq - 1) else seq
        asked_by = find_author(connection, conversation_id, reply_to)
        _add(connection, conversation_id, (first, seq), domain, automatic=True, if_unread=False, recipient=asked_by)


def is_reached_by_mail(connection: Connection, conversation_id: str) -> bool:
    """Whether mail goes out, and the customer's last message is a mail that a machine may answer."""
    asked = _find_asked(connection, conversation_id)
    is_mail = asked is not None and _came_by_mail(connection, conversation_id, asked, answerable=True)
    return is_mail and bool(connection.info.get("mail_domain"))


def queue_word(connection: Connection, conversation_id: str, seq: int) -> None:
    """Puts a message of the system into the mail queue that reacts to no message; for who `is_reached_by_mail`."""
    _add(connection, conversation_id, (seq, seq), connection.info["mail_domain"], automatic=True, if_unread=False)


def _queue_reply(
    connection: Connection, conversation_id: str, seq: int, domain: str, recipients: Recipients | None
) -> None:
    kept = recipients.as_json() if recipients else None
    # Only the newest: what was said since to others must not go with an older one.
    newest = (
        select(mail_queue.c.id, mail_queue.c.status, mail_queue.c.attempts, mail_queue.c.recipients)
        .where(mail_queue.c.conversation_id == conversation_id, mail_queue.c.automatic.is_(False))
        .order_by(mail_queue.c.id.desc())
        .limit(1)
    )
    before = connection.execute(newest).first()
    if before and (before.status, before.attempts, before.recipients) == ("waiting", 0, kept):
        same = update(mail_queue).where(mail_queue.c.id == before.id)
        connection.execute(same.values(last_seq=seq))  # it goes with the one before
        return
    asked = _find_asked(connection, conversation_id)
    by_mail = asked is None or _came_by_mail(connection, conversation_id, asked)  # None: an agent began it
    # Who is in copy does not read along in the chat.
    if_unread = not by_mail and recipients is None
    _add(connection, conversation_id, (seq, seq), domain, automatic=False, if_unread=if_unread, recipients=recipients)


def _find_asked(connection: Connection, conversation_id: str) -> int | None:
    """The number of the customer's last message."""
    newest = (
        select(messages.c.seq)
        .where(messages.c.conversation_id == conversation_id, messages.c.sender == "customer")
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    return connection.execute(newest).scalar()


def _add(
    connection: Connection,
    conversation_id: str,
    span: tuple[int, int],
    domain: str,
    *,
    automatic: bool,
    if_unread: bool,
    recipient: str | None = None,
    recipients: Recipients | None = None,
) -> None:
    """To `recipients`, to one `recipient`, or to the customer."""
    recipient = recipients.to[0] if recipients else recipient or find_customer_address(connection, conversation_id)
    if not recipient:
        return
    now = moment_of(connection)
    wait = 0 if automatic else UNREAD_MS if if_unread else BY_MAIL_MS
    connection.execute(
        insert(mail_queue).values(
            conversation_id=conversation_id,
            first_seq=span[0],
            last_seq=span[1],
            automatic=automatic,
            if_unread=if_unread,
            recipient=recipient,
            recipients=recipients.as_json() if recipients else None,
            message_id=f"<odziv.{secrets.token_hex(12)}@{domain}>",
            status="waiting",
            attempts=0,
            due_at=now + wait,
            created_at=now,
        )
    )


def _came_by_mail(connection: Connection, conversation_id: str, seq: int, *, answerable: bool = False) -> bool:
    """Whether that message is a mail; with `answerable`, one that a machine may answer."""
    found = select(mails.c.id).where(mails.c.conversation_id == conversation_id, mails.c.seq == seq)
    if answerable:
        found = found.where(mails.c.automatic.is_(None))
    return connection.execute(found.limit(1)).first() is not None


def _is_opening(connection: Connection, conversation_id: str, seq: int) -> bool:
    """Whether the bot said that before its notice of a handoff: such a message reacts to nothing by itself."""
    found = select(messages.c.seq).where(
        messages.c.conversation_id == conversation_id,
        messages.c.seq == seq,
        messages.c.sender == "bot",
        messages.c.reply_to.is_(None),
    )
    return connection.execute(found).first() is not None
