"""Words of danger from a customer whose conversation is a person's, or waits for one: the bot has no say there."""

from __future__ import annotations

from kb.render import render, render_plain
from odziv.cases.absence import find_absence, say_danger
from odziv.cases.danger import find_danger
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Alarm, NewMessage
from odziv.texts.desk import N_

ENTRY = N_("Somebody may be in danger: please read the last message. The priority is urgent now.")


def find_alarm(
    store: Store, settings: Settings, conversation: Conversation, text: str, *, by_mail: bool = False
) -> Alarm | None:
    """What to say to the customer and to agents about a message with these words; None for all others.

    The store says it, with the message, and only where the bot doesn't.
    """
    danger = find_danger(text)
    if danger is None:
        return None
    language = danger.language(conversation.language, settings.languages)
    absence = find_absence(store, settings, conversation.language, conversation.mailbox)
    said = say_danger(absence, language, is_self=danger.kind == "self", by_mail=by_mail)
    entry = NewMessage(sender="system", text=ENTRY, html=render_plain(ENTRY), internal=True)
    return Alarm(notice=NewMessage(sender="system", text=said, html=render(said)), entry=entry)
