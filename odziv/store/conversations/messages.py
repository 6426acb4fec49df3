"""Messages: the log of a conversation, numbered by the store, read as "everything after N"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from odziv.store.agents.mentions import add_mentions
from odziv.store.agents.shown_name import name_for_customers
from odziv.store.conversations.attachments import put_into_message
from odziv.store.conversations.conversation import AGENT_OF, Conversation, change_owner, load_conversation
from odziv.store.engine import Store, moment_of, touch
from odziv.store.handoffs.returning import give_back
from odziv.store.handoffs.snooze_ends import wake
from odziv.store.handoffs.waiting_times import mark_danger, note_question
from odziv.store.knowledge.phrasings import TELLING, propose
from odziv.store.mail.outbound import queue_message
from odziv.store.mail.recipients import Recipients
from odziv.store.schema import agents, conversations, messages, portraits, turns
from odziv.store.search.entries import add_message_entries
from odziv.store.webhooks.events import emit_message


class Conflict(Exception):
    """The same client id was used for another text, or other attachments."""


@dataclass(frozen=True)
class Message:
    """One entry of the log. `sender` is customer, bot, agent or system; internal ones are for agents only."""

    conversation_id: str
    seq: int
    sender: str
    internal: bool
    client_id: str | None
    text: str
    html: str
    buttons: list[dict[str, Any]] | None
    answer: dict[str, Any] | None
    considered: list[dict[str, Any]] | None
    agent_id: int | None
    agent_name: str | None
    reply_to: int | None
    created_at: int
    attachments: list[dict[str, Any]] | None = None
    author: str | None = None  # who in copy of an e-mail wrote it, and not the customer
    agent_portrait: str | None = None  # the digest of the agent's picture
    agent_shown: str | None = None  # the name they chose for customers

    @property
    def agent_for_customers(self) -> str | None:
        """The agent's name, as customers read it."""
        return name_for_customers(self.agent_name, self.agent_shown) if self.agent_name else None

    @property
    def attachment_ids(self) -> list[str]:
        """Which files were sent with it, in their order."""
        return [attachment["id"] for attachment in self.attachments or ()]


@dataclass(frozen=True)
class NewMessage:
    """A message about to be stored: what the bot, an agent or the system says."""

    sender: str
    text: str
    html: str
    buttons: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    considered: list[dict[str, Any]] = field(default_factory=list)
    agent_id: int | None = None
    internal: bool = False
    client_id: str | None = None
    mentions: tuple[int, ...] = ()  # agents who are named in an internal note
    attachments: tuple[str, ...] = ()  # the ids of files that were uploaded before
    author: str | None = None  # as of a Message
    recipients: Recipients | None = None  # of the e-mail that it goes with; else the customer gets it


@dataclass(frozen=True)
class Alarm:
    """What is said when somebody's words are of danger and the bot has no say: to them, and to agents."""

    notice: NewMessage
    entry: NewMessage


SayJoined = Callable[[str, str], NewMessage]  # of a language and an agent's name

_SELECT = select(messages, *AGENT_OF).select_from(
    messages.outerjoin(agents, messages.c.agent_id == agents.c.id).outerjoin(
        portraits, portraits.c.agent_id == messages.c.agent_id
    )
)
# Built once: for a turn's dozen statements that takes longer than running them.
_OF_CONVERSATION = _SELECT.where(messages.c.conversation_id == bindparam("conversation"))
_BY_SEQ = _OF_CONVERSATION.where(messages.c.seq == bindparam("number"))
_BY_CLIENT_ID = _OF_CONVERSATION.where(messages.c.client_id == bindparam("client")).limit(1)
_NEWEST_OF_BOT = _OF_CONVERSATION.where(messages.c.sender == "bot").order_by(messages.c.seq.desc()).limit(1)
_AFTER = _OF_CONVERSATION.where(messages.c.seq > bindparam("number")).order_by(messages.c.seq)
_AFTER_PUBLIC = _AFTER.where(messages.c.internal.is_(False))
_NEXT_SEQ = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(last_seq=conversations.c.last_seq + 1, updated_at=bindparam("now"))
    .returning(conversations.c.last_seq)
)
_INSERT, _INSERT_TURN = insert(messages), insert(turns)


