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
from odziv.texts.desk import N_, _, ngettext
from odziv.web.services import services

STATES = {
    "sent": N_("Sent by e-mail"),
    "read": N_("Read in the chat, not sent by e-mail"),
    "failed": N_("Not sent by e-mail: %(error)s"),
    "held": N_("Not sent by e-mail: too many automatic answers to this address"),
    "bounced": N_("Sent by e-mail, but it came back: %(error)s"),
}


def show_mail(conversation: Conversation) -> dict[str, Any]:
    """What the page says of a conversation's e-mail, by the number of the message."""
    store = services().store
    states = list_states(store, conversation.id)
    newest = list(states.values())[-1:]
    boxes = services().settings.mailboxes
    came_to = boxes.get(conversation.mailbox or "") if len(boxes) > 1 else None
    return {
        "came_to": came_to.address if came_to else "",
        "mail_states": states,
        "mail_originals": list_originals(store, conversation.id),
        "address_fails": any(state.status in {"bounced", "failed"} for state in newest),
    }


@blueprint.app_template_filter("mail_label")
def label_state(state: MailState) -> str:
    """What became of a mail, in words."""
    if state.status == "waiting":
        if not state.error:
            return _("Goes out by e-mail.")
        return ngettext(
            "Goes out by e-mail. Tried %(num)s time so far: %(error)s",
            "Goes out by e-mail. Tried %(num)s times so far: %(error)s",
            state.attempts,
            error=state.error,
        )
    return _(STATES[state.status], error=state.error)


@page("/conversations/<conversation_id>/mail/<int(max=999999999):seq>", needs=AGENT)
def show_original(conversation_id: str, seq: int) -> AnyResponse:
    """A mail as it came, quotes and signature included; as plain text, whatever it holds."""
    mail = or_404(find_original(services().store, conversation_id, seq))
    response = make_response(render_template("desk/conversation/original.txt", mail=mail))
    response.mimetype = "text/plain"
    return response
