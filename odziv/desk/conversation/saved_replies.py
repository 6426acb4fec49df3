"""Saved replies: the page where editors write them, and the list from which the composer inserts one."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from pydantic import ConfigDict

from kb.language.text import fold
from odziv.cases.conversations.placeholders import PLACEHOLDERS, fill, find_problem
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import label_language
from odziv.desk.conversation.filling import choose_text, find_values
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404, or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, EDITOR, action, page
from odziv.store.agents.saved_replies import (
    Outdated,
    SavedReply,
    ShortcutTaken,
    add_saved_reply,
    change_saved_reply,
    delete_saved_reply,
    find_saved_reply,
    list_saved_replies,
)
from odziv.store.lengths import LONGEST_REPLY_NAME, LONGEST_SHORTCUT
from odziv.texts.desk import N_, _, number
from odziv.web.forms import Form, Position, Text, read_form
from odziv.web.services import services

SHORTCUT = re.compile(rf"[a-z0-9](?:[a-z0-9-]{{0,{LONGEST_SHORTCUT - 2}}}[a-z0-9])?")
LONGEST_TEXT, MOST = 5000, 500
REPLY = f"/replies/<int(max={LARGEST_ID}):reply_id>"
OUTDATED = N_("Somebody changed or deleted this meanwhile. Nothing was saved; open it again to see what it is now.")


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
    reply = _find(reply_id)
    fields = {"shortcut": reply.shortcut, "name": reply.name, "version": reply.version}
    return _form(reply, {**fields, **{f"text-{language}": text for language, text in reply.texts.items()}})


@action(REPLY, needs=EDITOR)
def change_reply(reply_id: int) -> ResponseReturnValue:
    """Saves a change; 409 when somebody else was quicker, 422 when something is wrong."""
    return _save(_find(reply_id))


@action(f"{REPLY}/delete", needs=EDITOR)
def delete_reply(reply_id: int) -> ResponseReturnValue:
    """Deletes it; 409 when somebody changed it since."""
    reply = _find(reply_id)
    try:
        delete_saved_reply(services().store, reply.id, read_form(DeleteForm).version, current_user.id)
    except Outdated:
        raise Refused(Kind.CONFLICT, _(OUTDATED)) from None
    flash(_("Deleted: %(name)s.", name=reply.name))
    return redirect(url_for("desk.show_replies"), 303)


@page("/conversations/<conversation_id>/saved-replies", needs=AGENT)
def list_replies_for(conversation_id: str) -> ResponseReturnValue:
    """The saved replies as they would be inserted here: filled in, in the conversation's language if they have it."""
    conversation = find_or_404(conversation_id)
    values, shown = find_values(conversation), []
    for reply in list_saved_replies(services().store):
        language, text = choose_text(reply.texts, conversation.language)
        other = label_language(language) if language != conversation.language else None
        search = fold(" ".join((reply.shortcut, reply.name, *reply.texts.values())))
        filled = fill(text, values.get(language, values["en"]))
        title = {"shortcut": reply.shortcut, "name": reply.name, "language": language, "other_language": other}
        shown.append({**title, "text": filled, "search": search})
    return jsonify(shown)


def _save(reply: SavedReply | None) -> ResponseReturnValue:
    sent = read_form(ReplyForm)
    fields = sent.model_dump()
    texts = _read_texts(fields, reply)
    problem = _find_problem(fields, texts) or (_find_limit() if reply is None else None)
    if problem:
        return _form(reply, fields, problem), 422
    store, shortcut, name = services().store, sent.shortcut, sent.name
    try:
        if reply is None:
            add_saved_reply(store, shortcut, name, texts, current_user.id)
        else:
            change_saved_reply(store, reply.id, sent.version, shortcut, name, texts, current_user.id)
    except ShortcutTaken:
        return _form(
            reply, fields, _("Not saved: another reply has the shortcut /%(shortcut)s.", shortcut=shortcut)
        ), 422
    except Outdated:
        return _form(reply, fields, _(OUTDATED)), 409
    flash(_("Saved: %(name)s.", name=name))
    return redirect(url_for("desk.show_replies"), 303)


def _read_texts(fields: dict[str, str], reply: SavedReply | None) -> dict[str, str]:
    """The texts by language, those in languages that are no longer served included."""
    served = services().settings.languages
    kept = {language: text for language, text in (reply.texts if reply else {}).items() if language not in served}
    return {**{language: text for language in served if (text := fields.get(f"text-{language}"))}, **kept}


def _find_problem(fields: dict[str, str], texts: dict[str, str]) -> str | None:
    name = fields.get("name", "")
    if not SHORTCUT.fullmatch(fields.get("shortcut", "")):
        return _(
            "Not saved: a shortcut has up to %(most)s small letters a–z, digits and hyphens, like refund-time.",
            most=LONGEST_SHORTCUT,
        )
    if not name or len(name) > LONGEST_REPLY_NAME or not name.isprintable():
        return _("Not saved: please give it a name of up to %(most)s characters.", most=LONGEST_REPLY_NAME)
    if not texts:
        return _("Not saved: please write the text in at least one language.")
    for language, text in texts.items():
        if problem := _find_problem_in(text):
            return _("Not saved, %(language)s: %(problem)s", language=label_language(language), problem=problem)
    return None


def _find_problem_in(text: str) -> str | None:
    if "\0" in text:
        return _("the text holds a character that can’t be shown.")
    if len(text) > LONGEST_TEXT:
        count, most = number(len(text)), number(LONGEST_TEXT)
        return _("the text has %(count)s characters; it can have %(most)s.", count=count, most=most)
    return find_problem(text)


def _find_limit() -> str | None:
    if len(list_saved_replies(services().store)) < MOST:
        return None
    return _(
        "Not saved: there are %(most)s replies already. Nobody finds their way in more; delete some first.", most=MOST
    )


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


def _find(reply_id: int) -> SavedReply:
    return or_404(find_saved_reply(services().store, reply_id))
