"""Deleting a conversation for good, by an administrator: for whoever asks by telephone or letter."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.forgetting import delete_for_good
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import ADMIN, action
from odziv.texts.desk import _
from odziv.web.services import services


@action("/conversations/<conversation_id>/delete", needs=ADMIN)
def delete_conversation(conversation_id: str) -> AnyResponse:
    """Removes it with everything that hangs on it; whoever has it open is told."""
    deleted = find_or_404(conversation_id).id
    delete_for_good(services().store, services().settings, deleted, by=current_user.id)
    flash(_("Deleted. Nothing that was said is left here; the audit trail notes that it was done."))
    return redirect(url_for("desk.show_queue"), 303)
