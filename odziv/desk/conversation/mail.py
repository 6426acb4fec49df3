"""E-mail at the desk: whether a conversation came by it, what became of each reply, and mails in their original."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import or_404
from odziv.desk.frame.roles import AGENT, page
from odziv.store.conversations.conversation import Conversation
from odziv.store.mail.inbound import find_original, list_originals
from odziv.store.mail.queue import MailState, list_states
from odziv.web.services import services


def show_mail(conversation: Conversation) -> dict[str, Any]:
    """What the page says of a conversation's e-mail, by the number of the message."""
    store = services().store
    states = list_states(store, conversation.id)
    newest = list(states.values())[-1:]
    return {
        "mail_states": states,
        "mail_originals": list_originals(store, conversation.id),
        "address_fails": any(state.status in {"bounced", "failed"} for state in newest),
    }


@blueprint.app_template_filter("mail_label")
def label_state(state: MailState) -> str:
    """What became of a mail, in words."""
    if state.status == "waiting":
        tried = (
            f" Tried {state.attempts} time{'s' if state.attempts > 1 else ''} so far: {state.error}"
            if state.error
            else ""
        )
        return f"Goes out by e-mail.{tried}"
    return {
        "sent": "Sent by e-mail",
        "read": "Read in the chat, not sent by e-mail",
        "failed": f"Not sent by e-mail: {state.error}",
        "held": "Not sent by e-mail: too many automatic answers to this address",
        "bounced": f"Sent by e-mail, but it came back: {state.error}",
    }[state.status]


@page("/conversations/<conversation_id>/mail/<int(max=999999999):seq>", needs=AGENT)
def show_original(conversation_id: str, seq: int) -> AnyResponse:
    """A mail as it came, quotes and signature included; as plain text, whatever it holds."""
    mail = or_404(find_original(services().store, conversation_id, seq))
    response = make_response(render_template("desk/conversation/original.txt", mail=mail))
    response.mimetype = "text/plain"
    return response
