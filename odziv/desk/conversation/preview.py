"""How a reply will look: the Markdown of the composer, rendered by the server as it will be when it is sent."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from odziv.cases.conversations.reply import LONGEST_REPLY, render_writing
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.roles import AGENT, action
from odziv.texts.desk import _, number
from odziv.web.forms import Form, Text, read_form
from odziv.web.services import services


class PreviewForm(Form):
    """What is in the composer."""

    text: Text = ""
    kind: str = ""


@action("/preview", needs=AGENT)
def preview() -> str:
    """The text as HTML; nothing is stored."""
    sent = read_form(PreviewForm)
    if len(sent.text) > LONGEST_REPLY:
        raise Refused(
            Kind.UNFIT,
            _(
                "%(count)s characters; a message can have %(most)s.",
                count=number(len(sent.text)),
                most=number(LONGEST_REPLY),
            ),
        )
    is_note = sent.kind == "note"
    html, _mentions = render_writing(services().store, current_user.agent, sent.text, internal=is_note)
    return render_template("desk/conversation/_preview.html", html=html)
