"""Taking a reply back while it is held: for `odziv.desk.undo_seconds` nobody outside has seen it."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from odziv.desk.blueprint import is_fragment
from odziv.desk.conversation.conversation import show_conversation
from odziv.desk.frame.errors import Refused
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.desk.queue.viewers import viewers
from odziv.store.handoffs.scheduled_replies import list_held, take_back_reply
from odziv.web.services import services

TOO_LATE = "Too late: it is on its way to the customer."


@action(f"/conversations/<conversation_id>/held/<int(max={LARGEST_ID}):held_id>/undo", needs=AGENT)
def undo_reply(conversation_id: str, held_id: int) -> str:
    """Takes back one's own reply, and puts its text back into the composer. 409 once it is sent."""
    conversation = find_or_404(conversation_id)
    held = list_held(services().store, conversation.id)
    files_left = any(reply.attachment_ids for reply in held if reply.id == held_id)
    text = take_back_reply(services().store, conversation.id, held_id, current_user.id)
    if text is None:
        raise Refused(409, TOO_LATE)
    services().hub.typing(conversation_id, "agent", False)
    viewers().announce_typing(conversation_id, current_user.id, False)
    if not is_fragment():
        return show_conversation(conversation_id, unsent=text)
    held = list_held(services().store, conversation_id)
    return render_template("desk/_held.html", conversation=conversation, held=held, undone=text, files_left=files_left)
