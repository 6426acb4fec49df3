"""Writing: an agent's reply to the customer, which is scheduled for some seconds later, or a note for colleagues."""

from __future__ import annotations

from dataclasses import dataclass

from kb.render import render
from odziv.cases.conversations.lookup import get_conversation, say_who_has
from odziv.cases.conversations.mentions import mark_mentions
from odziv.cases.conversations.placeholders import find_unfilled
from odziv.cases.refused import Kind, Refused, UnreadMessage
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.attachments import MOST_IN_MESSAGE, AttachmentUnknown
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message, NewMessage, list_messages
from odziv.store.conversations.unread import Unread
from odziv.store.handoffs.handoff import add_agent_message
from odziv.store.handoffs.scheduled_replies import (
    ScheduledReply,
    TakenBack,
    list_scheduled_replies,
    schedule_reply,
    take_back_reply,
)
from odziv.store.mail.recipients import Recipients, read_recipients
from odziv.texts.desk import N_, _, number

LONGEST_REPLY = 10_000
MOST_TOLD = 300  # characters of what they wrote
TOO_LATE = N_("Too late: it is on its way to the customer.")


@dataclass(frozen=True)
class Taken:
    """A reply that was taken back: its text, whether files went with it, and whom it was to go to by e-mail."""

    text: str
    had_files: bool
    recipients: Recipients | None = None


def check_writing(text: str, attachments: tuple[str, ...], *, internal: bool) -> None:
    """Raises Refused for what can't be sent as it is: nothing, too much, or with a placeholder still to be filled."""
    if not text and not attachments:
        raise Refused(Kind.INVALID, _("Please write something first."))
    if len(attachments) > MOST_IN_MESSAGE:
        raise Refused(Kind.UNFIT, _("Not sent: a message can have %(most)s files.", most=MOST_IN_MESSAGE))
    if len(text) > LONGEST_REPLY:
        raise Refused(
            Kind.UNFIT,
            _(
                "Not sent: %(count)s characters; a message can have %(most)s.",
                count=number(len(text)),
                most=number(LONGEST_REPLY),
            ),
        )
    if not internal and (placeholder := find_unfilled(text)):
        raise Refused(
            Kind.UNFIT,
            _("Not sent: %(placeholder)s is a placeholder. Write what should stand there.", placeholder=placeholder),
        )


def draft_message(
    store: Store,
    agent: Agent,
    text: str,
    client_id: str,
    *,
    internal: bool,
    attachments: tuple[str, ...] = (),
    recipients: Recipients | None = None,
) -> NewMessage:
    """What the agent is about to say, under an id that their page or program chose, and whom it goes to by e-mail."""
    html, mentioned = render_writing(store, agent, text, internal=internal)
    return NewMessage(
        sender="agent",
        text=text,
        html=html,
        mentions=mentioned,
        agent_id=agent.id,
        internal=internal,
        # Never a name that a customer's own message could have taken.
        client_id=f"a{agent.id}-{client_id}" if client_id else None,
        attachments=attachments,
        recipients=recipients,
    )


def render_writing(store: Store, agent: Agent, text: str, *, internal: bool) -> tuple[str, tuple[int, ...]]:
    """An agent's Markdown as HTML, and in a note the agents it names."""
    return mark_mentions(store, agent, text, render(text)) if internal else (render(text), ())


def write_message(
    store: Store,
    agent: Agent,
    conversation_id: str,
    draft: NewMessage,
    *,
    delay_ms: int = 0,
    seen: int | None = None,
) -> Message | ScheduledReply:
    """Stores a note, or a reply; with `delay_ms` a reply can be taken back for so many milliseconds before it goes.

    A repeat gives what the first one did. Raises Refused unless this agent has the conversation; anybody may add notes.
    Raises UnreadMessage for a reply when the customer has written since message number `seen`, the last one the agent
    saw: it would cross theirs.
    """
    conversation = get_conversation(store, conversation_id)
    try:
        kept = _keep(store, agent, conversation_id, draft, delay_ms, seen)
    except Unread as error:
        raise _tell_crossing(store, conversation, seen or 0) from error
    except AttachmentUnknown as error:
        problem = _("Not sent: a file was sent already, or is gone. Please attach it again.")
        raise Refused(Kind.CONFLICT, problem) from error
    except TakenBack:
        problem = _("Not sent: this was taken back. To send it after all, change something in it.")
        raise Refused(Kind.CONFLICT, problem) from None
    if kept is None:
        raise Refused(Kind.CONFLICT, _("Not sent: %(who)s", who=say_who_has(conversation)))
    if _said(kept) != (draft.text, agent.id, draft.internal, list(draft.attachments)):
        problem = _("Not sent: this page sent another message under the same id. Please reload it.")
        raise Refused(Kind.CONFLICT, problem)
    return kept


def take_back(store: Store, agent: Agent, conversation_id: str, scheduled_id: int) -> Taken:
    """Takes back the agent's own reply while it is scheduled; asked again, the same. Raises Refused once it is sent."""
    scheduled = [reply for reply in list_scheduled_replies(store, conversation_id) if reply.id == scheduled_id]
    had_files = any(reply.attachment_ids for reply in scheduled)
    recipients = read_recipients(scheduled[0].recipients) if scheduled else None
    text = take_back_reply(store, conversation_id, scheduled_id, agent.id)
    if text is None:
        raise Refused(Kind.CONFLICT, _(TOO_LATE))
    return Taken(text, had_files, recipients)


def _keep(
    store: Store, agent: Agent, conversation_id: str, draft: NewMessage, delay_ms: int, seen: int | None
) -> Message | ScheduledReply | None:
    """Stores a note, or a reply that nobody may take back, at once; schedules any other reply."""
    if draft.internal or not delay_ms:
        return add_agent_message(store, conversation_id, agent.id, draft, seen=seen)
    return schedule_reply(store, conversation_id, draft, store.clock() + delay_ms, seen=seen)


def _tell_crossing(store: Store, conversation: Conversation, seen: int) -> UnreadMessage:
    """Who wrote meanwhile, and how that begins."""
    since = list_messages(store, conversation.id, after=seen)
    written = next((message for message in reversed(since) if message.sender == "customer"), None)
    if written is None:  # deleted a moment ago
        return UnreadMessage(Kind.CONFLICT, _("Not sent: the customer wrote meanwhile."))
    who = written.author or conversation.name
    said = " ".join(written.text.split()) or ", ".join(file["name"] for file in written.attachments or ())
    said = f"{said[:MOST_TOLD]}…" if len(said) > MOST_TOLD else said
    if who:
        problem = _("Not sent: %(name)s wrote meanwhile: “%(said)s”", name=who, said=said)
    else:
        problem = _("Not sent: the customer wrote meanwhile: “%(said)s”", said=said)
    return UnreadMessage(Kind.CONFLICT, problem, written.seq)


def _said(kept: Message | ScheduledReply) -> tuple[str, int | None, bool, list[str]]:
    is_note = isinstance(kept, Message) and kept.internal
    return kept.text, kept.agent_id, is_note, list(kept.attachment_ids)