def add_customer_message(
    store: Store,
    conversation_id: str,
    client_id: str,
    text: str,
    html: str,
    button: dict[str, Any] | None = None,
    attachments: tuple[str, ...] = (),
    alarm: Alarm | None = None,
    joined: SayJoined | None = None,
    author: str | None = None,
) -> tuple[Message, bool]:
    """Stores what the customer wrote and, when it is the bot's turn, the turn it asks for, in one transaction.

    Where the conversation isn't the bot's, `alarm` is raised. While the customer waits for a person in the widget, the
    bot has a turn too: what it is sure of needn't wait.
    With `joined`, the notice of a language and a name, who comes back after a conversation was resolved finds the agent
    they had, when that one is there; else the bot starts over.
    With `author`, somebody who has the conversation's e-mails in copy wrote it.
    With a pressed choice, or when an answer that was in doubt helped, what they had asked before is proposed as a
    phrasing of that article.
    Returns the message and whether it is new: a repeated `client_id` gives the first one's message.
    Raises Conflict when that one had another text or other attachments, AttachmentUnknown when one of these can't be
    sent, KeyError when there is no such conversation.
    """
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None:
            raise KeyError(conversation_id)
        if (earlier := find_by_client_id(connection, conversation_id, client_id)) is not None:
            if earlier.text != text or earlier.attachment_ids != list(attachments):
                raise Conflict(client_id)
            return earlier, False
        agent_name = None
        if conversation.status == "resolved":  # the customer comes back
            agent_name = give_back(connection, conversation) if joined is not None else None
            if agent_name is None:
                change_owner(connection, conversation_id, "bot", agent_id=None)
            conversation = load_conversation(connection, conversation_id)
        draft = NewMessage("customer", text, html, client_id=client_id, attachments=attachments, author=author)
        message = append_message(connection, conversation_id, draft, listed=conversation.status != "bot")
        if agent_name is not None:
            append_message(connection, conversation_id, joined(conversation.language, agent_name))
        if button and button.get("kind") in TELLING and button.get("article"):
            propose(connection, conversation_id, button["article"], conversation.language)
        if conversation.status == "bot":
            add_turn(connection, conversation, message.seq, button)
        else:
            wake(connection, conversation_id, store.clock())
            note_question(connection, conversation_id, store.clock())
            if alarm is not None:
                raise_alarm(connection, conversation_id, message.seq, alarm)
            elif conversation.status == "queued" and conversation.channel == "widget":
                add_turn(connection, conversation, message.seq, button)
        return message, True


def raise_alarm(connection: Connection, conversation_id: str, seq: int, alarm: Alarm) -> None:
    """Message `seq` is of danger: where a person is waited for, or has the conversation, that is urgent from now on.

    Once. Agents read of it; the customer is told while nobody has them, for a person needs no help in that.
    """
    if not mark_danger(connection, conversation_id):
        return
    append_message(connection, conversation_id, alarm.entry)
    if load_conversation(connection, conversation_id).status == "queued":
        append_message(connection, conversation_id, alarm.notice, reply_to=seq)


def add_turn(connection: Connection, conversation: Conversation, seq: int, button: dict | None) -> None:
    """Asks for the bot's reaction to a message, in the caller's transaction."""
    now = moment_of(connection)
    connection.execute(
        _INSERT_TURN,
        {
            "conversation_id": conversation.id,
            "seq": seq,
            "status": "waiting",
            "epoch": conversation.epoch,
            "button": button,
            "attempts": 0,
            "due_at": now,
            "created_at": now,
        },
    )


