"""Saved replies: the page where editors write them, and the list from which the composer inserts one."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from pydantic import ConfigDict

from kb.language.text import fold
from odziv.cases.conversations.placeholders import PLACEHOLDERS, fill
from odziv.cases.refused import Refused
from odziv.cases.saved_replies import catalogue
from odziv.cases.saved_replies.catalogue import LONGEST_TEXT, NewReply, get_reply
from odziv.cases.topics import label_language
from odziv.desk.conversation.filling import choose_text, find_values
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, EDITOR, action, page
from odziv.store.agents.saved_replies import SavedReply, list_saved_replies
from odziv.store.conversations.conversation import Conversation
from odziv.store.lengths import LONGEST_REPLY_NAME
from odziv.texts.desk import _
from odziv.web.forms import Form, Position, Text, read_form
from odziv.web.services import services

REPLY = f"/replies/<int(max={LARGEST_ID}):reply_id>"


class ReplyForm(Form):
    """A saved reply. Its texts are sent as `text-<language>`, whichever languages are served."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text]
    shortcut: Text = ""
    name: Text = ""
    version: Position = 0


class DeleteForm(Form):
    """Which version of a reply its editor saw."""

    version: Position = 0


@page("/replies", needs=EDITOR)
def show_replies() -> str:
    """Every saved reply."""
    return show_page("desk/conversation/replies.html", "replies", replies=list_saved_replies(services().store))


@page("/replies/new", needs=EDITOR)
def show_new_reply() -> str:
    """An empty form."""
    return _form(None, {})


@action("/replies/new", needs=EDITOR)
def add_reply() -> ResponseReturnValue:
    """Saves a new one; 422 with the form as it was filled in when something is wrong."""
    return _save(None)


@page(REPLY, needs=EDITOR)
def show_reply(reply_id: int) -> str:
    """The form with what is saved."""
    reply = get_reply(services().store, reply_id)
    fields = {"shortcut": reply.shortcut, "name": reply.name, "version": reply.version}
    return _form(reply, {**fields, **{f"text-{language}": text for language, text in reply.texts.items()}})


@action(REPLY, needs=EDITOR)
def change_reply(reply_id: int) -> ResponseReturnValue:
    """Saves a change; 409 when somebody else was quicker, 422 when something is wrong."""
    return _save(get_reply(services().store, reply_id))


@action(f"{REPLY}/delete", needs=EDITOR)
def delete_reply(reply_id: int) -> ResponseReturnValue:
    """Deletes it; 409 when somebody changed it since."""
    version = read_form(DeleteForm).version
    reply = catalogue.delete_reply(services().store, current_user.agent, reply_id, version)
    flash(_("Deleted: %(name)s.", name=reply.name))
    return redirect(url_for("desk.show_replies"), 303)


@page("/conversations/<conversation_id>/saved-replies", needs=AGENT)
def list_replies_for(conversation_id: str) -> ResponseReturnValue:
    """The saved replies as they would be inserted here: filled in, in the conversation's language if they have it."""
    shown = offer_replies(find_or_404(conversation_id))
    return jsonify(
        [{**one, "other_language": label_language(one["language"]) if one["other"] else None} for one in shown]
    )


def offer_replies(conversation: Conversation) -> list[dict[str, Any]]:
    """Each as it would be inserted in this conversation, and whether that is in another language."""
    values, shown = find_values(conversation), []
    for reply in list_saved_replies(services().store):
        language, text = choose_text(reply.texts, conversation.language)
        search = fold(" ".join((reply.shortcut, reply.name, *reply.texts.values())))
        filled = fill(text, values.get(language, values["en"]))
        title = {"shortcut": reply.shortcut, "name": reply.name, "language": language}
        shown.append({**title, "other": language != conversation.language, "text": filled, "search": search})
    return shown


def _save(reply: SavedReply | None) -> ResponseReturnValue:
    sent = read_form(ReplyForm)
    fields = sent.model_dump()
    texts = {name.removeprefix("text-"): text for name, text in fields.items() if name.startswith("text-")}
    wanted, store, settings = NewReply(sent.shortcut, sent.name, texts), services().store, services().settings
    try:
        catalogue.save_reply(store, settings, current_user.agent, wanted, former=reply, version=sent.version)
    except Refused as refused:
        return _form(reply, fields, refused.problem), STATUSES[refused.kind]
    flash(_("Saved: %(name)s.", name=sent.name))
    return redirect(url_for("desk.show_replies"), 303)


def _form(reply: SavedReply | None, fields: dict[str, Any], problem: str = "") -> str:
    return show_page(
        "desk/conversation/reply_form.html",
        "replies",
        reply=reply,
        fields=fields,
        problem=problem,
        languages=services().settings.languages,
        placeholders=PLACEHOLDERS,
        longest_name=LONGEST_REPLY_NAME,
        longest_text=LONGEST_TEXT,
    )
