"""What stands in a notification, in the agent's language: what happened and how often, never what a customer wrote."""

from __future__ import annotations

from typing import Any

from odziv.cases.topics import label_language, label_reason
from odziv.texts.desk import _, ngettext, speaking


def word(tag: str, content: dict[str, Any], language: str) -> dict[str, str]:
    """Title and body of a notification of this kind."""
    with speaking(language):
        if tag == "handoff":
            title = ngettext("A customer is waiting", "%(num)s customers are waiting", content["count"])
            return {"title": title, "body": f"{label_reason(content['reason'])}, {label_language(content['language'])}"}
        if tag == "message":
            title = ngettext("Your customer has written", "%(num)s of your customers have written", content["count"])
            return {"title": title, "body": _("Press to open the conversation.")}
        if tag == "mention":
            title = ngettext("A new mention for you", "%(num)s new mentions for you", content["count"])
            return {"title": title, "body": _("Press to open the conversation.")}
        return {"title": _("This is how it looks"), "body": _("Press it to come back to the desk.")}