def append_message(
    connection: Connection, conversation_id: str, draft: NewMessage, *, reply_to: int | None = None, listed: bool = True
) -> Message:
    """Gives the next sequence number and stores the message, in the caller's transaction; `listed` is as for `touch`.

    Raises AttachmentUnknown when one of its attachments is another's, or was sent before.
    """
    now = moment_of(connection)
    seq = connection.execute(_NEXT_SEQ, {"conversation": conversation_id, "now": now}).scalar_one()
    row = {
        "conversation_id": conversation_id,
        "seq": seq,
        "sender": draft.sender,
        "internal": draft.internal,
        "client_id": draft.client_id,
        "text": draft.text,
        "html": draft.html,
        "buttons": draft.buttons or None,
        "answer": draft.answer,
        "considered": draft.considered or None,
        "agent_id": draft.agent_id,
        "reply_to": reply_to,
        "created_at": now,
        "attachments": put_into_message(connection, conversation_id, seq, draft.agent_id, draft.attachments),
        "author": draft.author,
    }
    connection.execute(_INSERT, row)
    add_message_entries(connection, row)
    add_mentions(connection, conversation_id, seq, draft.mentions)
    touch(connection, conversation_id, listed=listed)
    how = {"internal": draft.internal, "reply_to": reply_to, "recipients": draft.recipients}
    queue_message(connection, conversation_id, seq, draft.sender, **how)
    # Read again only for the agent's name: it takes as long as writing it did.
    by_agent = draft.agent_id is not None
    message = _load(connection, conversation_id, seq) if by_agent else Message(**row, agent_name=None)
    emit_message(connection, message)
    return message


def select_messages() -> Select:
    """Messages with their agents' names, for whoever adds which ones."""
    return _SELECT


def list_messages(store: Store, conversation_id: str, after: int = 0, *, internal: bool = False) -> list[Message]:
    """The messages after a sequence number, in order; internal ones only on request."""
    with store.read() as connection:
        return load_messages(connection, conversation_id, after, internal=internal)


def load_messages(
    connection: Connection, conversation_id: str, after: int = 0, *, internal: bool = False
) -> list[Message]:
    """The same inside a transaction that is already open."""
    wanted = {"conversation": conversation_id, "number": after}
    return [Message(**row) for row in connection.execute(_AFTER if internal else _AFTER_PUBLIC, wanted).mappings()]


def find_by_client_id(connection: Connection, conversation_id: str, client_id: str) -> Message | None:
    """The message somebody sent under an id of theirs, in a transaction that is already open; None: there is none."""
    return _first(connection, _BY_CLIENT_ID, conversation=conversation_id, client=client_id)


def read_log(
    store: Store, conversation_id: str, after: int = 0, *, internal: bool = False
) -> tuple[Conversation | None, list[Message]]:
    """Conversation and messages as they stood at one moment."""
    with store.read() as connection, connection.begin():
        return (
            load_conversation(connection, conversation_id),
            load_messages(connection, conversation_id, after, internal=internal),
        )


def has_said(store: Store, conversation_id: str, opening: str) -> bool:
    """Whether the bot has begun a message with these words before."""
    wanted = messages.c.conversation_id == conversation_id, messages.c.sender == "bot"
    begins = messages.c.text.startswith(opening, autoescape=True)
    with store.read() as connection:
        return connection.execute(select(messages.c.seq).where(*wanted, begins).limit(1)).first() is not None


def find_button(store: Store, conversation_id: str, title: str, place: tuple[int, int] | None) -> dict[str, Any] | None:
    """The button a customer's text stands for: the one at `place` (message, index), or one of the bot's newest
    message with that title. None when the text is just text."""
    with store.read() as connection:
        if place is not None and (message := _load(connection, conversation_id, place[0])) is not None:
            buttons = message.buttons or []
            if place[1] < len(buttons) and buttons[place[1]]["title"] == title:
                return buttons[place[1]]
        newest = _newest_bot_message(connection, conversation_id)
        for button in (newest and newest.buttons) or []:
            if button["title"].casefold() == title.casefold():
                return button
    return None


def _newest_bot_message(connection: Connection, conversation_id: str) -> Message | None:
    return _first(connection, _NEWEST_OF_BOT, conversation=conversation_id)


def _load(connection: Connection, conversation_id: str, seq: int) -> Message | None:
    return _first(connection, _BY_SEQ, conversation=conversation_id, number=seq)


def _first(connection: Connection, statement: Select, **wanted: str | int) -> Message | None:
    row = connection.execute(statement, wanted).mappings().first()
    return Message(**row) if row else None
