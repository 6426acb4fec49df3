"""Wrong answers of the bot: flagged by agents in the conversation, seen to by editors."""

from __future__ import annotations

from typing import Annotated

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import AfterValidator
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.drafting import clean_line
from odziv.cases.conversations.flag import flag_answer
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, EDITOR, action, page
from odziv.desk.knowledge.learning import PLACE
from odziv.store.knowledge.flags import count_flags, finish_flag, list_flags
from odziv.texts.desk import _
from odziv.web.forms import Form, read_form
from odziv.web.services import services


class FlagForm(Form):
    """What was wrong, in some words or none."""

    reason: Annotated[str, AfterValidator(clean_line)] = ""


@action(f"{PLACE}/flag", needs=AGENT)
def flag_message(conversation_id: str, seq: int) -> AnyResponse:
    """Flags a message of the bot as wrong, with an optional reason. A second time changes nothing."""
    reason = read_form(FlagForm).reason
    is_new = flag_answer(services().store, current_user.agent, conversation_id, seq, reason)
    flash(_("Flagged. An editor looks at it.") if is_new else _("This is flagged already."))
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id, at=seq, _anchor=f"m{seq}"), 303)


@page("/flags", needs=EDITOR)
def show_flags() -> str:
    """What is flagged and not seen to, newest first."""
    found = list_flags(services().store)
    return show_page(
        "desk/knowledge/flags.html", "flags", flags=found, more=max(0, count_flags(services().store) - len(found))
    )


@action(f"/flags/<int(max={LARGEST_ID}):flag_id>/done", needs=EDITOR)
def mark_flag_done(flag_id: int) -> AnyResponse:
    """Takes a flag off the page."""
    flash(_("Done.") if finish_flag(services().store, flag_id, current_user.id) else _("That was done already."))
    return redirect(url_for("desk.show_flags"), 303)
