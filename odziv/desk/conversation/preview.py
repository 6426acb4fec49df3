"""How a reply will look: the Markdown of the composer, rendered by the server as it will be when it is sent."""

from __future__ import annotations

from flask import render_template, request

from odziv.desk.conversation.conversation import LONGEST_REPLY, render_draft
from odziv.desk.frame.errors import Refused
from odziv.desk.frame.roles import AGENT, action


@action("/preview", needs=AGENT)
def preview() -> str:
    """The text as HTML; nothing is stored."""
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_REPLY:
        raise Refused(422, f"{len(text):,} characters; a message can have {LONGEST_REPLY:,}.")
    html, _ = render_draft(text, is_note=request.form.get("kind") == "note")
    return render_template("desk/_preview.html", html=html)
