"""Forwarding by e-mail: the page on which one is written, and what the log says of each."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from odziv.cases.mails.forward import FORWARDED_PER_HOUR, LONGEST_PASSED_ON, Passing, forward_by_mail, take_back
from odziv.cases.refused import Refused
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.labels import label_sender
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message, list_messages
from odziv.store.lengths import LONGEST_AGENT_CLIENT_ID, LONGEST_RECIPIENTS, LONGEST_SUBJECT
from odziv.store.mail.side import find_thread, goes_on_in, list_side_mails
from odziv.texts.desk import _, spoken
from odziv.texts.moments import say_date_and_time
from odziv.web.forms import Form, Text, read_address, read_form
from odziv.web.services import services


class ForwardForm(Form):
    """The mail, under an id that the page chose; with `thread`, it goes on with one there is."""

    to: Text = ""
    subject: Text = ""
    text: Text = ""
    passed_on: Text = ""
    file: tuple[str, ...] = ()
    thread: str = ""
    client_id: str = ""


class ThreadForm(Form):
    """The thread that is answered, if one is."""

    thread: str = ""


@page("/conversations/<conversation_id>/forward", needs=AGENT)
def show_forward(conversation_id: str) -> str:
    """The form, with what was said so far; with `?thread=…` an answer to who wrote."""
    conversation, what = find_or_404(conversation_id), read_address(ThreadForm)
    before = find_thread(services().store, what.thread) if what.thread else None
    if before and goes_on_in(services().store, before, conversation.id):
        return _show(conversation, ForwardForm(to=before.address, subject=before.subject, thread=before.thread))
    subject = f"Fwd: {conversation.subject}" if conversation.subject else ""
    return _show(conversation, ForwardForm(subject=subject, passed_on=write_said(conversation)))


@action("/conversations/<conversation_id>/forward", needs=AGENT)
def forward(conversation_id: str) -> ResponseReturnValue:
    """Keeps it to be sent, and shows the conversation; else the form and what is wrong."""
    conversation, sent = find_or_404(conversation_id), read_form(ForwardForm)
    services().rate_limits.check_hourly("forwarded", str(current_user.id), FORWARDED_PER_HOUR)
    passing = Passing(sent.to, sent.subject, sent.text, sent.passed_on, sent.file, sent.thread)
    key = sent.client_id.replace("\0", "")[:LONGEST_AGENT_CLIENT_ID]
    try:
        forward_by_mail(services().store, services().settings, current_user.agent, conversation, passing, key)
    except Refused as refused:
        return _show(conversation, sent, refused.problem), STATUSES[refused.kind]
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


@action("/conversations/<conversation_id>/forward/<int(max=999999999):seq>/undo", needs=AGENT)
def undo_forward(conversation_id: str, seq: int) -> ResponseReturnValue:
    """Takes back one's own while it waits. 409 once it is sent."""
    conversation = find_or_404(conversation_id)
    take_back(services().store, current_user.agent, conversation.id, seq)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


def show_forwards(conversation: Conversation) -> dict[str, Any]:
    """What the page says of them, by the number of the entry, and whether one can be written."""
    found = list_side_mails(services().store, conversation.id)
    return {"side_mails": found, "may_forward": services().settings.mail.is_on}


def _list_said(conversation: Conversation) -> list[Message]:
    """What the customer can read, too, and has a sender: no notes, and no notices."""
    said = list_messages(services().store, conversation.id)
    return [each for each in said if each.sender != "system"]


def write_said(conversation: Conversation) -> str:
    """As it is passed on: who it was without the customer's name, when, and the words.

    Where that is too much, the newest.
    """
    parts: list[str] = []
    room = LONGEST_PASSED_ON
    for message in reversed(_list_said(conversation)):
        part = _write_one(message)
        room -= len(part) + 2
        if room < 0:
            break
        parts.append(part)
    return "\n\n".join(reversed(parts))


def _write_one(message: Message) -> str:
    zone = ZoneInfo(services().settings.desk.hours.time_zone or "UTC")
    when = say_date_and_time(datetime.fromtimestamp(message.created_at / 1000, zone), spoken())
    who = label_sender(message) if message.sender != "customer" else _("Customer")
    files = [f"[{each['name']}]" for each in message.attachments or ()]
    return "\n".join([f"{who}, {when}:", *filter(None, (message.text, *files))])


def _show(conversation: Conversation, sent: ForwardForm, problem: str = "") -> str:
    listed = _list_said(conversation)
    files = [(each.seq, file) for each in listed for file in each.attachments or ()]
    passed_on = sent.passed_on.replace("\r\n", "\n")
    said = [(each.seq, part, part in passed_on) for each in listed for part in [_write_one(each)]]
    values: dict[str, Any] = {"conversation": conversation, "sent": sent, "problem": problem, "files": files}
    values |= {"said": said}
    values |= {"client_id": sent.client_id or secrets.token_hex(8), "is_on": services().settings.mail.is_on}
    values |= {"longest_address": LONGEST_RECIPIENTS, "longest_subject": LONGEST_SUBJECT}
    return show_page("desk/writing/forward.html", "inbox", **values)
