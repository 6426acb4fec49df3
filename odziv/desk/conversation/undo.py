"""Taking a reply back while it is scheduled: for `odziv.desk.undo_seconds` nobody outside has seen it."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from odziv.cases.conversations.reply import take_back
from odziv.desk.blueprint import is_fragment
from odziv.desk.conversation.conversation import show_conversation
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.desk.queue.viewers import viewers
from odziv.desk.team.running import offer_macros
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies
from odziv.web.services import services


# The address keeps its word for a scheduled reply.
@action(f"/conversations/<conversation_id>/held/<int(max={LARGEST_ID}):scheduled_id>/undo", needs=AGENT)
def undo_reply(conversation_id: str, scheduled_id: int) -> str:
    """Takes back one's own reply, and puts its text back into the composer. 409 once it is sent."""
    conversation = find_or_404(conversation_id)
    taken = take_back(services().store, current_user.agent, conversation.id, scheduled_id)
    viewers().end_typing(conversation_id, current_user.id)
    if not is_fragment():
        return show_conversation(conversation_id, unsent=taken.text)
    scheduled = list_scheduled_replies(services().store, conversation_id)
    values = {
        "undone": taken.text,
        "files_left": taken.had_files,
        "undone_recipients": taken.recipients,
        **offer_macros(conversation),
    }
    return render_template(
        "desk/conversation/_scheduled.html", conversation=conversation, scheduled=scheduled, **values
    )
