"""What a verb writes into the log beside what it does: entries for agents, notices to the customer."""

from __future__ import annotations

from typing import Any

from kb.render import render_plain
from odziv.store.conversations.messages import NewMessage
from odziv.texts.notices import notice


def internal_entry(message: str, **values: Any) -> NewMessage:
    """An entry in the log that agents read and customers don't: a message that `N_` marks, with its values.

    It is kept in English, whoever has it written; pages say it in their reader's language (`reword`).
    """
    text = message % values
    return NewMessage(sender="system", text=text, html=render_plain(text), internal=True)


def system_notice(key: str, language: str, **values: Any) -> NewMessage:
    """A notice to the customer, in their language."""
    text = notice(key, language, **values)
    return NewMessage(sender="system", text=text, html=render_plain(text))
