"""What an agent has begun to write, kept on the server: it is there on another device, and after a restart."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.desk.writing.recipients import RecipientsForm
from odziv.store.agents.reply_drafts import DraftChanged, ReplyDraft, find_draft, list_drafting, save_draft
from odziv.store.lengths import LONGEST_RECIPIENTS
from odziv.texts.desk import _
from odziv.web.forms import read_form, to_number
from odziv.web.services import services

LARGEST_VERSION = 10**15
FIELDS = ("to", "cc", "bcc")


class DraftForm(RecipientsForm):
    """The composer as it is, and the version it was begun from."""

    text: str = ""
    kind: str = "reply"
    version: str = "0"


@action("/conversations/<conversation_id>/draft", needs=AGENT)
def keep_draft(conversation_id: str) -> Response | tuple[Response, int]:
    """Keeps what is in the composer and says its version; 409 with what is kept, where this was begun from another."""
    find_or_404(conversation_id)
    draft = _read()
    try:
        version = save_draft(services().store, conversation_id, current_user.id, draft)
    except DraftChanged as changed:
        return jsonify(draft=as_json(changed.current)), 409
    except KeyError as error:
        raise Refused(Kind.NOT_FOUND, _("There is no such conversation.")) from error
    return jsonify(version=version)


def offer_draft(conversation_id: str) -> dict[str, Any]:
    """What the composer begins with, and which colleagues have begun to write there."""
    store = services().store
    return {
        "draft": find_draft(store, conversation_id, current_user.id),
        "drafting": list_drafting(store, conversation_id, current_user.id),
    }


def as_json(draft: ReplyDraft) -> dict[str, Any]:
    """As the page's script reads it."""
    return {"text": draft.text, "kind": draft.kind, "recipients": draft.recipients, "version": draft.version}


def _read() -> ReplyDraft:
    """What was sent. Raises Refused for more than a composer can hold."""
    sent = read_form(DraftForm)
    typed = {field: getattr(sent, field) for field in FIELDS}
    text = sent.text.replace("\r\n", "\n").replace("\0", "")
    if len(text) > 2 * LONGEST_REPLY or any(len(each) > LONGEST_RECIPIENTS for each in typed.values()):
        raise Refused(Kind.UNFIT, _("Not kept: this is too long."))
    is_chosen = any(typed.values()) and typed != {"to": sent.offered_to, "cc": "", "bcc": ""}
    kind = "note" if sent.kind == "note" else "reply"
    version = to_number(sent.version, LARGEST_VERSION) or 0
    return ReplyDraft(kind, text, typed if is_chosen else None, version)
